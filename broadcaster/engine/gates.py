"""The last gate before the wire: what is off, halted or refused, as this daemon knows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from broadcaster.config import ChannelSettings
from broadcaster.store.live import Cause, Gate
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)
R = TypeVar("R")

LAPSED = "this daemon was not heard of for longer than its lease"


_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_clock() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(_BOOT)


class InStore(Protocol):
    """Runs a verb in the store's own thread."""

    def __call__(self, verb: Callable[..., R], /, *args: object) -> Awaitable[R]: ...


class Gates:
    """A copy of the store's gates in memory, read anew whenever their generation has changed.

    Whoever closes a gate waits for the daemons that are alive, and for no other: so the copy is
    good only as long as this daemon counts as alive (:meth:`live`), and after that all is closed.
    """

    def __init__(self, owner: str, store: Store, in_store: InStore) -> None:
        self.shut: tuple[Gate, ...] = ()
        self._owner = owner
        self._store = store
        self._in_store = in_store
        self._generation = -1
        self._alive_until = 0.0

    @property
    def lapsed(self) -> bool:
        """Whether others may take this daemon for dead: it slept, was frozen, or cannot write."""
        return boot_clock() >= self._alive_until

    async def live(self, until: float) -> None:
        """This daemon counts as alive until a time of :func:`boot_clock`, by a heartbeat that is
        in the store already; what it missed in a lapse is read first."""
        if self.lapsed:
            if not await self._read():
                return  # the next heartbeat tries again
            if self._alive_until:
                log.warning("%s; it goes on now", LAPSED)
        self._alive_until = until

    def closed(self, channel: ChannelSettings) -> str:
        """Why nothing may leave for ``channel`` now; empty: it may."""
        if self.lapsed:
            return LAPSED
        if not self.shut:
            return ""
        names = {"account": channel.account, "channel": channel.channel.name, "all": None}
        for gate in self.shut:
            if names[gate.scope] in (None, gate.name):
                return gate.reason or gate.cause
        return ""

    def silent(self, account: str, channel: str = "") -> str:
        """Why not even a probe may leave; empty: it may.

        A refused token or right is no reason: a good probe is what opens its gate again.
        """
        if self.lapsed:
            return LAPSED
        for gate in self.shut:
            about = {"all": True, "account": gate.name == account, "channel": gate.name == channel}
            if about[gate.scope] and gate.cause is not Cause.UNAUTHORIZED:
                return gate.reason or gate.cause
        return ""

    async def look(self, generation: int) -> None:
        """Read them if ``generation`` is news, and tell the store that from now on they hold."""
        if generation != self._generation:
            await self._read()

    async def _read(self) -> bool:
        """False: the store is busy; the next turn tries again."""
        try:
            health = await self._in_store(partial(self._store.health, counted=False))
            self.shut = health.gates
            await self._in_store(self._store.acknowledge, self._owner, health.generation)
        except StoreBusy:
            return False
        self._generation = health.generation
        return True
