"""The chores of a worker: heartbeats, the sweep, and probes of platforms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from broadcaster.adapter import Probe
from broadcaster.engine.breaker import CLOSED, Breaker
from broadcaster.engine.gates import boot_clock
from broadcaster.engine.intake import contained
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.sender import Roster, Sender
from broadcaster.errors import OutcomeUnknown, SendError, Unauthorized, Unavailable
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Micros
from broadcaster.store.changes import Change, Close, Open
from broadcaster.store.live import Cause, Gate
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

SWEEP_ROWS = 500
"""Most rows of one transaction of the sweep, so that other writers do not wait long."""
SWEEP_PAUSE_S = 0.02
"""Seconds between two transactions of the sweep.  SQLite does not queue its writers, and a `halt`
must find a gap."""
ASK_AGAIN_S = 60.0
"""Seconds between two probes of a closed account or channel, which a person may be repairing."""


class Reaper:
    """Runs the chores; each of them may be repeated at any time."""

    def __init__(self, runtime: Runtime, roster: Roster) -> None:
        self._runtime = runtime
        self._roster = roster
        self._recorded: dict[str, Breaker] = {}
        """Account -> its breaker as the store last recorded it."""
        self._asked: dict[Gate, float] = {}
        """Closed gate -> when it was last probed (monotonic)."""

    async def beat(self, leases: Callable[[], Sequence[tuple[str, int]]], lease_s: float) -> None:
        """Renew the leases of the claims in flight, and the daemon's registration.

        :param leases: returns the (channel, fence) of each leased lane.
        :param lease_s: seconds until they expire.
        """
        runtime, began = self._runtime, boot_clock()
        try:
            lost = await runtime.in_store(
                runtime.store.heartbeat, runtime.owner, list(leases()), lease_s
            )
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); leases are not renewed", busy)
            return
        await runtime.gates.live(began + lease_s)
        for channel, _fence in lost.intersection(leases()):  # the others have ended meanwhile
            log.warning("%s: its lease was lost; a receipt that still comes is kept", channel)

    async def sweep(self, now: Micros | None = None) -> None:
        """Mark deliveries after their deadline as missed, and those behind closed gates as held."""
        moved = SWEEP_ROWS
        while moved >= SWEEP_ROWS:
            try:
                moved = await self._runtime.in_store(self._runtime.store.sweep, SWEEP_ROWS, now=now)
            except StoreBusy:
                return
            if moved:
                self._runtime.wake.set()
                await asyncio.sleep(SWEEP_PAUSE_S)

    async def probe(self, clock: Micros) -> None:
        """Probe platforms whose breaker's wait is over, and those that refused a token or right.

        All accounts are probed concurrently, so that none waits for a platform that does not
        answer.

        :param clock: the store's time now.
        """
        closed = [gate for gate in self._runtime.gates.closed if gate.cause is Cause.UNAUTHORIZED]
        now = time.monotonic()
        self._asked = {gate: self._asked.get(gate, now) for gate in closed}
        refused: dict[str, list[Gate]] = {}
        for gate in closed:
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
        """Probe for one account's breaker, then for its closed gates while the platform answers."""
        gates = self._runtime.gates
        closed = any(gate.scope == "account" and gate.name == name for gate in gates.closed)
        why_not = partial(gates.why_no_probe, name)
        if not closed and not why_not() and sender.breaker.wants_probe(time.monotonic()):
            error = await sender.probe(why_not)
            if isinstance(error, Unauthorized):
                await self._record(
                    Close(accounts=(name,), cause=Cause.UNAUTHORIZED, reason=error.detail)
                )
            self._runtime.wake.set()
        if not sender.breaker.hearsay and self._recorded.get(name, CLOSED) != sender.breaker:
            await self._record(sender.health(clock))
            self._recorded[name] = sender.breaker
        for gate in refused:
            now = time.monotonic()
            if now - self._asked.get(gate, now) < ASK_AGAIN_S:
                continue
            self._asked[gate] = now
            authorized = await self._is_well(gate, sender)
            if authorized is None:
                return
            if authorized:
                log.info("%s %s is authorized again", gate.scope, gate.name)
                which = {"accounts" if gate.scope == "account" else "channels": (gate.name,)}
                await self._record(Open(cause=Cause.UNAUTHORIZED, **which))  # type: ignore[arg-type]

    async def _is_well(self, gate: Gate, sender: Sender) -> bool | None:
        """Whether a probe shows that ``gate`` may open; None: the platform did not answer."""
        channel = None
        if gate.scope == "channel":
            channel = self._roster.channels[gate.name].channel
        why_not = partial(
            self._runtime.gates.why_no_probe,
            sender.settings.name,
            "" if channel is None else channel.name,
        )
        if why_not():
            return False
        try:
            with watch(Wire(closed=why_not)):
                async with asyncio.timeout(ASK_AGAIN_S / 2):
                    with contained():
                        probe: Probe | None = await sender.adapter.probe(channel)
        except (Unavailable, OutcomeUnknown, TimeoutError):
            return None
        except SendError:
            return False
        except Exception:  # a bug of one adapter must not stop the probes for the other gates
            log.exception("probing %s %s failed", gate.scope, gate.name)
            return False
        if not isinstance(probe, Probe):
            return False
        # A valid token alone does not open a channel.  If the probe cannot check the right to post,
        # a person must open the gate.
        unchecked = channel is not None and probe.unverified
        return probe.ok and bool(probe.verified) and not unchecked

    async def _record(self, change: Change) -> None:
        runtime = self._runtime
        try:
            await runtime.in_store(runtime.store.change, runtime.owner, change)
        except StoreBusy as busy:
            log.warning("the store cannot be written (%s); recorded later", busy)
