"""Maintenance: retention, a new epoch after a restore, and moving to another store.

Retention removes rows that were settled long ago, a small batch per transaction.

After a restore, the messages of a copy may have been sent since it was made.  So nothing is sent by
itself: waiting deliveries are held until a person releases or drops them, and messages that were on
the wire are unknown.

A store moves as rows, table by table.  Both kinds of store have the same tables and columns;
computed columns and registered daemons are not moved.  Messages that were on the wire are unknown
in the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from broadcaster.errors import InputError
from broadcaster.files import LARGEST
from broadcaster.language import say
from broadcaster.model import Actor, Digest, Micros
from broadcaster.store.queue import audit, lanes, record
from broadcaster.store.queue.daemons import reap
from broadcaster.store.queue.enqueue import fan_out_due
from broadcaster.store.queue.views import FAR
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.upkeep import Cursor, Pruned, Restored, Retention

if TYPE_CHECKING:
    from broadcaster.store.upkeep import Batch


NEVER_SENT = say("never sent: its channel was off when it was planned")
DAY: Micros = 86_400_000_000
_OF_A_POST = (
    *("attempts", "receipts", "deliveries", "archive", "plan", "approvals"),
    *("versions", "remarks", "posts"),
)
FOLDED = 300
"""Posts of an older program whose texts are folded per batch."""
POSTS = 200
"""Posts that one batch reads."""


def prune(
    work: Work,
    by: Actor | str,
    retention: Retention,
    limit: int,
    *,
    after: Cursor | None = None,
) -> Pruned:
    """Remove one batch of about ``limit`` rows, from the posts after ``after``."""
    after = after or Cursor()
    before = work.now - retention.posts
    cancelled = work.cx.run(
        "prune.uncounted", before=before, limit=limit, now=work.now, reason=NEVER_SENT
    )
    posts = _to_remove(work, retention, limit, after)
    if posts:
        numbers = pack([row["id"] for row in posts])
        for table in _OF_A_POST:
            work.cx.run(f"prune.{table}", posts=numbers)
    archived = _archive(work, before, limit)
    keys = work.cx.run("prune.keys", before=work.now - retention.keys, limit=limit)
    rows = audit.prune(work, work.now - retention.audit, limit)
    folded = record.fold(work, FOLDED)
    work.cx.run("prune.handles", now=work.now)
    work.cx.run("prune.told", before=work.now - 30 * DAY)
    work.cx.run("prune.daemons", before=work.now - DAY)
    pruned = _pruned(posts, limit, after, cancelled=cancelled, keys=keys, audit=rows)
    more = pruned.more or folded == FOLDED or bool(archived)
    pruned = replace(pruned, archived=archived, more=more)
    if pruned.removed:
        detail: dict[str, object] = {
            "posts": [row["id"] for row in posts],
            "archived": archived,
            "keys": keys,
            "audit": rows,
        }
        if rows:
            detail["checkpoint"] = audit.checkpoint(work)
        audit.append(work.under(by), "prune", None, detail)
    return pruned


def would_prune(
    work: Work, retention: Retention, limit: int, *, after: Cursor | None = None
) -> Pruned:
    """The rows that :func:`prune` would remove in its next batch."""
    after = after or Cursor()
    posts = _to_remove(work, retention, limit, after)
    begins = after == Cursor()
    before = work.now - retention.posts
    archived = int(work.cx.scalar("prune.archivable", before=before)) if begins else 0
    keys = (
        work.cx.scalar("prune.old_keys", before=work.now - retention.keys, limit=-1)
        if begins
        else 0
    )
    rows = work.cx.scalar("audit.older", before=work.now - retention.audit) if begins else 0
    pruned = replace(_pruned(posts, limit, after, keys=keys, audit=rows), archived=archived)
    return pruned if posts else pruned.ended()


def unused(work: Work) -> tuple[Micros, list[Digest]]:
    """Unreferenced renderings, and the time since which none of them may have been used."""
    before = work.now - DAY
    rows = work.cx.all("prune.unused_renderings", before=before)
    return before, [row["digest"] for row in rows]


def drop(work: Work, renderings: list[Digest], before: Micros) -> int:
    return work.cx.run("prune.renderings", digests=pack(renderings), before=before)


def files(work: Work) -> dict[Digest, int]:
    """Digest -> size of every attached file.

    Damaged digests are included unchanged, so that a backup can name them.
    """
    rows = work.cx.all("prune.files")
    return {str(row["digest"]): LARGEST if row["size"] is None else row["size"] for row in rows}


def _to_remove(work: Work, retention: Retention, limit: int, after: Cursor) -> list[Row]:
    if retention.archive is None:
        return []
    return _posts(work, work.now - retention.archive, limit, after)


def _archive(work: Work, before: Micros, limit: int) -> int:
    """Keep what became of some deliveries, without what is needed to send; returns of how many."""
    posts: list[int] = []
    count = 0
    for row in work.cx.all("prune.to_archive", before=before, limit=POSTS):
        if posts and count + row["deliveries"] > limit:
            break
        posts.append(row["id"])
        count += row["deliveries"]
    if posts:
        for query in ("put_archive", "attempts", "deliveries"):
            work.cx.run(f"prune.{query}", posts=pack(posts))
    return count


def _posts(work: Work, before: Micros, limit: int, after: Cursor) -> list[Row]:
    """Settled posts with about ``limit`` deliveries together, but at least one post."""
    chosen: list[Row] = []
    room = limit
    rows = work.cx.all("prune.old_posts", before=before, due=after.due, id=after.post, limit=POSTS)
    for row in rows:
        if chosen and row["deliveries"] > room:
            break
        chosen.append(row)
        room -= row["deliveries"]
    return chosen


def _pruned(
    posts: list[Row],
    limit: int,
    after: Cursor,
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
        after=Cursor(due=posts[-1]["due"], post=posts[-1]["id"]) if posts else after,
        more=bool(posts) or limit in (cancelled, keys, audit),
    )


RESTORED = say("restored from a copy, it may have been posted since: look, then release or drop it")


def seal(work: Work, by: Actor | str, why: str) -> None:
    audit.append(work.under(by), "seal", None, {"why": why})
    if why:  # nobody is at work in what nobody may write, whoever has sealed it included
        work.cx.run("restore.daemons")
    work.cx.run("restore.seal", why=why)


def new_epoch(work: Work, by: Actor | str, epoch: int, source: str) -> Restored:
    """Begin an epoch after a restore: hold or doubt all that may have been sent.

    ``epoch``: higher than all earlier ones; ``source``: the copy, for the audit log.
    """
    work.cx.run("restore.epoch", epoch=epoch)
    work.cx.run("restore.seal", why="")
    work.cx.run("daemons.grow_old")
    orphans = reap(work, lanes.leased(work), {})
    while work.cx.scalar("restore.planned"):
        fan_out_due(replace(work, now=FAR))
    held = work.cx.run("restore.hold", now=work.now, reason=RESTORED)
    held += work.cx.run("restore.hold_again", reason=RESTORED)
    unknown = work.cx.run("restore.unknown", now=work.now)
    for query in ("idle", "daemons", "uploads"):
        work.cx.run(f"restore.{query}")
    work.cx.run("restore.schedules")
    work.cx.run("deliveries.next_generation")
    detail = {"from": source, "epoch": epoch, "held": held}
    audit.append(work.under(by), "restore", None, detail)
    return Restored(epoch=epoch, held=held, unknown=unknown + len(orphans))


TABLES = (
    *("posts", "renderings", "plan", "scheduled", "lanes", "deliveries", "receipts", "attempts"),
    *("handles", "keys", "gates", "accounts", "schedules", "approvals", "audit"),
    *("audit_checkpoints", "told", "users", "grants", "recovery_codes", "tokens"),
    *("versions", "remarks", "archive"),
)
"""The tables in the order in which :func:`load` fills them."""
LEFT = (
    *("daemons", "settings", "uploads", "files", "migrations"),
    *("links", "sessions", "throttles", "pending_acts"),
)
"""Tables that are not moved: daemons, sessions, and those of one kind of database."""
META, NUMBERS = "meta", "numbers"
_OWN_META = {"sealed", "changes", "functions"}
BATCH = 500
"""Most rows in memory at once."""


class Tables(Protocol):
    """The operations on whole tables that differ between databases."""

    def read(self, table: str, size: int) -> Iterator[Sequence[Row]]:
        """Every row, in batches, without columns that the database computes."""

    def fill(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows unchanged."""

    def unguarded(self) -> AbstractContextManager[None]:
        """Allow deliveries to be inserted in any state, within the block."""

    def numbers(self) -> Mapping[str, int]:
        """Table -> the highest id that was ever assigned."""

    def skip(self, numbers: Mapping[str, int]) -> None:
        """Assign only ids above ``numbers`` and above those in use."""


