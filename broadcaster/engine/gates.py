"""The last gate before the wire: what is off, halted or refused, as this daemon knows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from broadcaster.config import ChannelSettings
from broadcaster.store.port import Cause, Gate, Store, StoreBusy

R = TypeVar("R")


class InStore(Protocol):
    """Runs a verb in the store's own thread."""

    def __call__(self, verb: Callable[..., R], /, *args: object) -> Awaitable[R]: ...


class Gates:
    """A copy of the store's gates in memory, read anew whenever their generation has changed."""

    def __init__(self, owner: str, store: Store, in_store: InStore) -> None:
        self.shut: tuple[Gate, ...] = ()
        self._owner = owner
        self._store = store
        self._in_store = in_store
        self._generation = -1

    def closed(self, channel: ChannelSettings) -> str:
        """Why nothing may leave for ``channel`` now; empty: it may."""
        names = {"account": channel.account, "channel": channel.channel.name, "all": None}
        for gate in self.shut:
            if names[gate.scope] in (None, gate.name):
                return gate.reason or gate.cause
        return ""

    def silent(self, account: str, channel: str = "") -> str:
        """Why not even a probe may leave; empty: it may.

        A refused token or right is no reason: a good probe is what opens its gate again.
        """
        for gate in self.shut:
            about = {"all": True, "account": gate.name == account, "channel": gate.name == channel}
            if about[gate.scope] and gate.cause is not Cause.UNAUTHORIZED:
                return gate.reason or gate.cause
        return ""

    async def look(self, generation: int) -> None:
        """Read them if ``generation`` is news, and tell the store that from now on they hold."""
        if generation == self._generation:
            return
        try:
            health = await self._in_store(self._store.health)
            self.shut = health.gates
            await self._in_store(self._store.acknowledge, self._owner, health.generation)
        except StoreBusy:
            return  # the next turn tries again
        self._generation = health.generation
