"""The daemon's loop: takes turns with the store until stopped, then finishes claims in flight."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from broadcaster.engine import turns
from broadcaster.engine.change_listener import ChangeListener
from broadcaster.engine.drained import Drained
from broadcaster.engine.reap import Reaper
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.schedule import Chore, Ticker
from broadcaster.engine.sender import Roster
from broadcaster.engine.turns import Turns
from broadcaster.model import Micros
from broadcaster.store.live import Gate

log = logging.getLogger(__name__)

BEAT_S = 20.0
"""Seconds between two heartbeats."""
POLL_S = 5.0
"""Longest wait in seconds for the next turn, in case a wake-up is lost."""
LINGER_S = 0.004
"""Pause in seconds between two turns.  Meanwhile results gather, and the command line can write to
the store (docs/performance.md)."""
DRAIN_WAIT_S = 10.0
"""``--drain`` waits for deliveries that become due, or leave their backoff, within so many
seconds."""


class Worker:
    """Runs one daemon's loop on one store, from :meth:`run` until :meth:`stop`."""

    def __init__(
        self,
        runtime: Runtime,
        roster: Roster,
        *,
        chores: Mapping[str, tuple[float, Chore]] | None = None,
        first: Chore | None = None,
    ) -> None:
        """
        :param chores: name -> (interval in seconds, further chore).
        :param first: a chore that runs once before the first turn, so that a drain sends the posts
            that it makes.
        """
        self.runtime = runtime
        self.roster = roster
        self.turns = Turns(runtime, roster)
        self._chores = chores or {}
        self._first = first
        self._ticker: Ticker | None = None
        self._coming: tuple[Roster, asyncio.Future[None]] | None = None

    async def run(self, *, drain: bool = False, ready: Callable[[], None] | None = None) -> int:
        """Work until :meth:`stop`, or with ``drain`` until nothing is left to do now.

        Returns the exit code; that of a drain tells the outcome of the deliveries.

        :param ready: is called once, before the first turn.
        :raises InputError: another daemon works on the store.
        """
        runtime, drained = self.runtime, Drained() if drain else None
        self.turns.drained = drained
        orphans = await runtime.in_store(
            runtime.store.open,
            runtime.owner,
            exclusive=not runtime.store.several_daemons,
            looks=self.roster.looks(),
        )
        self.turns.note_orphans(orphans)
        await self.turns.registration.renew()
        listener = ChangeListener(runtime)
        listener.start()
        reaper = Reaper(runtime, self.roster)
        self._ticker = ticker = self._tick_chores(reaper)
        await reaper.beat(self.turns.in_flight.leases, turns.LEASE_S)
        if ready:
            ready()
        try:
            if self._first:
                await ticker.guarded("first", self._first)
                ticker.failing.pop("first", None)  # a chore repeats the same work and reports it
            await self._take_turns()
        finally:
            try:
                await self._finish()
            finally:
                ticker.stop()
                listener.stop()
                await self.turns.fan_out.close()
                await runtime.in_store(runtime.store.close, runtime.owner)
                runtime.in_store.close()
        if bug := self.turns.fan_out.bug:
            raise bug
        return drained.exit_code if drained else 0

    @property
    def closed_gates(self) -> tuple[Gate, ...]:
        """The closed gates, as this daemon knows them."""
        return self.runtime.gates.closed

    @property
    def failing_chores(self) -> Mapping[str, str]:
        """Name -> class name of the error, for each chore whose last run failed."""
        return self._ticker.failing if self._ticker else {}

    @property
    def stopping(self) -> bool:
        return self.turns.stopping

    def at(self, chore: Chore, moments: Mapping[str, datetime]) -> None:
        """Run ``chore`` at each of ``moments`` (name -> time); replaces the earlier moments."""
        if self._ticker:
            self._ticker.at(chore, moments)

    async def adopt(self, roster: Roster) -> None:
        """Use new settings from the next turn on; claims in flight end by the old ones."""
        self._coming = roster, asyncio.get_running_loop().create_future()
        self.runtime.wake.set()
        await self._coming[1]

    def stop(self) -> None:
        """Make :meth:`run` finish and record the calls in flight, and return."""
        self.turns.stopping = True
        self.runtime.wake.set()

    # --- life ---------------------------------------------------------------------------------

    def _tick_chores(self, reaper: Reaper) -> Ticker:
        leases, clock = self.turns.in_flight.leases, self.runtime.clock
        return Ticker(
            {
                **self._chores,
                "beat": (BEAT_S, lambda: reaper.beat(leases, turns.LEASE_S)),
                "sweep": (1.0, partial(self._sweep, reaper)),
                "probe": (1.0, lambda: reaper.probe(clock.now())),
            }
        )

    async def _sweep(self, reaper: Reaper) -> None:
        if await self.runtime.clock.is_trusted():
            await reaper.sweep(self.runtime.clock.at)

    async def _take_turns(self) -> None:
        while not self.stopping and not self.turns.fan_out.bug:
            if self._coming:
                await self._take_over(*self._coming)
            wake_at = await self.turns.take()
            if self.turns.drained and self._nothing_left(wake_at):
                return
            if not self.turns.may_start_more:
                await self._rest(wake_at)

    async def _take_over(self, roster: Roster, taken: asyncio.Future[None]) -> None:
        """Replace the roster; runs between two turns, so that no turn sees both rosters."""
        self._coming = None
        old_senders = self.roster.senders
        for name, sender in roster.senders.items():
            old = old_senders.get(name)
            if old is not None and old is not sender:
                sender.take_over_from(old)
        self.roster.senders, self.roster.channels = roster.senders, roster.channels
        for name, old in old_senders.items():
            if name not in roster.senders:
                for begin in old.ready:
                    self.turns.in_flight.await_begin(begin)
        await self.turns.registration.renew()
        taken.set_result(None)

    async def _rest(self, wake_at: Micros | None) -> None:
        """Wait until the next turn is due, or something wakes the worker."""
        await asyncio.sleep(LINGER_S)
        if self.turns.in_flight.results:
            return
        clock, wake = self.runtime.clock, self.runtime.wake
        wait = POLL_S if wake_at is None else min(POLL_S, max(0.0, -clock.late(wake_at)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await wake.wait()
        wake.clear()
        if wake_at is not None and (late := clock.late(wake_at)) >= 0:
            self.runtime.meter.lag_s = late

    def _nothing_left(self, wake_at: Micros | None) -> bool:
        in_flight = self.turns.in_flight
        uploaded = any(sender.ready for sender in self.roster.senders.values())
        if in_flight.claims or in_flight.results or self.turns.posts_left or uploaded:
            return False
        return wake_at is None or wake_at - self.runtime.clock.now() > DRAIN_WAIT_S * 1e6

    async def _finish(self) -> None:
        """Wait for the calls in flight, which end by their own deadlines; record their results."""
        self.turns.stopping = True
        in_flight = self.turns.in_flight
        if in_flight.running:
            log.info("stopping: %d calls on the wire are finished first", in_flight.running)
        await in_flight.break_off()
        while in_flight.running or in_flight.results:
            await in_flight.wait_for_one()
            if in_flight.results:
                await self.turns.take()
