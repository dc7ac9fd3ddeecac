"""From targets to deliveries: at once for a post that is due, by the tick for a scheduled one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from broadcaster.model import Micros
from broadcaster.store.queue.database import Database, pack

WIDE = 100
"""Targets from which on a post is left to the next tick to fan out, as one is that falls due: each
channel's line lies on a page of its own, and whoever posts need not wait for so many."""
POSTS_PER_TICK, TARGETS_PER_TICK = 20, 1000
"""Bound a tick when many posts fall due together; meanwhile nobody else can write."""


def lanes_json(channels: Iterable[tuple[str, str]]) -> str:
    """(channel, account) pairs as ``put_lanes`` takes them: each account with its channels."""
    accounts: dict[str, list[str]] = {}
    for channel, account in channels:
        accounts.setdefault(account, []).append(channel)
    return pack(accounts)


def goes_first(cx: Database, targets: int, now: Micros) -> bool:
    """Whether a post that is due is fanned out at once: it is not wide, and nothing that is left to
    the tick stands before it."""
    if targets >= WIDE:
        return False
    next_due: Micros | None = cx.scalar("claims.next_due")
    return next_due is None or next_due > now


def fan_out(cx: Database, posts: Sequence[int], fans: str, now: Micros) -> None:
    """Make the deliveries of ``posts``, with lanes for new channels, and wake the lanes.

    ``fans``: see :func:`~broadcaster.store.queue.plan.fans_json`.
    """
    ids = pack(posts)
    accounts = {name: account for _, account, *_, names in json.loads(fans) for name in names}
    cx.run("enqueue.put_lanes", lanes=lanes_json(accounts.items()))
    cx.run("enqueue.fan_out", fans=fans)
    cx.run("enqueue.fanned_out", posts=ids)
    cx.run("lanes.wake_new", posts=ids, now=now)


def fan_out_due(cx: Database, now: Micros) -> int:
    """Scheduled posts whose time has come, a few per tick; returns how many targets they have."""
    posts: list[int] = []
    targets = 0
    for row in cx.all("plan.due", now=now, limit=POSTS_PER_TICK):
        if posts and targets + row["targets"] > TARGETS_PER_TICK:
            break
        targets += row["targets"]
        posts.append(row["post"])
    ids = pack(posts)
    fan_out(cx, posts, cx.scalar("plan.fans", posts=ids), now)
    cx.run("plan.begun", posts=ids)
    cx.run("enqueue.drop_scheduled", posts=ids, now=now)
    return targets
