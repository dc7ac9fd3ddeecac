"""The audit log: append-only; each row contains the hash of the row before it.

The head, which is the last row's hash, is also kept in a second place, and a new row follows from
there.  So rows that were cut off at the end leave a lasting gap.  A prune leaves a checkpoint,
which is the hash before the first remaining row, and a row of its own that names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from broadcaster.language import say
from broadcaster.model import Actor, Conversion, Door, Media, Micros
from broadcaster.store.codec import dumps
from broadcaster.store.queue.work import LAST, Row, Work

if TYPE_CHECKING:
    from broadcaster.store.changes import Change, Changed
    from broadcaster.store.submit import NewPost
    from broadcaster.store.views import AuditProof, AuditRow


HASHED = ("at", "who", "door", "verb", "post", "detail", "refused")
"""Columns that a row's hash covers.  Rows from before doors were recorded have no door, and their
hash covers the other columns."""


def changed(
    work: Work,
    change: Change,
    *,
    done: Changed | None = None,
    refused: str | None = None,
) -> None:
    """Append a row about a change: its actor, its effect, or why it was refused."""
    detail = {field.name: _plain(getattr(change, field.name)) for field in fields(change)}
    if done is not None:
        detail["done"] = {"channels": list(done.channels), "refused": dict(done.refused)}
    post = detail.pop("post", None)
    append(work, type(change).__name__.lower(), post, detail, refused=refused)


def posted(work: Work, post: int, new: NewPost, due: Micros) -> None:
    """Append a row about a queued post and its channels."""
    detail = {
        "stage": new.stage.value,
        "due": due,
        "key": new.key,
        "channels": [target.channel for target in new.targets],
        "digests": sorted({target.rendering.digest for target in new.targets}),
    }
    append(work.under(Actor(new.by or new.author, new.door)), "post", post, detail)


def append(
    work: Work,
    verb: str,
    post: int | None,
    detail: Mapping[str, object],
    *,
    refused: str | None = None,
) -> None:
    row: dict[str, Any] = {
        "at": work.now,
        "who": work.by.name,
        "door": work.by.door.value,
        "verb": verb,
        "post": post,
        "detail": dumps(detail),
        "refused": refused,
    }
    before: str = work.cx.scalar("audit.take_head")
    after = hashed(before, row)
    work.cx.run("audit.put", **row, hash=after)
    work.cx.run("audit.set_head", hash=after)


def last_hash(work: Work) -> str:
    head: str = work.cx.scalar("audit.head")
    return head


def hashed(before: str, row: Mapping[str, object]) -> str:
    """The hash of ``row``, given by the columns of :data:`HASHED`, after the hash ``before``."""
    covered = {name: value for name, value in row.items() if name != "door" or value is not None}
    return sha256((before + dumps(covered)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Values of a change as JSON; a target as its channel and the digest of its rendering."""
    if hasattr(value, "rendering"):
        return [value.channel, value.rendering.digest]
    if hasattr(value, "enabled"):
        return [value.channel, value.account, value.enabled]
    if isinstance(value, Conversion):
        return [value.of, value.media.digest]
    if isinstance(value, Media):
        return [value.name, value.digest]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "keys"):
        return {key: _plain(item) for key, item in value.items()}
    return value


PAGE = 1000
FLAWS = 20
"""Most flaws that are listed; a log with more of them cannot be read anyway."""
_OF_A_DAEMON = re.compile(r"daemon|sweep|[^:]+:\d+:[0-9a-f]{8}")
"""Actors of old rows that stand for a daemon: the store's names for a tick, and owners."""


def latest(
    work: Work, *, post: int | None = None, since: Micros | None = None, limit: int = 100
) -> list[AuditRow]:
    from broadcaster.store.views import AuditRow  # here: writing rows does not need it

    if post is not None and post > LAST:
        return []
    rows = work.cx.all("audit.latest", post=post, since=since, limit=limit)
    return [AuditRow(**_columns(row)) for row in rows]


