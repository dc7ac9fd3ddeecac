"""The lock that makes a daemon the only one of a SQLite store."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from broadcaster.errors import InputError
from broadcaster.store.sharing import make_file


class Exclusive:
    """Held as long as the file stays open, so also lost with the process, however it ends."""

    def __init__(self, store: Path) -> None:
        path = store.with_name(store.name + ".lock")
        try:
            make_file(path)
            self._file: BinaryIO = path.open("ab+", buffering=0)
        except OSError as error:
            raise InputError(
                f"the store {store} may only be read by this user ({error.strerror}: {path})"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            pid = self._file.read().decode("ascii", "replace").strip() or "unknown"
            self._file.close()
            raise InputError(
                f"another daemon (pid {pid}) works on the store {store}; stop it first, "
                "or use PostgreSQL for several daemons"
            ) from None
        except OSError as error:
            self._file.close()
            raise InputError(
                f"the lock {path} cannot be had ({error.strerror}); check the disk of state_dir"
            ) from None
        with suppress(OSError):  # the lock is ours: its number is only for people
            self._file.truncate(0)
            self._file.write(str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        self._file.close()
