"""Tells the store which channels and accounts this daemon works for."""

from __future__ import annotations

from broadcaster.engine.runtime import Runtime
from broadcaster.engine.sender import Roster
from broadcaster.store.changes import Lane, Lanes
from broadcaster.store.store import StoreBusy


class Registration:
    """Registers the daemon's channels as lanes; nothing is claimed before that."""

    def __init__(self, runtime: Runtime, roster: Roster) -> None:
        self.valid = False
        """Whether the store knows the current roster."""
        self._runtime = runtime
        self._roster = roster

    async def ensure(self) -> None:
        """Register the roster, unless the store knows it already."""
        if not self.valid:
            await self.renew()

    async def renew(self) -> None:
        """Register the current roster; if the store is busy, the next turn tries again."""
        runtime, roster = self._runtime, self._roster
        lanes = tuple(
            Lane(
                channel=name,
                account=channel.account,
                enabled=channel.enabled and channel.account in roster.senders,
                chat=roster.chat(channel),
            )
            for name, channel in roster.channels.items()
        )
        change = Lanes(
            lanes=lanes,
            when_back={name: channel.when_back for name, channel in roster.channels.items()},
            settings={name: sender.fingerprint for name, sender in roster.senders.items()},
        )
        try:
            await runtime.in_store(runtime.store.change, runtime.owner, change)
        except StoreBusy as busy:
            runtime.meter.store_busy(busy)
            self.valid = False
        else:
            self.valid = True
