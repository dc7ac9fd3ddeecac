"""Looks at the store and the worker every few seconds, and alerts people to what needs them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from broadcaster.calendar import show
from broadcaster.config import Settings
from broadcaster.daemon.alerts import messages, reviews, rules
from broadcaster.daemon.alerts.catalog import Alert
from broadcaster.daemon.alerts.evidence import evidence
from broadcaster.daemon.alerts.messages import Evidence
from broadcaster.daemon.alerts.notifier import Notifier
from broadcaster.daemon.alerts.rules import DAY, HOUR, Conditions, DegradedAccounts
from broadcaster.engine.breaker import Position
from broadcaster.engine.clock_check import describe
from broadcaster.engine.worker import Worker
from broadcaster.language import current
from broadcaster.model import Micros, State
from broadcaster.store.background import BackgroundStore
from broadcaster.store.live import Cause, DaemonRow, Gate
from broadcaster.store.store import StoreBusy
from broadcaster.store.views import Query, Troubles

log = logging.getLogger(__name__)

LOOK_S = 10.0
"""Between two looks."""
STUCK_S = 10.0
"""A store that cannot be written for so long is reported: other writers take far less."""
POSTS = 30
"""Named in a summary."""
REVIEWS = 1000
"""Drafts of a day that are looked at; there are hardly as many."""
BREAKER = "breaker "
"""Begins the cause of an account that does not answer."""


class AlertMonitor:
    """``settings`` and ``notifier`` (None: no alerts) may be replaced by a changed config's."""

    def __init__(
        self,
        worker: Worker,
        background: BackgroundStore,
        settings: Settings,
        notifier: Notifier | None,
    ) -> None:
        self.settings = settings
        self.notifier = notifier
        self.mistakes = ""
        """Of a changed config that was not applied; empty: there are none."""
        self._worker = worker
        self._background = background
        self._conditions = Conditions()
        self._outages: dict[str, int] = {}
        """Account -> its receipts so far, while it is reported not to answer."""
        self._summarised: date | None = None
        self._dead: tuple[DaemonRow, ...] = ()
        self._dead_notified: set[str] = set()
        self._schedules_notified: set[str] = set()

    def found_dead(self, rows: Iterable[DaemonRow]) -> None:
        """Report ``rows``, daemons that had exited without unregistering when this one began."""
        self._dead = tuple(rows)

    async def look(self) -> None:
        """Send the alerts that are due."""
        if self.notifier is None:
            return
        now = self._worker.runtime.clock.now()
        parts = [self._look_at_conditions, self._troubles, self._drafts]
        parts += [self._schedules, self._summary]
        if self._background.store.several_daemons:
            parts.append(self._dead_daemons)
        bugs: list[Exception] = []
        for part in parts:
            try:
                await part(now, self.notifier)
            except StoreBusy as busy:
                log.info("the store cannot be asked for alerts now (%s)", busy)
            except Exception as bug:  # the other parts have alerts of their own
                bugs.append(bug)
        if bugs:
            raise bugs[0]

    def report_bug(self, error: BaseException) -> None:
        """Report a bug that ends the daemon."""
        if self.notifier:
            self.notifier.notify(messages.bug(error, "bug"))

    # --- conditions of this daemon ------------------------------------------------------------

    async def _look_at_conditions(self, now: Micros, notifier: Notifier) -> None:
        """What holds now, what happened since the last look, and what is over."""
        standing = {alert.cause: alert for alert in self._standing()}
        happened = {alert.cause: alert for alert in self._happened()}
        over = {alert.cause: alert for alert in self._over(standing)}
        alerts = {**standing, **happened, **over}
        notified = []
        for cause in self._conditions.news({**standing, **happened}, now):
            if await self._take_turn(cause, HOUR, now):
                notifier.notify(alerts[cause])
                notified.append(cause)
        for cause, alert in over.items():
            if await self._take_turn(cause, rules.REST, now):
                notifier.notify(alert)
        if "doubled" in notified:
            self._worker.runtime.meter.doubled.clear()
        self._conditions = self._conditions.after(standing, notified, now)
        self._note_outages()

    def _standing(self) -> Iterator[Alert]:
        worker = self._worker
        for name, sender in worker.roster.senders.items():
            breaker = sender.breaker
            failed_again = breaker.opened > 1 or BREAKER + name in self._conditions.standing
            if breaker.position is not Position.CLOSED and failed_again:
                yield messages.breaker(name, breaker.reason, BREAKER + name)
        for gate in worker.closed_gates:
            if gate.cause is Cause.UNAUTHORIZED:
                yield self._refused(gate)
        for name in worker.turns.peers.contested:
            yield messages.contested(name, f"settings {name}")
        meter = worker.runtime.meter
        if meter.stuck and time.monotonic() - meter.stuck_since >= STUCK_S:
            yield messages.stuck(meter.stuck, "store")
        check = worker.runtime.clock.check
        if not check.trusted:
            yield messages.clock(describe(check.jump), "clock")
        if self.mistakes:
            yield messages.config(self.mistakes, "config")
        for name, reason in worker.failing_chores.items():
            yield messages.chore(name, reason, f"chore {name}")

    def _happened(self) -> Iterator[Alert]:
        for row in self._dead:
            yield messages.daemon_died(row, f"restart {row.host}", self._show)
        self._dead = ()
        doubled = self._worker.runtime.meter.doubled
        if doubled:
            yield messages.doubled(tuple(doubled), "doubled")

    def _over(self, standing: Mapping[str, Alert]) -> Iterator[Alert]:
        """Reported outages that ended with a receipt, and that no daemon sees any more."""
        worker = self._worker
        for name in list(self._outages):
            if BREAKER + name in standing or name in worker.turns.peers.down:
                continue
            if worker.runtime.meter.receipts(name) > self._outages[name]:
                del self._outages[name]
                yield messages.answers(name, f"answers {name}")

    def _note_outages(self) -> None:
        for cause in self._conditions.standing:
            if cause.startswith(BREAKER):
                name = cause.removeprefix(BREAKER)
                self._outages[name] = self._worker.runtime.meter.receipts(name)

    def _refused(self, gate: Gate) -> Alert:
        cause = f"unauthorized {gate.scope} {gate.name}"
        if gate.scope != "account":
            return messages.channel_refused(gate, cause, self._show)
        account = self.settings.accounts.get(gate.name)
        return messages.token_refused(
            gate,
            cause,
            self._show,
            file=account.token_file if account else None,
            variable=account.token_env if account else None,
        )

    # --- what the store knows -----------------------------------------------------------------

    async def _troubles(self, now: Micros, notifier: Notifier) -> None:
        store = self._background.store
        notified = await self._background(store.notified)
        groups = await self._background(store.troubles, now - DAY, now)
        for due in rules.due(groups, notified, self._degraded(), now):
            since = max(due.since, now - DAY)
            fresh = await self._background(store.troubles, since, now)
            same = [group for group in fresh if rules.cause_of(group) == rules.cause_of(due.group)]
            if same and await self._take_turn(due.cause, HOUR, now):
                found = await self._evidence(same[0])
                notifier.notify(messages.troubles(same[0], due.cause, self._show, found))

    async def _evidence(self, group: Troubles) -> Mapping[int, Evidence]:
        if group.state is not State.UNKNOWN:
            return {}
        store, found = self._background.store, {}
        for trouble in group.examples:
            view = await self._background(store.post, trouble.post)
            found[trouble.delivery] = evidence(trouble, view, self.settings)
        return found

    async def _drafts(self, now: Micros, notifier: Notifier) -> None:
        """Drafts that wait for approval, and what became of others."""
        store, since = self._background.store, now - DAY
        asked = await self._background(store.asked, since, REVIEWS)
        decided = await self._background(store.decided, since, REVIEWS)
        if not (asked or decided):
            return
        notified = await self._background(store.notified)
        for due in reviews.due([*asked, *decided], notified, now):
            ours = [
                review
                for review in due.reviews
                if await self._take_turn(reviews.cause_of(review), due.pause, now)
            ]
            if ours:
                notifier.notify(reviews.alert(due.what, ours, self._show))

    async def _schedules(self, now: Micros, notifier: Notifier) -> None:
        """Recurring posts that could not be posted, or were skipped: each problem once."""
        for row in await self._background(self._background.store.schedules):
            since = (row.problem_at if row.problem else row.passed_at) or 0
            cause = f"schedule {row.name} {since}"
            if since > now - DAY and cause not in self._schedules_notified:
                self._schedules_notified.add(cause)
                if await self._take_turn(cause, 30 * DAY, now):
                    notifier.notify(messages.schedule(row, cause, self._show))

    async def _dead_daemons(self, now: Micros, notifier: Notifier) -> None:
        """Daemons of a shared store that exited without unregistering, on any machine."""
        for row in await self._background(self._background.store.daemons):
            if not row.alive and row.owner not in self._dead_notified:
                self._dead_notified.add(row.owner)
                cause = f"lost {row.owner}"
                if await self._take_turn(cause, 30 * DAY, now):
                    notifier.notify(messages.daemon_died(row, cause, self._show))

    async def _summary(self, now: Micros, notifier: Notifier) -> None:
        at, zone = self.settings.alerts.daily_summary, self.settings.timezone
        moment = datetime.fromtimestamp(now / 1e6, UTC)
        day = rules.summary_due(at, moment, zone, self._summarised)
        if day is None:
            return
        store = self._background.store
        if f"summary {day}" in await self._background(store.notified):
            self._summarised = day
            return
        alert = messages.summary(
            show.short(moment, calendar=self.settings.calendar, language=current(), zone=zone),
            await self._background(store.went_out, now - DAY, now),
            await self._background(store.posts, Query(since=now - DAY, until=now, limit=POSTS)),
            await self._background(store.backlog, now=now),
            await self._background(store.audit_head),
        )
        self._summarised = day
        if await self._take_turn(f"summary {day}", 30 * DAY, now):
            notifier.notify(alert)

    # --- what the parts share -----------------------------------------------------------------

    def _degraded(self) -> DegradedAccounts:
        refused = {
            gate.name for gate in self._worker.closed_gates if gate.cause is Cause.UNAUTHORIZED
        }
        breakers = {name: sender.breaker for name, sender in self._worker.roster.senders.items()}
        down = {
            name for name, breaker in breakers.items() if breaker.position is not Position.CLOSED
        }
        failed = {name for name, breaker in breakers.items() if breaker.faults}
        return DegradedAccounts(out=refused | down, degraded=failed)

    async def _take_turn(self, cause: str, pause: Micros, now: Micros) -> bool:
        """Whether this daemon reports ``cause``; if the store cannot be written, it does."""
        try:
            reserve = self._background.store.notify
            return await self._background(reserve, cause, pause, now=now) is not None
        except StoreBusy:
            return True

    def _show(self, at: Micros) -> str:
        return show.short(
            datetime.fromtimestamp(at / 1e6, UTC),
            calendar=self.settings.calendar,
            language=current(),
            zone=self.settings.timezone,
        )
