"""The store's time, and whether it can be trusted; checked before each turn."""

from __future__ import annotations

import logging
import time

from broadcaster.engine.clock_check import ClockCheck, describe, synchronised
from broadcaster.engine.gates import Gates, boot_clock
from broadcaster.engine.meter import Meter
from broadcaster.engine.store_thread import StoreThread
from broadcaster.language import say
from broadcaster.model import Micros
from broadcaster.store.changes import Halt
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)


class TrustedClock:
    """The clock by which one daemon judges what is due, late or expired."""

    def __init__(
        self, owner: str, store: Store, in_store: StoreThread, gates: Gates, meter: Meter
    ) -> None:
        self.check = ClockCheck()
        self.at: Micros | None = None
        """The time that :meth:`is_trusted` checked; None: the store has a clock of its own."""
        self._owner = owner
        self._store = store
        self._in_store = in_store
        self._gates = gates
        self._meter = meter
        self._offset: Micros = 0

    def now(self) -> Micros:
        """The store's time; a store with a clock of its own is followed from turn to turn."""
        return time.time_ns() // 1000 + self._offset

    def set_by(self, now: Micros) -> None:
        """Follow the store's own clock, if it has one.

        :param now: the store's time in the last tick.
        """
        if self._store.clock_of_its_own:
            self._offset = now - time.time_ns() // 1000

    def late(self, at: Micros) -> float:
        """Seconds since ``at``, by the same time as the turns: see :meth:`is_trusted`."""
        jump = 0.0 if self._store.clock_of_its_own else self.check.jump
        return (self.now() - at) / 1e6 - jump

    async def is_trusted(self) -> bool:
        """Whether the clock can be trusted now; an unexplained jump halts everything.

        The turn that follows must use the time that was checked here (:attr:`at`), because the
        clock may jump right after the check.  While the clock is not trusted, ``at`` is the
        expected time.  It stays None if the store has a clock of its own.
        """
        if self._store.clock_of_its_own and not self._offset:
            return True  # the store's time is unknown until the first turn
        before, boot = self.check, boot_clock()
        wall = self.now() / 1e6
        self.check = before.look(wall, boot, kept=bool(before.jump) and synchronised())
        if before.trusted and not self.check.trusted:
            log.error(
                "the clock has jumped: it is %s; nothing is sent until the jump is explained",
                describe(self.check.jump),
            )
        elif self.check.trusted and not before.trusted:
            log.warning("the clock is trusted again")
        if self.check.unexplained(boot):
            if not await self._halt():
                return False
            self.check = self.check.accepted(wall, boot)
        if not self._store.clock_of_its_own:
            self.at = round((wall - self.check.jump) * 1e6)
        return self.check.trusted

    async def _halt(self) -> bool:
        """Halt everything, unless it is halted already; False: the store is busy."""
        if any(gate.scope == "all" for gate in self._gates.closed):
            return True
        reason = say(
            "the clock jumped, it is {describe}: check the date, then resume",
            describe=describe(self.check.jump),
        )
        try:
            await self._in_store(self._store.change, self._owner, Halt(reason=reason))
        except StoreBusy as busy:
            self._meter.store_busy(busy)
            return False
        log.error("halted: %s (broadcaster resume)", reason)
        return True
