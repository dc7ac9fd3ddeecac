"""The daemon's loop: exchange results for claims with the store, and carry the claims out.

One turn is one transaction: what ended is recorded, what may start is claimed.  Results stay here
until the store has recorded them, and nothing new is claimed before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from broadcaster.engine import arrivals
from broadcaster.engine.fan_outs import FanOuts
from broadcaster.engine.gates import Gates
from broadcaster.engine.in_flight import InFlight
from broadcaster.engine.meter import Meter
from broadcaster.engine.reap import Reaper
from broadcaster.engine.recording import exchanged
from broadcaster.engine.schedule import Chore, Ticker
from broadcaster.engine.sender import Roster
from broadcaster.engine.store_thread import StoreThread
from broadcaster.engine.timekeeper import Timekeeper
from broadcaster.model import Micros, Receipt, State
from broadcaster.store.changes import Lane, Lanes
from broadcaster.store.exchange import Capacity, Claim, Decision, Result, Tick, UploadDone
from broadcaster.store.live import Gate
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)

LEASE_S = 120.0
"""How long a dead worker's lanes rest; more than twice what a call without a file may take."""
BEAT_S = 20.0
"""Between two heartbeats."""
POLL_S = 5.0
"""The truth is asked again so often, should a nudge be lost."""
LINGER_S = 0.004
"""Between two turns: gathers results, and lets the command line in (docs/performance.md)."""
UNKNOWN_CHANNEL = "the running daemon does not know this channel: restart it, then release the post"
DRAIN_WAIT_S = 10.0
"""``--drain`` waits for what becomes due or leaves its backoff within so long."""


