"""When people are alerted: pure functions from what was seen to the causes that are due.

A cause is reported at most once an hour, and one more time within that hour if more happened.
Deliveries that ended badly are gathered until no more are added; those missed in an outage are
reported once, when the outage is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from broadcaster.language import say
from broadcaster.model import Micros, State
from broadcaster.store.views import Troubles

SECOND: Micros = 1_000_000
HOUR: Micros = 3600 * SECOND
DAY: Micros = 24 * HOUR
REST: Micros = 20 * SECOND
"""A group of troubles is complete when nothing was added for so long …"""
PATIENCE: Micros = 300 * SECOND
"""… or after so long, even if more are still added."""
_MORE = "more "
"""Begins the cause of the second alert within an hour."""


def cause_of(group: Troubles) -> str:
    return say("{state} {account}", state=group.state, account=group.account)


@dataclass(frozen=True, slots=True)
class DegradedAccounts:
    """The accounts whose platform does not answer as it should."""

    out: Collection[str] = ()
    """In an outage: what they miss is reported when it is over."""
    degraded: Collection[str] = ()
    """Their last call failed: an outage may have begun."""


@dataclass(frozen=True, slots=True)
class DueAlert:
    """An alert that is due."""

    group: Troubles
    cause: str
    since: Micros
    """Earlier troubles have been reported."""


def due(
    groups: Iterable[Troubles],
    notified: Mapping[str, Micros],
    accounts: DegradedAccounts,
    now: Micros,
) -> list[DueAlert]:
    """The groups to report now; ``notified``: when each cause was reported last."""
    found = []
    for group in groups:
        cause = cause_of(group)
        first, second = notified.get(cause, 0), notified.get(_MORE + cause, 0)
        since = max(first, second)
        if group.last <= since or not _complete(group, since, accounts, now):
            continue
        if now - first >= HOUR:
            found.append(DueAlert(group, cause, since))
        elif now - second >= HOUR and now - group.last >= REST:
            found.append(DueAlert(group, _MORE + cause, since))
    return found


def _complete(group: Troubles, since: Micros, accounts: DegradedAccounts, now: Micros) -> bool:
    if group.state is State.MISSED:
        if group.account in accounts.out:
            return False
        if group.account in accounts.degraded:
            return now - group.last >= PATIENCE
    return now - group.last >= REST or now - max(group.first, since) >= PATIENCE


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions that this daemon has reported: each is reported once while it lasts.

    The store keeps the same for all daemons and over restarts, unless it cannot be written.
    """

    standing: frozenset[str] = frozenset()
    notified: Mapping[str, Micros] = field(default_factory=dict)

    def news(self, causes: Collection[str], now: Micros) -> tuple[str, ...]:
        """The causes that hold now and are to be reported."""
        return tuple(
            cause
            for cause in causes
            if cause not in self.standing and now - self.notified.get(cause, -HOUR) >= HOUR
        )

    def after(self, causes: Collection[str], notified: Collection[str], now: Micros) -> Conditions:
        """After a look: ``causes`` hold, and those of ``notified`` were reported.

        A cause that was reported less than an hour ago by somebody else does not count as standing,
        so that it is reported once its hour is over.
        """
        standing = (self.standing | frozenset(notified)) & frozenset(causes)
        times = {**self.notified, **dict.fromkeys(notified, now)}
        return replace(self, standing=standing, notified=times)


def summary_due(at: time | None, now: datetime, zone: ZoneInfo, last: date | None) -> date | None:
    """The day whose summary is due now, or None; ``last``: the day of the last one."""
    local = now.astimezone(zone)
    if at is None or local.time() < at or last == local.date():
        return None
    return local.date()
