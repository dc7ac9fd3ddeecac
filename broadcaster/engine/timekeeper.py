"""What time it is to the store, and whether that can be believed: asked before each turn."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from broadcaster.engine.clockwatch import ClockWatch, said, synchronised
from broadcaster.engine.gates import Gates, InStore, boot_clock
from broadcaster.model import Micros
from broadcaster.store.changes import Halt
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)


class Timekeeper:
    """``busy`` is told when the store cannot be written."""

    def __init__(
        self,
        owner: str,
        store: Store,
        gates: Gates,
        in_store: InStore,
        busy: Callable[[StoreBusy], None],
    ) -> None:
        self.clock = ClockWatch()
        self.at: Micros | None = None
        """What time it is to the store, where that is ours to say: see :meth:`believes`."""
        self._owner = owner
        self._store = store
        self._gates = gates
        self._in_store = in_store
        self._busy = busy
        self._offset: Micros = 0

    def now(self) -> Micros:
        """The database's clock, as of the last turn."""
        return time.time_ns() // 1000 + self._offset

    def heard(self, now: Micros) -> None:
        """A store with a clock of its own has said what time it is there."""
        if self._store.clock_of_its_own:
            self._offset = now - time.time_ns() // 1000

    def late(self, at: Micros) -> float:
        """Seconds since ``at``, by the time that turns are judged by: see :meth:`believes`."""
        jump = 0.0 if self._store.clock_of_its_own else self.clock.jump
        return (self.now() - at) / 1e6 - jump

    async def believes(self) -> bool:
        """Whether the clock can be believed now; one that jumped for no known reason halts all.

        What is judged next is judged by the very time that was looked at here (``at``), as it may
        jump the moment after; while it is not believed, by the time it should be.  Some stores have
        a clock of their own.
        """
        if self._store.clock_of_its_own and not self._offset:
            return True  # until the first turn nobody knows what time it is there
        before, boot = self.clock, boot_clock()
        wall = self.now() / 1e6
        self.clock = before.look(wall, boot, kept=bool(before.jump) and synchronised())
        if before.understood and not self.clock.understood:
            log.error(
                "the clock has jumped, it is %s: nothing is claimed until that is understood",
                said(self.clock.jump),
            )
        elif self.clock.understood and not before.understood:
            log.warning("the clock is understood again")
        if self.clock.unexplained(boot):
            reason = f"the clock jumped, it is {said(self.clock.jump)}: check the date, then resume"
            if not any(gate.scope == "all" for gate in self._gates.shut):
                try:
                    await self._in_store(self._store.change, self._owner, Halt(reason=reason))
                except StoreBusy as busy:
                    self._busy(busy)
                    return False
                log.error("halted: %s (broadcaster resume)", reason)
            self.clock = self.clock.accepted(wall, boot)
        if not self._store.clock_of_its_own:
            self.at = round((wall - self.clock.jump) * 1e6)
        return self.clock.understood
