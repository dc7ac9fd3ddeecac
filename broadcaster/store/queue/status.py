"""The state of the whole queue: daemons, closed gates, and the number of deliveries by state."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from broadcaster.model import State
from broadcaster.store.live import Cause, DaemonRow, Gate
from broadcaster.store.queue.work import Work

if TYPE_CHECKING:
    from broadcaster.store.views import StoreHealth


def daemons(work: Work) -> tuple[DaemonRow, ...]:
    return tuple(
        DaemonRow(**{**dict(row), "alive": bool(row["alive"])})
        for row in work.cx.all("daemons.all", now=work.now)
    )


def gates(work: Work) -> tuple[Gate, ...]:
    return tuple(
        Gate(**{**dict(row), "cause": Cause(row["cause"])}) for row in work.cx.all("read.gates")
    )


def health(work: Work, *, counted: bool, url: str, schema: int, engine: str) -> StoreHealth:
    meta = {row["key"]: row["value"] for row in work.cx.all("read.meta")}
    counts: Counter[State] = Counter()
    by_channel: dict[str, Counter[State]] = defaultdict(Counter)
    if counted:
        counts.update({State(row["state"]): row["count"] for row in work.cx.all("read.counts")})
        counts[State.WAITING] += work.cx.scalar("read.planned_total")
        for row in work.cx.all("read.by_channel"):
            by_channel[row["channel"]][State(row["state"])] += row["count"]
        for row in work.cx.all("read.planned_by_channel"):
            by_channel[row["channel"]][State.WAITING] += row["count"]
    accounts = work.cx.all("read.accounts")
    differing: dict[str, tuple[str, ...]] = {}
    for row in work.cx.all("daemons.differing", now=work.now):
        differing[row["account"]] = (*differing.get(row["account"], ()), row["owner"])
    from broadcaster.store.changes import AccountHealth  # here: queueing a post needs neither
    from broadcaster.store.views import StoreHealth  # here: queueing a post needs neither

    return StoreHealth(
        now=work.now,
        url=url,
        schema=schema,
        epoch=meta["epoch"],
        engine=engine,
        generation=meta["generation"],
        daemons=daemons(work),
        gates=gates(work),
        counts=+counts,
        by_channel=by_channel,
        next_due=work.cx.scalar("read.next_due"),
        accounts=tuple(
            AccountHealth(
                account=row["name"],
                breaker=row["breaker"],
                failures=row["failures"],
                retry_at=row["retry_at"],
                reason=row["reason"],
            )
            for row in accounts
            if row["breaker"] is not None
        ),
        cool_downs={
            row["name"]: row["not_before"] for row in accounts if row["not_before"] > work.now
        },
        contested=differing,
    )
