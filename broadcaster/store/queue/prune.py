"""Retention: what has been settled for long is removed, a small batch per transaction."""

from __future__ import annotations

from dataclasses import replace

from broadcaster.files import LARGEST
from broadcaster.model import Actor, Digest, Micros
from broadcaster.store.keeping import Place, Pruned, Retention
from broadcaster.store.queue import audit, audit_chain, record
from broadcaster.store.queue.database import Database, Row, pack

NEVER_SENT = "never sent: its channel was off when it was planned"
DAY: Micros = 86_400_000_000
_OF_A_POST = (
    *("attempts", "receipts", "deliveries", "plan", "approvals", "versions", "remarks", "posts"),
)
POSTS = 200
"""Looked at per batch."""
FOLDED = 300
"""Posts of an older program whose texts are folded per batch."""


def prune(
    cx: Database,
    by: Actor | str,
    retention: Retention,
    limit: int,
    after: Place | None,
    now: Micros,
) -> Pruned:
    """One batch of about ``limit`` rows, of posts that come after ``after``."""
    after = after or Place()
    before = now - retention.posts
    cancelled = cx.run("prune.uncounted", before=before, limit=limit, now=now, reason=NEVER_SENT)
    posts = _posts(cx, before, limit, after)
    if posts:
        numbers = pack([row["id"] for row in posts])
        for table in _OF_A_POST:
            cx.run(f"prune.{table}", posts=numbers)
    keys = cx.run("prune.keys", before=now - retention.keys, limit=limit)
    rows = audit_chain.prune(cx, now - retention.audit, limit, now)
    folded = record.fold(cx, FOLDED)
    cx.run("prune.handles", now=now)
    cx.run("prune.told", before=now - 30 * DAY)
    cx.run("prune.daemons", before=now - DAY)
    pruned = _pruned(posts, limit, after, cancelled=cancelled, keys=keys, audit=rows)
    if folded == FOLDED:
        pruned = replace(pruned, more=True)
    if pruned.removed:
        detail: dict[str, object] = {
            "posts": [row["id"] for row in posts],
            "keys": keys,
            "audit": rows,
        }
        if rows:
            detail["checkpoint"] = audit_chain.checkpoint(cx)
        audit.append(cx, by, "prune", None, detail, now)
    return pruned


def would_prune(
    cx: Database, retention: Retention, limit: int, after: Place | None, now: Micros
) -> Pruned:
    """What :func:`prune` would remove in its next batch."""
    after = after or Place()
    posts = _posts(cx, now - retention.posts, limit, after)
    begins = after == Place()
    keys = cx.scalar("prune.old_keys", before=now - retention.keys, limit=-1) if begins else 0
    rows = cx.scalar("audit.older", before=now - retention.audit) if begins else 0
    pruned = _pruned(posts, limit, after, keys=keys, audit=rows)
    return pruned if posts else pruned.ended()


def unused(cx: Database, before: Micros) -> list[Digest]:
    """Renderings that nothing shows, and that nobody has asked for since ``before``."""
    return [row["digest"] for row in cx.all("prune.unused_renderings", before=before)]


def drop(cx: Database, renderings: list[Digest], before: Micros) -> int:
    return cx.run("prune.renderings", digests=pack(renderings), before=before)


def files(cx: Database) -> dict[Digest, int]:
    """What is no digest is among them, as it stands there: whoever copies files names it."""
    rows = cx.all("prune.files")
    return {str(row["digest"]): LARGEST if row["size"] is None else row["size"] for row in rows}


def _posts(cx: Database, before: Micros, limit: int, after: Place) -> list[Row]:
    """As many as have ``limit`` deliveries together, and at least one."""
    chosen: list[Row] = []
    room = limit
    rows = cx.all("prune.old_posts", before=before, due=after.due, id=after.post, limit=POSTS)
    for row in rows:
        if chosen and row["deliveries"] > room:
            break
        chosen.append(row)
        room -= row["deliveries"]
    return chosen


def _pruned(
    posts: list[Row],
    limit: int,
    after: Place,
    *,
    cancelled: int = 0,
    keys: int,
    audit: int,
) -> Pruned:
    return Pruned(
        posts=len(posts),
        deliveries=sum(row["deliveries"] for row in posts),
        keys=keys,
        audit=audit,
        cancelled=cancelled,
        after=Place(due=posts[-1]["due"], post=posts[-1]["id"]) if posts else after,
        more=bool(posts) or limit in (cancelled, keys, audit),
    )
