"""The turns of a worker: gather results, tick, apply the store's answer, start the claims.

One turn is one transaction of the store.  Results stay in memory until the store has recorded them;
nothing new is claimed before that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from broadcaster.engine import arrivals
from broadcaster.engine.background_fan_out import BackgroundFanOut
from broadcaster.engine.drained import Drained
from broadcaster.engine.in_flight import InFlight
from broadcaster.engine.peers import Peers
from broadcaster.engine.recording import TurnBatch, record
from broadcaster.engine.registration import Registration
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.sender import Roster
from broadcaster.language import say
from broadcaster.model import Micros, Receipt, State
from broadcaster.store.exchange import Capacity, Claim, LateReceipt, Tick, UploadDone, Verdict
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

LEASE_S = 120.0
"""How many seconds the lanes of a dead daemon stay leased; more than twice the longest call without
a file."""
BUSY_PAUSE_S = 0.5
"""Pause in seconds after a turn that the store could not record."""
UNKNOWN_CHANNEL = say(
    "the running daemon does not know this channel: restart it, then release the post"
)


class Turns:
    """Takes turns with the store, one after the other."""

    def __init__(self, runtime: Runtime, roster: Roster) -> None:
        self.stopping = False
        """Whether to record results and claim nothing."""
        self.drained: Drained | None = None
        """The outcome of a drain; None in a daemon, where it would grow without a limit."""
        self.in_flight = InFlight(runtime, roster)
        self.registration = Registration(runtime, roster)
        self.peers = Peers(roster)
        self.fan_out = BackgroundFanOut(runtime)
        self.posts_left = False
        """Whether due posts have not been fanned out yet."""
        self._runtime = runtime
        self._roster = roster
        self._full: frozenset[str] = frozenset()
        """Accounts that received their full capacity in the last turn, so more may be claimable."""
        self._more = False
        """Whether the next turn has posts to fan out, or deliveries of the last fan-out to
        claim."""

    @property
    def may_start_more(self) -> bool:
        """Whether to take the next turn at once, while the last claims are being sent."""
        running = self._full & self._roster.senders.keys()
        return self._more or any(self._allowance(name) for name in running)

    async def take(self) -> Micros | None:
        """Take one turn; returns when the next is due, if nothing wakes the worker before."""
        runtime = self._runtime
        await self.registration.ensure()
        trusted = await runtime.clock.is_trusted()
        began = time.monotonic()
        batch = self._gather(claiming=trusted and not self.stopping)
        try:
            tick = await record(self._tick, batch, self.in_flight)
        except StoreBusy as busy:
            await self._put_back(batch, busy)
            return runtime.clock.now()
        runtime.meter.turn(began)
        if runtime.meter.recovered():
            log.warning("the store can be written again")
        self._apply(batch, tick)
        if self.posts_left and runtime.store.fans_out_beside and not self.stopping:
            self.fan_out.start()
        await runtime.gates.look(tick.generation)
        await self._start(tick.claims)
        self.note_orphans(tick.orphans)
        self.peers.note(tick)
        self._note_late(tick.late)
        return tick.wake_at

    def note_orphans(self, orphans: Iterable[int]) -> None:
        """Log deliveries that were on the wire when their daemon died."""
        for delivery in orphans:
            self._note_state(delivery, State.UNKNOWN)
            log.warning(
                "delivery %d was on the wire when its daemon died: check the channel, then resolve",
                delivery,
            )

    # --- the steps of a turn ------------------------------------------------------------------

    def _gather(self, *, claiming: bool) -> TurnBatch:
        """The results since the last turn, and the capacity of each account."""
        batch = TurnBatch(results=self.in_flight.take_results())
        if claiming and self.registration.valid and not self._runtime.gates.lapsed:
            allowed = {name: self._allowance(name) for name in self._roster.senders}
            batch.begins = list(self._take_begins(allowed))
            batch.wants = [
                sender.want(allowed[name]) for name, sender in self._roster.senders.items()
            ]
        return batch

    async def _tick(self, batch: TurnBatch) -> Tick:
        """Exchange ``batch`` with the store, in the loop if the tick is short, else in its thread.

        :raises StoreBusy: nothing was recorded.
        """
        runtime = self._runtime
        store, now = runtime.store, runtime.clock.at
        args = (runtime.owner, batch.results, batch.begins, batch.wants, LEASE_S)
        with contextlib.suppress(StoreBusy):
            return await runtime.in_store.in_loop(lambda: store.tick_in_loop(*args, now=now))
        return await runtime.in_store(store.tick, *args, fans=not store.fans_out_beside, now=now)

    async def _put_back(self, batch: TurnBatch, busy: StoreBusy) -> None:
        """Keep ``batch``, which the store did not record, for the next turn."""
        self._runtime.meter.store_busy(busy)
        self._full, self._more = frozenset(), False
        self.in_flight.results = batch.results + self.in_flight.results
        for begin in batch.begins:
            self.in_flight.await_begin(begin)
        await asyncio.sleep(BUSY_PAUSE_S)

    def _apply(self, batch: TurnBatch, tick: Tick) -> None:
        """Forget the recorded claims, and note the store's answer."""
        self._full = _filled(batch.wants, tick)
        self.posts_left = tick.left
        self._more = tick.fanned > 0 or (tick.left and tick.wake_at == tick.now)
        self._runtime.clock.set_by(tick.now)
        arrived: list[tuple[Claim, Receipt]] = []
        for result in batch.results:
            claim = self.in_flight.forget(result)
            outcome = result.outcome
            if isinstance(outcome, Receipt):
                self._note_state(result.delivery, State.DELIVERED)
                if claim:
                    arrived.append((claim, outcome))
            elif isinstance(outcome, Verdict):
                self._note_state(result.delivery, outcome.state)
        for delivery, state in tick.settled.items():
            self._note_state(delivery, state)
        arrivals.report(arrived)
        begun = {claim.delivery for claim in tick.claims}
        for begin in batch.begins:
            if begin.delivery not in begun:  # its lease had ended: it will be claimed again
                self.in_flight.forget(begin)

    async def _start(self, claims: Sequence[Claim]) -> None:
        """Start the claims; give back those for channels that this daemon does not know."""
        channels = self._roster.channels
        if any(claim.channel not in channels for claim in claims):
            await self.registration.renew()  # closes the lanes of the unknown channels
        for claim in claims:
            if claim.channel in channels:
                self.in_flight.start(claim)
            else:
                self.in_flight.give_back(claim, UNKNOWN_CHANNEL)

    def _note_late(self, receipts: Iterable[LateReceipt]) -> None:
        for receipt in receipts:
            if receipt.doubled:
                self._runtime.meter.doubled.append(receipt)
                log.error("delivery %d: posted twice: check the channel", receipt.delivery)
            else:
                log.info("delivery %d: settled by its late receipt", receipt.delivery)

    # --- what the steps share -----------------------------------------------------------------

    def _allowance(self, account: str) -> int:
        """How many messages of an account one turn may start.

        If the store's ticks wait for a server, a turn starts half of the account's senders: one
        half is on the wire while the other is being recorded.
        """
        return self._roster.senders[account].allowance(half=self._runtime.store.halves_batches)

    def _take_begins(self, allowed: dict[str, int]) -> Iterator[UploadDone]:
        """Take finished uploads, at most ``allowed`` per account; reduces ``allowed`` by them."""
        for name, sender in self._roster.senders.items():
            while sender.ready and allowed[name] > 0:
                allowed[name] -= 1
                yield sender.ready.pop(0)

    def _note_state(self, delivery: int, state: State) -> None:
        if self.drained:
            self.drained.note(delivery, state)


def _filled(wants: Iterable[Capacity], tick: Tick) -> frozenset[str]:
    """The accounts that received as many claims as they wanted."""
    claimed = Counter(claim.account for claim in tick.claims)
    return frozenset(want.account for want in wants if 0 < want.count <= claimed[want.account])
