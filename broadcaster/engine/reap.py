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
from broadcaster.engine.intake import contained
from broadcaster.engine.sender import Roster, Sender
from broadcaster.errors import OutcomeUnknown, SendError, Unauthorized, Unavailable
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Micros
from broadcaster.store.changes import Change, Close, Open
from broadcaster.store.live import Cause, Gate
from broadcaster.store.store import Store, StoreBusy

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
        """Ask platforms whose breaker's wait is over, and those that had refused us.

        The accounts side by side: one that does not answer keeps no other from being asked.
        """
        shut = [gate for gate in self._gates.shut if gate.cause is Cause.UNAUTHORIZED]
        now = time.monotonic()
        self._asked = {gate: self._asked.get(gate, now) for gate in shut}
        refused: dict[str, list[Gate]] = {}
        for gate in shut:
            refused.setdefault(self._account(gate), []).append(gate)
        await asyncio.gather(
            *(
                self._ask(name, sender, refused.get(name, ()), clock)
                for name, sender in self._roster.senders.items()
            )
        )

    def _account(self, gate: Gate) -> str:
        if gate.scope == "account":
            return gate.name
        settings = self._roster.channels.get(gate.name)
        return settings.account if settings else ""

    async def _ask(self, name: str, sender: Sender, refused: Sequence[Gate], clock: Micros) -> None:
        """One account's breaker, then its closed gates, as long as it answers."""
        shut = any(gate.scope == "account" and gate.name == name for gate in self._gates.shut)
        silent = partial(self._gates.silent, name)
        if not shut and not silent() and sender.breaker.wants_probe(time.monotonic()):
            error = await sender.probe(silent)
            if isinstance(error, Unauthorized):
                await self._record(
                    Close(accounts=(name,), cause=Cause.UNAUTHORIZED, reason=error.detail)
                )
            self._nudge()
        if not sender.breaker.hearsay and self._told.get(name, CLOSED) != sender.breaker:
            await self._record(sender.health(clock))
            self._told[name] = sender.breaker
        for gate in refused:
            now = time.monotonic()
            if now - self._asked.get(gate, now) < ASK_AGAIN_S:
                continue
            self._asked[gate] = now
            well = await self._is_well(gate, sender)
            if well is None:
                return
            if well:
                log.info("%s %s is authorized again", gate.scope, gate.name)
                which = {"accounts" if gate.scope == "account" else "channels": (gate.name,)}
                await self._record(Open(cause=Cause.UNAUTHORIZED, **which))  # type: ignore[arg-type]

    async def _is_well(self, gate: Gate, sender: Sender) -> bool | None:
        """Whether a good probe opens a gate; None: the platform did not answer."""
        channel = None
        if gate.scope == "channel":
            channel = self._roster.channels[gate.name].channel
        silent = partial(
            self._gates.silent, sender.settings.name, "" if channel is None else channel.name
        )
        if silent():
            return False
        try:
            with watch(Wire(closed=silent)):
                async with asyncio.timeout(ASK_AGAIN_S / 2):
                    with contained():
                        probe: Probe | None = await sender.adapter.probe(channel)
        except (Unavailable, OutcomeUnknown, TimeoutError):
            return None
        except SendError:
            return False
        except Exception:  # it must keep no other gate from being asked for
            log.exception("probing %s %s failed", gate.scope, gate.name)
            return False
        if not isinstance(probe, Probe):
            return False
        # a good token opens no channel: where the right to post cannot be seen, people release it
        unseen = channel is not None and probe.unverified
        return probe.ok and bool(probe.verified) and not unseen

    async def _record(self, change: Change) -> None:
        try:
            await self._in_store(self._store.change, self._owner, change)
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); told again later", busy)
