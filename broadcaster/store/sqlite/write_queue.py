"""A queue of the processes that want to write to one SQLite file.

SQLite's write lock knows no order: a busy daemon takes it again a millisecond after it released
it, and a person who posts meanwhile would find it free only by luck.  So every writer first takes
a lock of this queue, and keeps it until SQLite's lock is theirs.  The queue is a courtesy: a writer
that does not get its lock writes all the same.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from broadcaster.store.sharing import open_shared

ASK_S = 0.001
"""Between two tries to lock the queue, or the database."""
PATIENCE_S = 0.25
"""Nobody keeps it for longer, unless stopped or frozen."""
ALONE_S = 10.0
"""After it was waited for in vain it is not asked for so long."""


class WriteQueue:
    """``store``: the database's file; the queue is a lock on a file beside it."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(store.name + ".turn")
        self._file: int | None = None
        self._alone_until = 0.0
        self._ours = False

    def take(self, *, wait: bool = True) -> bool:
        """Wait for it, a little while; without ``wait``: False if somebody else has it."""
        now = time.monotonic()
        if now < self._alone_until:
            return True
        try:
            if self._file is None:
                self._file = open_shared(self._path, os.O_RDWR)
            while not self._ours:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if not wait:
                        return False
                    if time.monotonic() - now > PATIENCE_S:
                        self._alone_until = time.monotonic() + ALONE_S
                        return True
                    time.sleep(ASK_S)
                else:
                    self._ours = True
        except OSError:  # a full disk, a folder that is not ours, a file system without locks
            self._alone_until = now + ALONE_S
        return True

    def leave(self) -> None:
        """Let the next one take it."""
        if self._ours and self._file is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            except OSError:  # a broken disk: the lock goes with the file
                self.close()
            self._ours = False

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file, self._ours = None, False