def export(work: Work, tables: Tables) -> Iterator[Batch]:
    yield META, [dict(row) for row in work.cx.all("read.meta") if row["key"] not in _OWN_META]
    yield NUMBERS, [dict(tables.numbers())]
    for table in TABLES:
        for rows in tables.read(table, BATCH):
            yield table, [dict(row) for row in rows]


def load(
    work: Work, by: Actor | str, tables: Tables, source: str, batches: Iterable[Batch]
) -> Mapping[str, int]:
    """Fill an empty store; returns table -> number of rows.

    :raises InputError: the store is in use already.
    """
    if work.cx.scalar("copy.used"):
        raise InputError(say("it is not empty; copy into a new one"))
    for table in reversed(TABLES):
        work.cx.run(f"delete from {table}")  # noqa: S608 (names of our own)
    counts = dict.fromkeys(TABLES, 0)
    meta: dict[str, Any] = {}
    numbers: Mapping[str, int] = {}
    with tables.unguarded():
        for table, rows in batches:
            if table == META:
                meta = {row["key"]: row["value"] for row in rows}
            elif table == NUMBERS:
                numbers = rows[0]
            else:
                tables.fill(table, rows)
                counts[table] += len(rows)
    tables.skip(numbers)
    age = 1 + max(
        meta["age"], *(row["value"] for row in work.cx.all("read.meta") if row["key"] == "age")
    )
    for key, value in {**meta, "age": age}.items():
        work.cx.run("copy.put_meta", key=key, value=pack(value))
    reap(work, lanes.leased(work), {})
    _wake(work)
    work.cx.run("deliveries.next_generation")
    audit.append(work.under(by), "copy", None, {"from": source, "rows": counts})
    work.cx.run("enqueue.nudge")
    return counts


def _wake(work: Work) -> None:
    ids = iter([row["id"] for row in work.cx.all("copy.lanes")])
    while some := list(islice(ids, BATCH)):
        lanes.wake(work, some)
