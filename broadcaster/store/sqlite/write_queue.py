"""A queue of the processes that want to write to one SQLite file.

SQLite's write lock has no order: a busy daemon takes it again a millisecond after it released it,
and another process would find it free only by luck.  So every writer first takes the lock of this
queue, and keeps it until it has SQLite's lock.  The queue is only for fairness: a writer that does
not get the queue's lock writes nevertheless.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from broadcaster.store.sharing import open_shared

ASK_S = 0.001
"""Seconds between two attempts to lock the queue or the database."""
PATIENCE_S = 0.25
"""Most seconds to wait for the queue; only a stopped or frozen process keeps it longer."""
ALONE_S = 10.0
"""Seconds during which the queue is not used, after waiting for it in vain."""


class WriteQueue:
    """``store``: the database's file; the queue is a lock on a file beside it."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(store.name + ".turn")
        self._file: int | None = None
        self._alone_until = 0.0
        self._ours = False

    def take(self, *, wait: bool = True) -> bool:
        """Wait a little for the lock; without ``wait``: False if another process has it."""
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
        """Release the lock for the next writer."""
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
