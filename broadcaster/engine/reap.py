"""What the daemon does on the side: prolong leases, sweep up, and probe what had failed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from broadcaster.adapter import Probe
from broadcaster.engine.breaker import CLOSED, Breaker
from broadcaster.engine.gates import Gates, InStore, boot_clock
from broadcaster.engine.sender import Roster
from broadcaster.errors import SendError, Unauthorized
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Micros
from broadcaster.store.port import Cause, Change, Close, Gate, Open, Store, StoreBusy

log = logging.getLogger(__name__)

SWEEP_ROWS = 500
"""Per transaction, so that nobody waits long for it."""
SWEEP_PAUSE_S = 0.02
"""Between two of them: SQLite does not queue its writers, and a `halt` must get in."""
ASK_AGAIN_S = 60.0
"""Between two probes of a closed account or channel: a person is at work on it."""


class Reaper:
    """The chores of one worker; each may be repeated at any time."""

    def __init__(
        self,
        owner: str,
        store: Store,
        roster: Roster,
        gates: Gates,
        in_store: InStore,
        nudge: Callable[[], None],
    ) -> None:
        self._owner = owner
        self._store = store
        self._roster = roster
        self._gates = gates
        self._in_store = in_store
        self._nudge = nudge
        self._told: dict[str, Breaker] = {}
        self._asked: dict[Gate, float] = {}

    async def beat(self, leases: Callable[[], Sequence[tuple[str, int]]], lease_s: float) -> None:
        """Prolong the leases in flight, and the daemon's own life."""
        began = boot_clock()
        try:
            lost = await self._in_store(self._store.heartbeat, self._owner, list(leases()), lease_s)
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); leases run on", busy)
            return
        await self._gates.live(began + lease_s)
        for channel, _fence in lost.intersection(leases()):  # others have just been given back
            log.warning("%s: its lease was lost; a receipt that still comes is kept", channel)

    async def sweep(self, now: Micros | None = None) -> None:
        """Turn passed deadlines into missed and closed lanes into held, a few rows at a time."""
        moved = SWEEP_ROWS
        while moved >= SWEEP_ROWS:
            try:
                moved = await self._in_store(partial(self._store.sweep, SWEEP_ROWS, now=now))
            except StoreBusy:
                return
            if moved:
                self._nudge()
                await asyncio.sleep(SWEEP_PAUSE_S)

    async def probe(self, clock: Micros) -> None:
        """Ask platforms whose breaker's wait is over, and those that had refused our token."""
        shut = {gate.name for gate in self._gates.shut if gate.scope == "account"}
        for name, sender in self._roster.senders.items():
            silent = partial(self._gates.silent, name)
            asked = name not in shut and not silent()
            if asked and sender.breaker.wants_probe(time.monotonic()):
                error = await sender.probe(silent)
                if isinstance(error, Unauthorized):
                    await self._record(
                        Close(accounts=(name,), cause=Cause.UNAUTHORIZED, reason=error.detail)
                    )
                self._nudge()
            if not sender.breaker.hearsay and self._told.get(name, CLOSED) != sender.breaker:
                await self._record(sender.health(clock))
                self._told[name] = sender.breaker
        await self._ask_again(
            [gate for gate in self._gates.shut if gate.cause is Cause.UNAUTHORIZED]
        )

    async def _ask_again(self, gates: Sequence[Gate]) -> None:
        """A good probe of what had failed opens its gate."""
        now = time.monotonic()
        self._asked = {gate: self._asked.get(gate, now) for gate in gates}
        for gate in gates:
            if now - self._asked[gate] < ASK_AGAIN_S:
                continue
            self._asked[gate] = now
            if await self._is_well(gate):
                log.info("%s %s is authorized again", gate.scope, gate.name)
                which = {"accounts" if gate.scope == "account" else "channels": (gate.name,)}
                await self._record(Open(cause=Cause.UNAUTHORIZED, **which))  # type: ignore[arg-type]

    async def _is_well(self, gate: Gate) -> bool:
        if gate.scope == "account":
            sender, channel = self._roster.senders.get(gate.name), None
        else:
            settings = self._roster.channels.get(gate.name)
            if settings is None:
                return False
            sender, channel = self._roster.senders.get(settings.account), settings.channel
        if sender is None:
            return False
        silent = partial(
            self._gates.silent, sender.settings.name, "" if channel is None else channel.name
        )
        if silent():
            return False
        try:
            with watch(Wire(closed=silent)):
                async with asyncio.timeout(ASK_AGAIN_S / 2):
                    probe: Probe = await sender.adapter.probe(channel)
        except (SendError, TimeoutError):
            return False
        except Exception:  # it must keep no other gate from being asked for
            log.exception("probing %s %s failed", gate.scope, gate.name)
            return False
        # a good token opens no channel: where the right to post cannot be seen, people release it
        unseen = channel is not None and probe.unverified
        return probe.ok and bool(probe.verified) and not unseen

    async def _record(self, change: Change) -> None:
        try:
            await self._in_store(self._store.change, self._owner, change)
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); told again later", busy)
