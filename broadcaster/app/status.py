"""The whole queue at a glance: the daemon, what waits, each account, and what needs somebody.

The JSON is of a stable shape: that of ``status --json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster.adapter import Rate
from broadcaster.app.office import Office
from broadcaster.app.schedule_views import flaw
from broadcaster.config import AccountSettings
from broadcaster.language import joined
from broadcaster.model import Json, Micros
from broadcaster.store.changes import AccountHealth
from broadcaster.store.live import Gate
from broadcaster.store.store import Store
from broadcaster.store.views import Query, StoreHealth

__all__ = [
    "AccountStatus",
    "Status",
    "StoreHealth",
    "accounts",
    "accounts_json",
    "rate",
    "status",
    "status_json",
]

DRAFTS = 100_000
"""More than any office keeps back."""
_SPANS = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What ``status`` shows."""

    health: StoreHealth
    drafts: tuple[int, ...]
    """Posts that are not approved."""
    problems: Mapping[str, str]
    """Schedule -> why it made no post."""
    next_due: Micros | None
    """When the next post is due, scheduled or recurring; not before now.  None: none is."""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """An account of the config, and how it is now."""

    settings: AccountSettings
    gates: tuple[Gate, ...]
    """Those that are closed for it."""
    health: AccountHealth | None
    """Its breaker; None: nothing was ever sent through it."""
    quiet_until: Micros | None
    """The platform asked to wait until then."""

    @property
    def closed(self) -> str:
        """Why nothing leaves through it; empty: it may."""
        return joined("; ", (gate.reason or gate.cause.value for gate in self.gates))

    @property
    def on(self) -> bool:
        return self.settings.enabled and not self.closed

    @property
    def breaker(self) -> str:
        """closed, open or half-open."""
        return self.health.breaker if self.health else "closed"

    @property
    def trouble(self) -> str:
        """Why its breaker is not closed."""
        return self.health.reason if self.health and self.breaker != "closed" else ""


def status(store: Store) -> Status:
    """How everything stands."""
    schedules = store.schedules()
    problems = {row.name: why for row in schedules if (why := row.problem or flaw(row))}
    health = store.health()
    due = [health.next_due, *(row.next_at for row in schedules if not row.paused)]
    coming = [max(at, health.now) for at in due if at is not None]
    drafts = tuple(row.post.id for row in store.posts(Query(state="draft", limit=DRAFTS)))
    next_due = min(coming, default=None)
    return Status(health=health, drafts=drafts, problems=problems, next_due=next_due)


def accounts(office: Office, health: StoreHealth) -> list[AccountStatus]:
    """Each account of the config, in its order."""
    breakers = {each.account: each for each in health.accounts}
    return [
        AccountStatus(
            account,
            tuple(
                gate
                for gate in health.gates
                if (gate.scope, gate.name) == ("account", account.name)
            ),
            breakers.get(account.name),
            health.cool_downs.get(account.name),
        )
        for account in office.settings.accounts.values()
    ]


def status_json(office: Office, found: Status) -> dict[str, Json]:
    """The object that ``status --json`` prints."""
    health, iso = found.health, office.times.iso
    halt = next((gate for gate in health.gates if gate.scope == "all"), None)
    return {
        "now": iso(health.now),
        "daemons": [
            {
                "pid": each.pid,
                "host": each.host,
                "alive": each.alive,
                "started": iso(each.started),
                "seen": iso(each.seen),
            }
            for each in health.daemons
        ],
        "halted": {"reason": halt.reason, "by": halt.by, "at": iso(halt.at)} if halt else None,
        "deliveries": {state.value: count for state, count in health.counts.items()},
        "next_due": iso(found.next_due),
        "channels": {
            name: {state.value: count for state, count in counts.items()}
            for name, counts in health.by_channel.items()
        },
        "accounts": accounts_json(office, health),
        "contested": {name: list(owners) for name, owners in health.contested.items()},
        "closed": [
            {
                "scope": gate.scope,
                "name": gate.name,
                "cause": gate.cause.value,
                "reason": gate.reason,
                "by": gate.by,
                "at": iso(gate.at),
            }
            for gate in health.gates
            if gate.scope != "all"
        ],
        "store": {
            "url": health.url,
            "engine": health.engine,
            "schema": health.schema,
            "epoch": health.epoch,
        },
        "drafts": [*found.drafts],
        "schedules_failed": {**found.problems},
    }


def accounts_json(office: Office, health: StoreHealth) -> list[Json]:
    """Each account of the config: its switch, breaker and pace."""
    iso = office.times.iso
    return [
        {
            "account": each.settings.name,
            "adapter": each.settings.adapter,
            "jurisdiction": each.settings.jurisdiction,
            "enabled": each.settings.enabled,
            "closed": each.closed or None,
            "breaker": each.breaker,
            "failures": each.health.failures if each.health else 0,
            "retry_at": iso(each.health.retry_at) if each.health else None,
            "reason": each.health.reason or None if each.health else None,
            "quiet_until": iso(each.quiet_until),
            "rate": rate(each.settings.rate),
            "channel_rate": rate(each.settings.channel_rate),
            "senders": each.settings.senders,
        }
        for each in accounts(office, health)
    ]


def rate(of: Rate | None) -> str:
    """As the config says it."""
    if of is None:
        return "none"
    return f"{of.count}/{_SPANS.get(of.per_s, f'{of.per_s:g}s')}"
