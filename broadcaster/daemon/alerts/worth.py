"""What is worth telling, and when: pure, from what was seen to the causes that are due.

A *cause* is told of at most once an hour.  What the queue settled badly is gathered until it has
come to rest; what was missed in an outage is told when the outage is over, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from broadcaster.model import Micros, State
from broadcaster.store.views import Troubles

SECOND: Micros = 1_000_000
HOUR: Micros = 3600 * SECOND
DAY: Micros = 24 * HOUR
REST: Micros = 20 * SECOND
"""A group of troubles has come to rest when nothing was added for so long …"""
PATIENCE: Micros = 300 * SECOND
"""… or after so long, whatever is added still."""


def cause_of(group: Troubles) -> str:
    return f"{group.state} {group.account}"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Those that do not do well."""

    out: Collection[str] = ()
    """Their outage goes on: what they miss is told of when it is over."""
    shaky: Collection[str] = ()
    """Their last call failed: an outage may have begun."""


def due(
    groups: Iterable[Troubles], told: Mapping[str, Micros], accounts: Accounts, now: Micros
) -> list[Troubles]:
    """The groups to tell of now."""
    return [group for group in groups if _due(group, told.get(cause_of(group), 0), accounts, now)]


def _due(group: Troubles, told: Micros, accounts: Accounts, now: Micros) -> bool:
    if group.last <= told or now - told < HOUR:
        return False
    if group.state is State.MISSED:
        if group.account in accounts.out:
            return False
        if group.account in accounts.shaky:
            return now - group.last >= PATIENCE
    return now - group.last >= REST or now - group.first >= PATIENCE


@dataclass(frozen=True, slots=True)
class Ledger:
    """What this daemon has told of by itself: conditions that stand are told of once.

    The store keeps the same for all daemons and over restarts, unless it cannot be written.
    """

    standing: frozenset[str] = frozenset()
    told: Mapping[str, Micros] = field(default_factory=dict)

    def news(self, causes: Collection[str], now: Micros) -> tuple[str, ...]:
        """Of the causes that stand now, those to tell of."""
        return tuple(
            cause
            for cause in causes
            if cause not in self.standing and now - self.told.get(cause, -HOUR) >= HOUR
        )

    def saw(self, causes: Collection[str], told: Collection[str], now: Micros) -> Ledger:
        """After a look: ``causes`` stand, of ``told`` people were told.

        One that is suppressed because it was told of a while ago does not count as standing, so
        that it is told of once its hour is over.
        """
        standing = (self.standing | frozenset(told)) & frozenset(causes)
        return replace(self, standing=standing, told={**self.told, **dict.fromkeys(told, now)})


def summary_due(at: time | None, now: datetime, zone: ZoneInfo, last: date | None) -> date | None:
    """The day whose summary is to be told now; None: none is. ``last``: the last one told."""
    local = now.astimezone(zone)
    if at is None or local.time() < at or last == local.date():
        return None
    return local.date()
