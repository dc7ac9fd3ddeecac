"""Many posts at a glance, and the health of the whole queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Micros, Stage, State
from broadcaster.store.derive import post_state
from broadcaster.store.live import Cause, DaemonRow, Gate
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.later import Later

if TYPE_CHECKING:
    from broadcaster.store.health import StoreHealth
    from broadcaster.store.queue import approval, record
    from broadcaster.store.reading import Query
else:
    approval, record = map(Later, ("approval", "record"))

PAGE = 200
FAR: Micros = 2**62

_STAGES: Mapping[str, Sequence[Stage]] = {
    "draft": (Stage.DRAFT,),
    "rejected": (Stage.REJECTED,),
    "scheduled": (Stage.PLANNED, Stage.APPROVED),
}
"""Shown states that are a stage."""


def states(
    cx: Database, posts: Sequence[Row], now: Micros
) -> dict[int, tuple[str, Mapping[State, int]]]:
    """Of each post: its shown state, and its deliveries of kind POST by state."""
    ids = pack([post["id"] for post in posts])
    counts: dict[int, Counter[State]] = defaultdict(Counter)
    for row in cx.all("read.standing", posts=ids):
        counts[row["post"]][State(row["state"])] += row["count"]
    for row in cx.all("read.planned_counts", posts=ids):
        counts[row["post"]][State.WAITING] += row["waiting"]
        counts[row["post"]][State.CANCELLED] += row["cancelled"]
    lapsed = approval.lapsed(cx, [post["id"] for post in posts], now)
    out: dict[int, Counter[int]] = defaultdict(Counter)
    for row in cx.all("read.out", posts=ids):
        out[row["post"]][row["live"]] += 1
    found: dict[int, tuple[str, Mapping[State, int]]] = {}
    for post in posts:
        number = post["id"]
        if number in lapsed:
            counts[number][State.MISSED] = counts[number].pop(State.WAITING, 0)
        elif post["stage"] == Stage.REJECTED:
            counts[number][State.CANCELLED] += counts[number].pop(State.WAITING, 0)
        known = +counts[number]
        stage = Stage(post["stage"])
        state = post_state(
            stage,
            known,
            live=out[number][1],
            removed=out[number][0],
            due=post["due"] <= now,
            lapsed=number in lapsed,
        )
        found[number] = (state, known)
    return found


def listed(cx: Database, query: Query, now: Micros) -> list[tuple[Row, str, Mapping[State, int]]]:
    """Posts that match, newest activity first; a derived state is looked for page by page."""
    stages = _STAGES.get(query.state or "")
    delivery = query.state if query.state in set(State) - {State.CANCELLED} else None
    found: list[tuple[Row, str, Mapping[State, int]]] = []
    also = record.unfolded_with(cx, query.words) if query.words else []
    active, last = FAR, FAR
    while len(found) < query.limit:
        page = cx.all(
            "read.posts_page",
            active=active,
            id=last,
            since=query.since,
            until=query.until,
            active_since=query.active_since,
            author=query.author,
            channels=None if query.channels is None else pack(query.channels),
            words=pack(query.words) if query.words else None,
            also=pack(also),
            stages=pack(stages) if stages else None,
            state=delivery,
            limit=PAGE,
        )
        shown = states(cx, page, now)
        for row in page:
            state, counts = shown[row["id"]]
            if query.state in {None, state, *counts}:
                found.append((row, state, counts))
        if len(page) < PAGE:
            break
        active, last = page[-1]["active"], page[-1]["id"]
    return found[: query.limit]


def daemons(cx: Database, now: Micros) -> tuple[DaemonRow, ...]:
    return tuple(
        DaemonRow(**{**dict(row), "alive": bool(row["alive"])})
        for row in cx.all("daemons.all", now=now)
    )


def gates(cx: Database) -> tuple[Gate, ...]:
    return tuple(
        Gate(**{**dict(row), "cause": Cause(row["cause"])}) for row in cx.all("read.gates")
    )


def health(
    cx: Database, now: Micros, *, counted: bool, url: str, schema: int, engine: str
) -> StoreHealth:
    meta = {row["key"]: row["value"] for row in cx.all("read.meta")}
    counts: Counter[State] = Counter()
    by_channel: dict[str, Counter[State]] = defaultdict(Counter)
    if counted:
        counts.update({State(row["state"]): row["count"] for row in cx.all("read.counts")})
        counts[State.WAITING] += cx.scalar("read.planned_total")
        for row in cx.all("read.by_channel"):
            by_channel[row["channel"]][State(row["state"])] += row["count"]
        for row in cx.all("read.planned_by_channel"):
            by_channel[row["channel"]][State.WAITING] += row["count"]
    accounts = cx.all("read.accounts")
    differing: dict[str, tuple[str, ...]] = {}
    for row in cx.all("daemons.differing", now=now):
        differing[row["account"]] = (*differing.get(row["account"], ()), row["owner"])
    from broadcaster.store.health import Health, StoreHealth  # a post needs neither

    return StoreHealth(
        now=now,
        url=url,
        schema=schema,
        epoch=meta["epoch"],
        engine=engine,
        generation=meta["generation"],
        daemons=daemons(cx, now),
        gates=gates(cx),
        counts=+counts,
        by_channel=by_channel,
        next_due=cx.scalar("read.next_due"),
        accounts=tuple(
            Health(
                account=row["name"],
                breaker=row["breaker"],
                failures=row["failures"],
                retry_at=row["retry_at"],
                reason=row["reason"],
            )
            for row in accounts
            if row["breaker"] is not None
        ),
        quiet={row["name"]: row["not_before"] for row in accounts if row["not_before"] > now},
        contested=differing,
    )
