"""From targets to deliveries: at once for a post that is due, by the tick for a scheduled one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadcaster.model import Micros
from broadcaster.store.queue import audit
from broadcaster.store.queue.database import Database, pack

WIDE = 100
"""Targets from which on a post is left to the next tick to fan out, as one is that falls due: each
channel's line lies on a page of its own, and whoever posts need not wait for so many."""
NAMELESS = "which channels it goes to cannot be read any more (the store is damaged there)"
POSTS_PER_TICK, TARGETS_PER_TICK = 20, 1000
"""Bound a tick when many posts fall due together; meanwhile nobody else can write."""


def lanes_json(channels: Iterable[tuple[str, str]]) -> str:
    """(channel, account) pairs as ``put_lanes`` takes them: as ``fans_json`` begins."""
    accounts: dict[str, dict[str, int]] = {}
    for position, (channel, account) in enumerate(channels):
        accounts.setdefault(account, {})[channel] = position
    return pack([*accounts.items()])


def goes_first(cx: Database, targets: int, now: Micros) -> bool:
    """Whether a post that is due is fanned out at once: it is not wide, and nothing that is left to
    the tick stands before it."""
    if targets >= WIDE:
        return False
    next_due: Micros | None = cx.scalar("claims.next_due")
    return next_due is None or next_due > now


class Made(NamedTuple):
    """Posts that became deliveries, whose lanes do not know of them yet."""

    posts: list[int]
    targets: int


def fan_out(cx: Database, posts: Sequence[int], fans: str, now: Micros) -> None:
    """Make the deliveries of ``posts``, with lanes for new channels, and wake the lanes.

    ``fans``: see :func:`~broadcaster.store.queue.plan.fans_json`.
    """
    _make(cx, posts, fans)
    wake(cx, posts, now)


def fan_out_due(cx: Database, now: Micros) -> int:
    """Posts whose time has come, a few per tick; returns how many targets they have."""
    made = make_due(cx, now)
    wake(cx, made.posts, now)
    return made.targets


def make_due(cx: Database, now: Micros) -> Made:
    """As :func:`fan_out_due`, but the lanes are left to :func:`wake`."""
    posts: list[int] = []
    targets = 0
    due = cx.all("plan.due", now=now, limit=POSTS_PER_TICK)
    mended = _mend(cx, [row["post"] for row in due], now) if due else False
    for row in due:
        width: int = cx.scalar("plan.width", post=row["post"])
        if posts and targets + width > TARGETS_PER_TICK:
            break
        targets += width
        posts.append(row["post"])
    if not posts:
        return Made([], 0)
    ids = pack(posts)
    _make(cx, posts, cx.scalar("plan.fans", posts=ids))
    if mended:
        cx.run("plan.fail_mended", posts=ids, reason=NAMELESS, now=now)
    cx.run("plan.begun", posts=ids)
    cx.run("enqueue.drop_scheduled", posts=ids, now=now)
    return Made(posts, targets)


def _mend(cx: Database, posts: Sequence[int], now: Micros) -> bool:
    """Put a name of ours for the channels of plan rows that cannot be read: whether there were any.

    So what is damaged fails in the sight of people, and all else goes out.
    """
    damaged = cx.all("plan.damaged", posts=pack(posts))
    for row in damaged:
        detail = {"account": row["account"], "part": row["part"], "was": row["channels"][:1000]}
        audit.append(cx, "daemon", "damaged", row["post"], detail, now)
        name = pack({f"?{row['part']}": row["part"]})
        cx.run("plan.mend", post=row["post"], part=row["part"], channels=name)
    return bool(damaged)


def wake(cx: Database, posts: Sequence[int], now: Micros) -> None:
    """Tell the lanes of what was made for them."""
    cx.run("lanes.wake_new", posts=pack(posts), now=now)


def _make(cx: Database, posts: Sequence[int], fans: str) -> None:
    cx.run("enqueue.put_lanes", fans=fans)
    cx.run("enqueue.fan_out", fans=fans)
    cx.run("enqueue.fanned_out", posts=pack(posts))
