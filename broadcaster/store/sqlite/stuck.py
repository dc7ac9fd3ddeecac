"""Detects a lock that SQLite believes to be released, while this process still holds it.

One failed call to unlock is enough.  From then on, every write of this process fails as if another
program were writing.  Only the end of the process releases the lock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from broadcaster.language import say
from broadcaster.store.store import StoreStuck

STUCK_S = 10.0
"""Seconds after which a lock of ours is stuck; our transactions are far shorter."""
_LOCKS = Path("/proc/locks")


class StuckLock:
    """Finds out why the store at ``path`` is busy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._since: float | None = None

    def free(self) -> None:
        """Note that a write succeeded."""
        self._since = None

    def judge(self) -> None:
        """Note that a write waited in vain.

        :raises StoreStuck: it waits for this process itself.
        """
        now = time.monotonic()
        if self._since is None:
            self._since = now
        elif now - self._since > STUCK_S and self._is_ours():
            raise StoreStuck(
                say(
                    "the store {path}: the disk has refused to give back a lock of this "
                    "process (pid {getpid}), which only its end does; start it again",
                    path=self._path,
                    getpid=os.getpid(),
                )
            ) from None

    def _is_ours(self) -> bool:
        """Whether the kernel lists the lock as ours; False on systems other than Linux."""
        for suffix in ("-shm", ""):
            try:
                file = self._path.with_name(self._path.name + suffix).stat()
                lines = _LOCKS.read_text("ascii").splitlines()
            except OSError:
                continue
            place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
            for line in lines:
                # 1: POSIX  ADVISORY  WRITE 4711 08:01:131090 120 120
                words = line.split()
                if words[1] == "POSIX" and words[3:6] == ["WRITE", str(os.getpid()), place]:
                    return True
        return False
