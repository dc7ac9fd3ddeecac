"""The last check before the wire: the closed gates, as this daemon knows them."""

from __future__ import annotations

import logging
import time

from broadcaster.config import ChannelSettings
from broadcaster.engine.store_thread import StoreThread
from broadcaster.language import say
from broadcaster.store.live import Cause, Gate
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)

LAPSED = say("this daemon sent no heartbeat for longer than its lease")


_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_clock() -> float:
    """Seconds of a clock that nobody can set and that includes the time a machine sleeps."""
    return time.clock_gettime(_BOOT)


class Gates:
    """A copy of the store's gates in memory, read again whenever their generation has changed.

    A command that closes a gate waits only for daemons that are alive.  So the copy is valid only
    as long as this daemon counts as alive (:meth:`live`); after that, all gates are closed.
    """

    def __init__(self, owner: str, store: Store, in_store: StoreThread) -> None:
        self.closed: tuple[Gate, ...] = ()
        self._owner = owner
        self._store = store
        self._in_store = in_store
        self._generation = -1
        self._alive_until = 0.0

    @property
    def lapsed(self) -> bool:
        """Whether others may consider this daemon dead.

        That happens if the machine slept, the process was frozen, or the store was not writable.
        """
        return boot_clock() >= self._alive_until

    async def live(self, until: float) -> None:
        """Count this daemon as alive after a heartbeat; after a lapse, read the gates first.

        :param until: the time of :func:`boot_clock` at which the recorded heartbeat expires.
        """
        if self.lapsed:
            if not await self._read():
                return  # the next heartbeat tries again
            if self._alive_until:
                log.warning("%s; it continues now", LAPSED)
        self._alive_until = until

    def why_closed(self, channel: ChannelSettings) -> str:
        """Why nothing may be sent to ``channel`` now; empty: it may."""
        if self.lapsed:
            return LAPSED
        if not self.closed:
            return ""
        names = {"account": channel.account, "channel": channel.channel.name, "all": None}
        for gate in self.closed:
            if names[gate.scope] in (None, gate.name):
                return gate.reason or gate.cause
        return ""

    def why_no_probe(self, account: str, channel: str = "") -> str:
        """Why not even a probe may be sent; empty: it may.

        A gate for a refused token or right allows probes, because a successful one opens it again.
        """
        if self.lapsed:
            return LAPSED
        for gate in self.closed:
            about = {"all": True, "account": gate.name == account, "channel": gate.name == channel}
            if about[gate.scope] and gate.cause is not Cause.UNAUTHORIZED:
                return gate.reason or gate.cause
        return ""

    async def look(self, generation: int) -> None:
        """Read the gates if ``generation`` is new, and acknowledge it to the store."""
        if generation != self._generation:
            await self._read()

    async def _read(self) -> bool:
        """Read and acknowledge the gates; False: the store is busy, and the next turn retries."""
        try:
            health = await self._in_store(self._store.health, counted=False)
            self.closed = health.gates
            await self._in_store(self._store.acknowledge, self._owner, health.generation)
        except StoreBusy:
            return False
        self._generation = health.generation
        return True
