"""The lock by which a daemon is the only one on a SQLite store."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.sharing import open_shared

_PID = 20
"""Bytes that are enough for the id of a process."""


class Exclusive:
    """A lock that is held while its file is open, so the end of the process releases it."""

    def __init__(self, store: Path) -> None:
        path = store.with_name(store.name + ".lock")
        try:
            self._file = open_shared(path, os.O_RDWR)
        except OSError as error:
            raise InputError(
                say(
                    "the store {store} may only be read by this user ({reason}: {path})",
                    store=store,
                    reason=say(str(error.strerror)),
                    path=path,
                )
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = os.pread(self._file, _PID, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            pid = said if said.isdecimal() else "unknown"
            raise InputError(
                say(
                    "another daemon (pid {pid}) works on the store {store}; stop it "
                    "first, or use PostgreSQL for several daemons",
                    pid=pid,
                    store=store,
                )
            ) from None
        except OSError as error:
            os.close(self._file)
            raise InputError(
                say(
                    "the lock {path} cannot be had ({reason}); check the disk of state_dir",
                    path=path,
                    reason=say(str(error.strerror)),
                )
            ) from None
        with suppress(OSError):  # the id is only information: the lock works on a full disk
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._file)
