"""Whose turn it is to write next.

SQLite's write lock knows no order: a busy daemon takes it again a millisecond after it has let go,
and whoever posts meanwhile has to be lucky to find it free.  So whoever wants to write takes the
turn first, and keeps it until the lock is theirs: the next one in line is then always the next to
write.  The turn is a courtesy and never the truth: without it one writes all the same.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from broadcaster.store.sharing import open_shared

ASK_S = 0.001
"""Between two questions for the turn, or for the lock."""
PATIENCE_S = 0.25
"""Nobody keeps it for longer, unless stopped or frozen."""
ALONE_S = 10.0
"""After it was waited for in vain it is not asked for so long."""


class Turn:
    """``store``: the database's file, beside which the turn has a file of its own."""

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
