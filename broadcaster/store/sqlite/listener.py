"""Waits for writes of other processes: a second connection that polls a counter in memory."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event

from broadcaster.errors import InputError
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.store.store import StoreBusy

LOOK_S = 0.05
"""Seconds between two looks; ``pragma data_version`` costs only 5 microseconds."""
SOON_S, SOON_FOR_S = 0.01, 5.0
"""Seconds between two looks for some seconds after a write, since more often follow."""

AGAIN_S = 0.5
"""Seconds between two looks at a file that cannot be read."""


class WriteListener:
    """Not thread-safe: one thread calls :meth:`wait`; any thread may call :meth:`close`."""

    def __init__(self, path: Path, busy_s: float, changes: int) -> None:
        """``changes``: the counter as the caller last saw it."""
        self._path = path
        self._busy_s = busy_s
        self._closed = Event()
        self._cx: Connection | None = None
        self._version = -1
        self._changes = changes
        self._soon_until = 0.0

    def wait(self, timeout: float) -> bool:
        """Wait for a write; False: the time is over, or the store was closed."""
        end = time.monotonic() + timeout
        while not self._closed.is_set():
            try:
                if self._changed():
                    self._soon_until = time.monotonic() + SOON_FOR_S
                    return True
            except (StoreBusy, InputError, dbapi.DatabaseError):
                self._closed.wait(AGAIN_S)  # else whoever asks again at once never rests
                return True  # the next tick will tell
            now = time.monotonic()
            if now >= end:
                return False
            self._closed.wait(min(SOON_S if now < self._soon_until else LOOK_S, end - now))
        if self._cx is not None:
            self._cx.close()
            self._cx = None
        return False

    def close(self) -> None:
        self._closed.set()

    def _changed(self) -> bool:
        if self._cx is None:
            self._cx = Connection(self._path, busy_s=self._busy_s)
        version: int = self._cx.scalar("pragma data_version")
        if version == self._version:
            return False
        before = self._changes
        self._version = version
        self._changes = self._cx.scalar("select value from meta where key = 'changes'")
        return self._changes != before
