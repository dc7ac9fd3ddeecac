"""Looks at the store and at the worker every few seconds, and tells people what needs them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from broadcaster.calendar import show
from broadcaster.config import Settings
from broadcaster.daemon.alerts import words, worth
from broadcaster.daemon.alerts.outlet import Outlet
from broadcaster.daemon.alerts.words import Alert
from broadcaster.daemon.alerts.worth import DAY, HOUR, Accounts, Ledger
from broadcaster.engine.breaker import Position
from broadcaster.engine.clockwatch import said
from broadcaster.engine.worker import Worker
from broadcaster.model import Micros
from broadcaster.store.background import BackgroundStore
from broadcaster.store.live import Cause, DaemonRow
from broadcaster.store.store import StoreBusy
from broadcaster.store.views import Query

log = logging.getLogger(__name__)

LOOK_S = 10.0
"""Between two looks."""
STUCK_S = 10.0
"""A store that cannot be written for so long is told of: other writers take far less."""
POSTS = 30
"""Named in a summary."""


class Watch:
    """``settings`` and ``outlet`` (None: nobody is told) may be replaced by a changed config's."""

    def __init__(
        self, worker: Worker, background: BackgroundStore, settings: Settings, outlet: Outlet | None
    ) -> None:
        self.settings = settings
        self.outlet = outlet
        self.mistakes = ""
        """Of a changed config that was not taken; empty: there are none."""
        self._worker = worker
        self._background = background
        self._ledger = Ledger()
        self._summarised: date | None = None
        self._left: tuple[DaemonRow, ...] = ()
        self._lost_told: set[str] = set()
        self._schedules_told: set[str] = set()

    def found(self, left: Iterable[DaemonRow]) -> None:
        """Daemons that had ended without taking their leave when this one began."""
        self._left = tuple(left)

    async def look(self) -> None:
        """Tell what is due."""
        if self.outlet is None:
            return
        now = self._worker.time.now()
        parts = [self._conditions, self._troubles, self._schedules, self._summary]
        if self._background.store.several_daemons:
            parts.append(self._lost)
        bugs: list[Exception] = []
        for part in parts:
            try:
                await part(now, self.outlet)
            except StoreBusy as busy:
                log.info("the store cannot be asked for troubles now (%s)", busy)
            except Exception as bug:  # the other parts have news of their own
                bugs.append(bug)
        if bugs:
            raise bugs[0]

    def stops(self, error: BaseException) -> None:
        """The daemon ends by a bug."""
        if self.outlet:
            self.outlet.tell(words.bug(error, "bug"))

    async def _conditions(self, now: Micros, outlet: Outlet) -> None:
        """What stands now, and what happened since the last look."""
        standing = {alert.cause: alert for alert in self._standing()}
        happened = {alert.cause: alert for alert in self._happened()}
        causes = {**standing, **happened}
        told = []
        for cause in self._ledger.news(causes, now):
            if await self._turn(cause, HOUR, now):
                outlet.tell(causes[cause])
                told.append(cause)
        if "doubled" in told:
            self._worker.meter.doubled.clear()
        self._ledger = self._ledger.saw(standing, told, now)

    def _standing(self) -> Iterator[Alert]:
        worker = self._worker
        for name, sender in worker.roster.senders.items():
            breaker = sender.breaker
            if breaker.position is not Position.CLOSED and breaker.opened > 1:
                yield words.breaker(name, breaker.reason, f"breaker {name}")
        for gate in worker.shut:
            if gate.cause is Cause.UNAUTHORIZED:
                yield words.unauthorized(gate, f"unauthorized {gate.scope} {gate.name}", self._at)
        for name in worker.contested:
            yield words.contested(name, f"settings {name}")
        meter = worker.meter
        if meter.stuck and time.monotonic() - meter.stuck_since >= STUCK_S:
            yield words.stuck(meter.stuck, "store")
        if not worker.time.clock.understood:
            yield words.clock(said(worker.time.clock.jump), "clock")
        if self.mistakes:
            yield words.config(self.mistakes, "config")
        for name, why in worker.ailing.items():
            yield words.ailing(name, why, f"chore {name}")

    def _happened(self) -> Iterator[Alert]:
        for row in self._left:
            yield words.restarted(row, f"restart {row.host}", self._at)
        self._left = ()
        doubled = self._worker.meter.doubled
        if doubled:
            yield words.doubled(tuple(doubled), "doubled")

    async def _troubles(self, now: Micros, outlet: Outlet) -> None:
        store = self._background.store
        told = await self._background(store.told)
        groups = await self._background(store.troubles, now - DAY, now)
        for group in worth.due(groups, told, self._accounts(), now):
            cause = worth.cause_of(group)
            since = max(told.get(cause, 0), now - DAY)
            fresh = await self._background(store.troubles, since, now)
            found = [each for each in fresh if worth.cause_of(each) == cause]
            if found and await self._turn(cause, HOUR, now):
                outlet.tell(words.troubles(found[0], cause, self._at))

    async def _schedules(self, now: Micros, outlet: Outlet) -> None:
        """What recurs and could not be posted, or was passed over: each problem once."""
        for row in await self._background(self._background.store.schedules):
            since = (row.problem_at if row.problem else row.passed_at) or 0
            cause = f"schedule {row.name} {since}"
            if since > now - DAY and cause not in self._schedules_told:
                self._schedules_told.add(cause)
                if await self._turn(cause, 30 * DAY, now):
                    outlet.tell(words.schedule(row, cause, self._at))

    async def _lost(self, now: Micros, outlet: Outlet) -> None:
        """Daemons of a shared store that ended without taking their leave, on any machine."""
        for row in await self._background(self._background.store.daemons):
            if not row.alive and row.owner not in self._lost_told:
                self._lost_told.add(row.owner)
                if await self._turn(f"lost {row.owner}", 30 * DAY, now):
                    outlet.tell(words.restarted(row, f"lost {row.owner}", self._at))

    def _accounts(self) -> Accounts:
        out = {gate.name for gate in self._worker.shut if gate.cause is Cause.UNAUTHORIZED}
        breakers = {name: each.breaker for name, each in self._worker.roster.senders.items()}
        out |= {name for name, each in breakers.items() if each.position is not Position.CLOSED}
        return Accounts(out=out, shaky={name for name, each in breakers.items() if each.faults})

    async def _summary(self, now: Micros, outlet: Outlet) -> None:
        at, zone = self.settings.alerts.daily_summary, self.settings.timezone
        moment = datetime.fromtimestamp(now / 1e6, UTC)
        day = worth.summary_due(at, moment, zone, self._summarised)
        if day is None:
            return
        store = self._background.store
        if f"summary {day}" in await self._background(store.told):
            self._summarised = day
            return
        alert = words.summary(
            show.short(moment, calendar=self.settings.calendar, language="en", zone=zone),
            await self._background(store.went_out, now - DAY, now),
            await self._background(store.posts, Query(since=now - DAY, until=now, limit=POSTS)),
            await self._background(store.backlog, now=now),
            await self._background(store.audit_head),
        )
        self._summarised = day
        if await self._turn(f"summary {day}", 30 * DAY, now):
            outlet.tell(alert)

    async def _turn(self, cause: str, quiet: Micros, now: Micros) -> bool:
        """Whether it is ours to tell; a store that cannot be written forbids nothing."""
        try:
            tell = self._background.store.tell
            return await self._background(tell, cause, quiet, now=now) is not None
        except StoreBusy:
            return True

    def _at(self, at: Micros) -> str:
        return show.short(
            datetime.fromtimestamp(at / 1e6, UTC),
            calendar=self.settings.calendar,
            language="en",
            zone=self.settings.timezone,
        )