@dataclass(slots=True)
class Drained:
    """What became of the deliveries that this run touched."""

    last: dict[int, State] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 all delivered, 4 something unknown, 3 something else not delivered."""
        states = set(self.last.values())
        if State.UNKNOWN in states:
            return 4
        return 3 if states - {State.DELIVERED} else 0


class Worker:
    """One daemon's work on one store, from :meth:`run` until its ``stop`` is set."""

    def __init__(
        self,
        store: Store,
        roster: Roster,
        *,
        owner: str,
        chores: Mapping[str, tuple[float, Chore]] | None = None,
        first: Chore | None = None,
    ) -> None:
        """``chores``: what the daemon does by the clock besides, with its seconds between.

        ``first``: what it does once before its first turn, so that ``drain`` sees what comes of it.
        """
        self.owner = owner
        self._store = store
        self._roster = roster
        self.in_store = StoreThread()
        self._gates = Gates(owner, store, self.in_store)
        self.time = Timekeeper(owner, store, self._gates, self.in_store, self._busy)
        self.meter = Meter()
        self.in_flight = InFlight(
            store,
            roster,
            self._gates,
            self.in_store,
            self.meter,
            wake=self.nudge,
        )
        self._fan_outs = FanOuts(store, self.in_store, wake=self.nudge, failed=self._fail)
        self._chores = chores or {}
        self._first = first
        self._ticker: Ticker | None = None
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._drained: Drained | None = None
        """Of a drain alone: a daemon runs for years."""
        self._registered = False
        self.contested: tuple[str, ...] = ()
        """Accounts for which another daemon works by other settings."""
        self._down: set[str] = set()
        self._full: frozenset[str] = frozenset()
        """Accounts that got all they could start in the last turn."""
        self._left = False
        """Posts are due whose deliveries are not made yet."""
        self._more = False
        """The next turn makes deliveries of posts, or the last one did and claimed none of them."""
        self._bug: BaseException | None = None
        self._coming: tuple[Roster, asyncio.Future[None]] | None = None

    # --- life ---------------------------------------------------------------------------------

    async def run(self, *, drain: bool = False, ready: Callable[[], None] | None = None) -> int:
        """Work until :meth:`stop`, or with ``drain`` until nothing is left to do now.

        Returns the exit code: what became of the deliveries is said by ``drain`` only.

        :raises InputError: the store belongs to another daemon.
        """
        self._drained = Drained() if drain else None
        orphans = await self.in_store(
            self._store.open,
            self.owner,
            exclusive=not self._store.several_daemons,
            looks=self._roster.looks(),
        )
        self._note_orphans(orphans)
        await self._register()
        watcher = self._watch()
        reaper = Reaper(
            self.owner, self._store, self._roster, self._gates, self.in_store, self.nudge
        )
        self._ticker = ticker = Ticker(
            {
                **self._chores,
                "beat": (BEAT_S, lambda: reaper.beat(self.in_flight.leases, LEASE_S)),
                "sweep": (1.0, partial(self._sweep, reaper)),
                "probe": (1.0, lambda: reaper.probe(self.time.now())),
            }
        )
        await reaper.beat(self.in_flight.leases, LEASE_S)
        if ready:
            ready()
        try:
            if self._first:
                await ticker.guarded("first", self._first)
                ticker.failing.pop("first", None)  # the chores do the same again, and tell
            while not self._stop.is_set():
                if self._coming:
                    await self._take_over()
                wake_at = await self._turn()
                if drain and self._nothing_left(wake_at):
                    break
                if not self._may_start_more():
                    await self._rest(wake_at)
        finally:
            try:
                await self._finish()
            finally:
                ticker.stop()
                watcher.set()
                await self._fan_outs.close()
                await self.in_store(self._store.close, self.owner)
                self.in_store.close()
        if self._bug:
            raise self._bug
        return self._drained.exit_code if self._drained else 0

    @property
    def store(self) -> Store:
        return self._store

    @property
    def roster(self) -> Roster:
        return self._roster

    @property
    def shut(self) -> tuple[Gate, ...]:
        """The closed gates, as this daemon knows them."""
        return self._gates.shut

    @property
    def ailing(self) -> Mapping[str, str]:
        """What the daemon does besides and fails at, by name: why."""
        return self._ticker.failing if self._ticker else {}

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def at(self, chore: Chore, moments: Mapping[str, datetime]) -> None:
        """Run ``chore`` at each of ``moments`` as well, which take the place of those before."""
        if self._ticker:
            self._ticker.at(chore, moments)

    def nudge(self) -> None:
        """Take another turn soon."""
        self._wake.set()

    async def adopt(self, roster: Roster) -> None:
        """Work by new settings from the next turn on; what is in flight ends by the old ones."""
        self._coming = roster, asyncio.get_running_loop().create_future()
        self.nudge()
        await self._coming[1]

    async def _take_over(self) -> None:
        """Between two turns, so that no turn sees two rosters."""
        assert self._coming is not None
        (roster, taken), self._coming = self._coming, None
        for name, sender in roster.senders.items():
            old = self._roster.senders.get(name)
            if old is not None and old is not sender:
                sender.succeed(old)
        gone = [old for name, old in self._roster.senders.items() if name not in roster.senders]
        self._roster.senders, self._roster.channels = roster.senders, roster.channels
        for begin in (begin for old in gone for begin in old.ready):
            self.in_flight.await_begin(begin)
        await self._register()
        taken.set_result(None)

    def stop(self) -> None:
        """Claim nothing more, let what is on the wire finish, record it, and return."""
        self._stop.set()
        self._wake.set()

    async def _finish(self) -> None:
        """Let what is on the wire end by its own deadline, and record what it brought."""
        self._stop.set()
        in_flight = self.in_flight
        if in_flight.running:
            log.info("stopping: %d on the wire are finished first", in_flight.running)
        await in_flight.break_off()
        while in_flight.running or in_flight.results:
            await in_flight.one_ends()
            if in_flight.results:
                await self._turn()

    def _fail(self, bug: BaseException) -> None:
        """A bug outside all guarded calls ends this daemon: the next one finds what it left."""
        self._bug = bug
        self.stop()

    async def _register(self) -> None:
        lanes = tuple(
            Lane(
                channel=name,
                account=channel.account,
                enabled=channel.enabled and channel.account in self._roster.senders,
                chat=self._roster.chat(channel),
            )
            for name, channel in self._roster.channels.items()
        )
        when_back = {name: channel.when_back for name, channel in self._roster.channels.items()}
        settings = {name: each.fingerprint for name, each in self._roster.senders.items()}
        change = Lanes(lanes=lanes, when_back=when_back, settings=settings)
        try:
            await self.in_store(self._store.change, self.owner, change)
        except StoreBusy as busy:
            self._busy(busy)
            self._registered = False  # the next turn tries again
        else:
            self._registered = True

    def _watch(self) -> threading.Event:
        """A thread that wakes the loop when somebody else wrote; set the event to end it."""
        loop, ended = asyncio.get_running_loop(), threading.Event()

        def watch() -> None:
            while not ended.is_set():
                try:
                    changed = self._store.changed(1.0)
                except StoreBusy:
                    ended.wait(1.0)
                    continue
                except Exception:  # it is a nudge: the loop asks again every few seconds anyway
                    log.exception("watching the store failed")
                    ended.wait(POLL_S)
                    continue
                if changed and not ended.is_set():
                    loop.call_soon_threadsafe(self._wake.set)

        threading.Thread(target=watch, name="store-watch", daemon=True).start()
        return ended

    # --- one turn -----------------------------------------------------------------------------

    async def _turn(self) -> Micros | None:
        """One exchange with the store; returns when the next is due without being woken."""
        if not self._registered:
            await self._register()
        believes = await self.time.believes()
        began = time.monotonic()
        in_flight = self.in_flight
        results, in_flight.results = in_flight.results, []
        allowed = {name: self._allowance(name) for name in self._roster.senders}
        claims = not self._stop.is_set() and not self._gates.lapsed
        claims = claims and self._registered and believes
        begins = list(self._take_begins(allowed)) if claims else []
        wants: list[Capacity] = []
        if claims:
            wants = [each.want(allowed[name]) for name, each in self._roster.senders.items()]
        try:
            tick = await exchanged(self._exchange, in_flight, results, begins, wants)
        except StoreBusy as busy:
            self._busy(busy)
            self._full, self._more = frozenset(), False
            in_flight.results = results + in_flight.results
            for begin in begins:
                in_flight.await_begin(begin)
            await asyncio.sleep(0.5)
            return self.time.now()
        self._full = _filled(wants, tick)
        self._left = tick.left
        self._more = tick.fanned > 0 or (tick.left and tick.wake_at == tick.now)
        if self._left and self._store.fans_out_beside and not self._stop.is_set():
            self._fan_outs.start()
        self.meter.turn(began)
        if self.meter.recovered():
            log.warning("the store can be written again")
        self._recorded(results, begins, tick)
        await self._gates.look(tick.generation)
        if strange := [each for each in tick.claims if each.channel not in self._roster.channels]:
            await self._register()  # closes the lanes of channels that this daemon does not know
        for claim in tick.claims:
            if claim in strange:
                in_flight.give_back(claim, UNKNOWN_CHANNEL)
            else:
                in_flight.start(claim)
        self._note_orphans(tick.orphans)
        self._note_others(tick)
        for late in tick.late:
            if late.doubled:
                self.meter.doubled.append(late)
            level = logging.ERROR if late.doubled else logging.INFO
            words = "sent twice: look at it" if late.doubled else "settled by its late receipt"
            log.log(level, "delivery %d: %s", late.delivery, words)
        return tick.wake_at

    async def _exchange(
        self, results: list[Result], begins: list[UploadDone], wants: list[Capacity]
    ) -> Tick:
        """:raises StoreBusy: nothing was recorded."""
        asked = (self.owner, results, begins, wants, LEASE_S)
        with contextlib.suppress(StoreBusy):
            return await self.in_store.in_loop(
                lambda: self._store.tick_in_loop(*asked, now=self.time.at)
            )
        fans = not self._store.fans_out_beside
        return await self.in_store(self._store.tick, *asked, fans=fans, now=self.time.at)

    def _note_others(self, tick: Tick) -> None:
        """What other daemons on the store do that concerns this one."""
        for name in sorted(set(tick.contested) - set(self.contested)):
            log.error("%s: another daemon works by other settings; nothing is claimed there", name)
        for name in sorted(set(self.contested) - set(tick.contested)):
            log.warning("%s: all daemons work by the same settings again", name)
        self.contested = tick.contested
        for name in set(tick.down) - self._down:
            if sender := self._roster.senders.get(name):
                sender.breaker = sender.breaker.warned(time.monotonic())
        self._down = set(tick.down)

    def _busy(self, busy: StoreBusy) -> None:
        """Nothing is sent that cannot be recorded: said once, until it can."""
        if self.meter.refused(str(busy)):
            log.error("the store cannot be written (%s); results are kept, claims wait", busy)

    async def _sweep(self, reaper: Reaper) -> None:
        if await self.time.believes():
            await reaper.sweep(self.time.at)

    def _take_begins(self, allowed: dict[str, int]) -> Iterable[UploadDone]:
        for name, sender in self._roster.senders.items():
            while sender.ready and allowed[name] > 0:
                allowed[name] -= 1
                yield sender.ready.pop(0)

    def _recorded(self, results: list[Result], begins: list[UploadDone], tick: Tick) -> None:
        self.time.heard(tick.now)
        arrived: list[tuple[Claim, Receipt]] = []
        for result in results:
            claim = self.in_flight.let_go(result)
            outcome = result.outcome
            if isinstance(outcome, Receipt):
                self._became(result.delivery, State.DELIVERED)
                if claim:
                    arrived.append((claim, outcome))
            elif isinstance(outcome, Decision):
                self._became(result.delivery, outcome.state)
        for delivery, state in tick.settled.items():
            self._became(delivery, state)
        arrivals.tell(arrived)
        begun = {claim.delivery for claim in tick.claims}
        for begin in begins:
            if begin.delivery not in begun:  # its lease had gone: it is claimed anew later
                self.in_flight.let_go(begin)

    def _became(self, delivery: int, state: State) -> None:
        if self._drained:
            self._drained.last[delivery] = state

    def _may_start_more(self) -> bool:
        """Whether to claim again at once, while the loop works on what was claimed just now."""
        known = self._full & self._roster.senders.keys()
        return self._more or any(self._allowance(name) for name in known)

    def _allowance(self, account: str) -> int:
        """How many messages a turn starts.

        Where a server does the ticks, half of an account's senders: one half is on the wire while
        the other is on record, and neither waits for the other.
        """
        return self._roster.senders[account].allowance(half=self._store.halves_batches)

    async def _rest(self, wake_at: Micros | None) -> None:
        await asyncio.sleep(LINGER_S)
        if self.in_flight.results:
            return
        wait = POLL_S if wake_at is None else min(POLL_S, max(0.0, -self.time.late(wake_at)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()
        self._wake.clear()
        if wake_at is not None and (late := self.time.late(wake_at)) >= 0:
            self.meter.lag_s = late

    def _nothing_left(self, wake_at: Micros | None) -> bool:
        if (
            self.in_flight.claims
            or self.in_flight.results
            or self._left
            or any(each.ready for each in self._roster.senders.values())
        ):
            return False
        return wake_at is None or wake_at - self.time.now() > DRAIN_WAIT_S * 1e6

    def _note_orphans(self, orphans: Iterable[int]) -> None:
        for delivery in orphans:
            self._became(delivery, State.UNKNOWN)
            log.warning(
                "delivery %d was on the wire when its daemon died: look at it, then resolve",
                delivery,
            )


def _filled(wants: Iterable[Capacity], tick: Tick) -> frozenset[str]:
    """The accounts that got as many claims as they wanted."""
    got = Counter(claim.account for claim in tick.claims)
    return frozenset(want.account for want in wants if 0 < want.count <= got[want.account])
