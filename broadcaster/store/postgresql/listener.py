"""Wait until somebody else wrote: a connection of its own that listens."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Event, Lock
from typing import TYPE_CHECKING

import psycopg

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.store import StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.postgresql.address import Address

LOOK_S = 0.5
"""How long a closing store waits at most for its watcher."""


class WriteListener:
    """Not thread-safe: one watcher calls :meth:`wait`, anybody calls :meth:`close`."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._closed = Event()
        self._waiting = Lock()
        self._lost = False
        self._raw: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, timeout: float) -> bool:
        """False: the time is up, or the store was closed; True as well after a lost connection.

        :raises StoreBusy: the server cannot be reached.
        """
        with self._waiting:
            end = time.monotonic() + timeout
            try:
                if self._raw is None and not self._closed.is_set():
                    self._listen()
                    if self._lost:
                        self._lost = False
                        return True  # what was said meanwhile was not heard
                while not self._closed.is_set():
                    left = max(0.0, end - time.monotonic())
                    if self._heard(min(LOOK_S, left)):
                        return True
                    if not left:
                        return False
            except (psycopg.Error, InputError) as error:
                self._lost = True
                self._hang_up()
                raise StoreBusy(
                    say("the store {shown}: {reason}", shown=self._address.shown, reason=error)
                ) from None
            self._hang_up()
            return False

    def close(self) -> None:
        """Whoever waits hangs up himself, within :data:`LOOK_S`."""
        self._closed.set()
        if self._waiting.acquire(blocking=False):
            self._hang_up()
            self._waiting.release()

    def _listen(self) -> None:
        self._raw = psycopg.connect(self._address.conninfo(), autocommit=True)
        self._raw.execute("listen broadcaster")

    def _heard(self, seconds: float) -> bool:
        """One or more notices; all that have come are one nudge."""
        assert self._raw is not None
        return bool(list(self._raw.notifies(timeout=seconds, stop_after=1)))

    def _hang_up(self) -> None:
        if self._raw is not None:
            with suppress(psycopg.Error):
                self._raw.close()
            self._raw = None