def verify(work: Work, head: str | None = None) -> AuditProof:
    """Check the hashes of all rows; ``head``: a hash noted elsewhere that must occur."""
    from broadcaster.store.views import AuditProof  # here: writing rows does not need it

    checkpoint = work.cx.one("audit.checkpoint")
    before, last = (checkpoint["hash"], checkpoint["upto"]) if checkpoint else ("", 0)
    named, seen = checkpoint is None, head in (None, before)
    first: Micros | None = None
    flaws: list[str] = []
    count = 0
    for row in _rows(work, last):
        if row["hash"] != hashed(before, {name: row[name] for name in HASHED}):
            flaws.append(_broken(row["id"], last))
        if checkpoint and row["verb"] == "prune" and _names(row["detail"], checkpoint):
            named = True
        first = row["at"] if first is None else first
        before, last, count = row["hash"], row["id"], count + 1
        seen = seen or before == head
    if last_hash(work) != before:
        flaws.append(
            say("rows at the end are missing: what was noted as the last row is not there")
        )
    if not named:
        flaws.append(say("rows at the beginning are missing: no prune of ours removed them"))
    if not seen:
        flaws.append(
            say(
                "no row has the hash you noted: rows after it were removed or "
                "changed, or it is older than the last prune or restore"
            )
        )
    return AuditProof(
        rows=count,
        head=before,
        since=first,
        pruned=checkpoint["at"] if checkpoint else None,
        flaws=tuple(flaws[:FLAWS]),
    )


def prune(work: Work, before: Micros, limit: int) -> int:
    """Remove at most ``limit`` of the oldest rows written before a time, and leave a checkpoint.

    The caller appends the row that :func:`checkpoint` describes.
    """
    checkpoint = work.cx.one("audit.checkpoint")
    rows = work.cx.all("audit.rows", after=checkpoint["upto"] if checkpoint else 0, limit=limit)
    old = []
    for row in rows:
        if row["at"] >= before:
            break
        old.append(row)
    if old:
        work.cx.run("audit.put_checkpoint", upto=old[-1]["id"], hash=old[-1]["hash"], at=work.now)
        work.cx.run("audit.drop", upto=old[-1]["id"])
    return len(old)


def checkpoint(work: Work) -> dict[str, object]:
    """The last checkpoint, in the form in which the row of a prune names it."""
    row = work.cx.one("audit.checkpoint")
    return {"upto": row["upto"], "hash": row["hash"]} if row else {}


def _rows(work: Work, after: int) -> Iterator[Row]:
    while page := work.cx.all("audit.rows", after=after, limit=PAGE):
        yield from page
        after = page[-1]["id"]


def _broken(row: int, last: int) -> str:
    if row > last + 1:
        return say(
            "row {row} does not follow from row {last}: rows between them were removed",
            row=row,
            last=last,
        )
    return say("row {row} does not follow from what stands before it: changed, or moved", row=row)


def _columns(row: Row) -> dict[str, Any]:
    detail = _read(row["detail"])
    return {**dict(row), "detail": detail, "door": row["door"] or _guess(row, detail)}


def _guess(row: Row, detail: dict[str, Any]) -> Door:
    """The door of a row that was written before doors were recorded, guessed from its content."""
    if row["verb"] == "post" and str(detail.get("key")).startswith("schedule "):
        return Door.SCHEDULE
    return Door.DAEMON if _OF_A_DAEMON.fullmatch(row["who"]) else Door.CLI


def _names(detail: str, checkpoint: Row) -> bool:
    named = _read(detail).get("checkpoint")
    return named == {"upto": checkpoint["upto"], "hash": checkpoint["hash"]}


def _read(detail: str) -> dict[str, Any]:
    try:
        return dict(json.loads(detail))
    except (ValueError, TypeError):  # the row was changed by hand
        return {"unreadable": detail}
