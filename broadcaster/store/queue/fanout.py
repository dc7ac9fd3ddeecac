"""From targets to deliveries: at once for a post that is due, by the tick for a scheduled one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Micros
from broadcaster.store.queue.database import Database, pack

if TYPE_CHECKING:
    from broadcaster.store.queueing import Target

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


def fans_json(post: int, targets: Sequence[Target]) -> str:
    """Targets as ``fan_out`` takes them: what many channels share once, then the channels.

    Each with its position; to take a row of JSON apart for every channel would double the cost.  In
    the order of their names, for so they stand in the plan: rows that follow each other cost less.
    """
    fans: dict[tuple[object, ...], tuple[Target, dict[str, int]]] = {}
    for position, each in enumerate(targets):
        alike = each.account, id(each.rendering), each.deadline, each.off
        if alike not in fans:
            fans[alike] = each, {}
        fans[alike][1][each.channel] = position
    return pack(
        [[post, *_columns(first), dict(sorted(names.items()))] for first, names in fans.values()]
    )


def _columns(target: Target) -> list[object]:
    rendering = target.rendering
    return [
        target.account,
        rendering.digest,
        len(rendering.messages),
        pack(rendering.lost),
        target.deadline,
        int(target.off),
    ]


def targets_json(post: int, targets: Sequence[Target]) -> str:
    """Targets as ``put_plan`` and ``replan`` take them."""
    return pack([[post, target.channel, *_columns(target)] for target in targets])


def goes_first(cx: Database, targets: int, now: Micros) -> bool:
    """Whether a post that is due is fanned out at once: it is not wide, and nothing that is left to
    the tick stands before it."""
    if targets >= WIDE:
        return False
    next_due: Micros | None = cx.scalar("claims.next_due")
    return next_due is None or next_due > now


def fan_out(cx: Database, posts: Sequence[int], fans: str, now: Micros) -> None:
    """Make the deliveries of ``posts``, with lanes for new channels, and wake the lanes.

    ``fans``: see :func:`fans_json`.
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
    for row in cx.all("enqueue.due", now=now, limit=POSTS_PER_TICK):
        if posts and targets + row["targets"] > TARGETS_PER_TICK:
            break
        targets += row["targets"]
        posts.append(row["post"])
    ids = pack(posts)
    fan_out(cx, posts, cx.scalar("enqueue.planned", posts=ids), now)
    cx.run("enqueue.drop_plan", posts=ids)
    cx.run("enqueue.drop_scheduled", posts=ids, now=now)
    return targets
