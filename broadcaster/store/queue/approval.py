"""What a draft waits for: its row beside the post, and the digest that an approval is bound to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Digest, Micros, Stage
from broadcaster.store import codec
from broadcaster.store.approving import Approval, Verdict
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.plan import planned

if TYPE_CHECKING:
    from broadcaster.store.queueing import NewPost


def begin(cx: Database, post: int, new: NewPost) -> None:
    """A draft begins to wait for somebody else than its author."""
    cx.run(
        "approval.put",
        post=post,
        required=new.needs_approval,
        writers=codec.dumps([new.author] if new.author else []),
        lapses_at=new.lapses_at,
    )


def of(cx: Database, post: Row) -> Approval | None:
    """What ``post`` waits for, or what was decided; None: it never was a draft."""
    row = cx.one("approval.of", post=post["id"])
    if row is None:
        return None
    waits = Stage(post["stage"]) is Stage.DRAFT
    return Approval(
        required=bool(row["required"]),
        writers=tuple(json.loads(row["writers"])),
        lapses_at=row["lapses_at"],
        digest=_digest(cx, post) if waits else row["digest"],
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        by=row["by"],
        at=row["at"],
        reason=row["reason"],
    )


def lapsed(cx: Database, posts: Collection[int], now: Micros) -> set[int]:
    """Those of ``posts`` that nobody approved in time."""
    return {row["post"] for row in cx.all("approval.lapsed", posts=pack(list(posts)), now=now)}


def lapse(cx: Database, limit: int, now: Micros) -> Sequence[int]:
    """Note those whose slot is over; returns them."""
    return [row["post"] for row in cx.all("approval.lapse", limit=limit, now=now)]


def _digest(cx: Database, post: Row) -> Digest:
    targets = [
        [each.channel, each.rendering] for each in planned(cx, post["id"]) if not each.cancelled
    ]
    return codec.digest(codec.dumps([post["due"], post["expires"], targets]))
