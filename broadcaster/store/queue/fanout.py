"""From targets to deliveries: at once for a post that is due, by the tick for a scheduled one."""

from __future__ import annotations

from collections.abc import Sequence

from broadcaster.model import Micros
from broadcaster.store.port import Target
from broadcaster.store.queue.database import Database, pack

POSTS_PER_TICK = 20
"""Bounds a tick when many posts fall due together: 20 posts to 1,000 channels are about 60 ms."""


def targets_json(post: int, targets: Sequence[Target]) -> str:
    """Targets as ``put_plan`` and ``fan_out`` take them."""
    return pack(
        [
            [
                post,
                target.channel,
                target.account,
                target.rendering.digest,
                len(target.rendering.messages),
                pack(target.rendering.lost),
                target.deadline,
                int(target.off),
            ]
            for target in targets
        ]
    )


def fan_out(cx: Database, posts: Sequence[int], targets: str, now: Micros) -> None:
    """Make the deliveries of ``posts`` and wake their lanes."""
    ids = pack(posts)
    cx.run("enqueue.fan_out", targets=targets)
    cx.run("enqueue.fanned_out", posts=ids)
    cx.run("lanes.wake_new", posts=ids, now=now)


def fan_out_due(cx: Database, now: Micros) -> None:
    """Scheduled posts whose time has come, a few per tick."""
    posts = [row["post"] for row in cx.all("enqueue.due", now=now, limit=POSTS_PER_TICK)]
    if not posts:
        return
    ids = pack(posts)
    fan_out(cx, posts, cx.scalar("enqueue.planned", posts=ids), now)
    cx.run("enqueue.drop_plan", posts=ids)
    cx.run("enqueue.drop_scheduled", posts=ids, now=now)
