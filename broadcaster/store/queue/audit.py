"""The audit log: append-only, each row carrying the hash of all before it.

The head, the last row's hash, stands in a second place of the store, and a new row follows from
there: rows cut off at the end leave a gap for good.  A prune leaves a checkpoint, the hash that the
first remaining row follows from, and a row of its own that names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from hashlib import sha256
from typing import Any

from broadcaster.model import Micros
from broadcaster.store.codec import dumps
from broadcaster.store.keeping import AuditProof, AuditRow
from broadcaster.store.port import Change, Changed, NewPost
from broadcaster.store.queue.database import Database, Row

PAGE = 1000
FLAWS = 20
"""Named one by one; a log with more of them is beyond reading."""


def changed(
    cx: Database,
    who: str,
    change: Change,
    at: Micros,
    *,
    done: Changed | None = None,
    refused: str | None = None,
) -> None:
    """Who wanted what; what came of it, or why it was refused."""
    detail = {field.name: _plain(getattr(change, field.name)) for field in fields(change)}
    if done is not None:
        detail["done"] = {"channels": list(done.channels), "refused": dict(done.refused)}
    post = detail.pop("post", None)
    append(cx, who, type(change).__name__.lower(), post, detail, at, refused=refused)


def posted(cx: Database, post: int, new: NewPost, due: Micros, at: Micros) -> None:
    """Who queued what, for which channels."""
    detail = {
        "stage": new.stage.value,
        "due": due,
        "key": new.key,
        "channels": [target.channel for target in new.targets],
        "digests": sorted({target.rendering.digest for target in new.targets}),
    }
    append(cx, new.author, "post", post, detail, at)


def append(
    cx: Database,
    who: str,
    verb: str,
    post: int | None,
    detail: Mapping[str, object],
    at: Micros,
    *,
    refused: str | None = None,
) -> None:
    row: dict[str, Any] = {
        "at": at,
        "who": who,
        "verb": verb,
        "post": post,
        "detail": dumps(detail),
        "refused": refused,
    }
    after = _hash(head(cx), row)
    cx.run("audit.put", **row, hash=after)
    cx.run("audit.set_head", hash=after)


def head(cx: Database) -> str:
    found: str = cx.scalar("audit.head")
    return found


def latest(cx: Database, post: int | None, since: Micros | None, limit: int) -> list[AuditRow]:
    rows = cx.all("audit.latest", post=post, since=since, limit=limit)
    return [AuditRow(**{**dict(row), "detail": _read(row["detail"])}) for row in rows]


def verify(cx: Database, wanted: str | None) -> AuditProof:
    """Walk the chain; ``wanted``: a head that was noted elsewhere and must be part of it."""
    checkpoint = cx.one("audit.checkpoint")
    before, last = (checkpoint["hash"], checkpoint["upto"]) if checkpoint else ("", 0)
    named, seen = checkpoint is None, wanted in (None, before)
    first: Micros | None = None
    flaws: list[str] = []
    count = 0
    for row in _rows(cx, last):
        if row["hash"] != _hash(before, {name: row[name] for name in _HASHED}):
            flaws.append(_broken(row["id"], last))
        if checkpoint and row["verb"] == "prune" and _names(row["detail"], checkpoint):
            named = True
        first = row["at"] if first is None else first
        before, last, count = row["hash"], row["id"], count + 1
        seen = seen or before == wanted
    if head(cx) != before:
        flaws.append("rows at the end are missing: what was noted as the last row is not there")
    if not named:
        flaws.append("rows at the beginning are missing: no prune of ours removed them")
    if not seen:
        flaws.append(
            "no row has the hash you noted: rows after it were removed or changed, or it is older"
            " than the last prune or restore"
        )
    return AuditProof(
        rows=count,
        head=before,
        since=first,
        pruned=checkpoint["at"] if checkpoint else None,
        flaws=tuple(flaws[:FLAWS]),
    )


def prune(cx: Database, before: Micros, limit: int, now: Micros) -> int:
    """Remove at most ``limit`` of the oldest rows written before a time, and leave a checkpoint.

    The caller appends the row that :func:`checkpoint` describes.
    """
    checkpoint = cx.one("audit.checkpoint")
    rows = cx.all("audit.rows", after=checkpoint["upto"] if checkpoint else 0, limit=limit)
    old = []
    for row in rows:
        if row["at"] >= before:
            break
        old.append(row)
    if old:
        cx.run("audit.put_checkpoint", upto=old[-1]["id"], hash=old[-1]["hash"], at=now)
        cx.run("audit.drop", upto=old[-1]["id"])
    return len(old)


def checkpoint(cx: Database) -> dict[str, object]:
    """The last checkpoint, as the row of a prune names it."""
    row = cx.one("audit.checkpoint")
    return {"upto": row["upto"], "hash": row["hash"]} if row else {}


_HASHED = ("at", "who", "verb", "post", "detail", "refused")


def _hash(before: str, row: Mapping[str, object]) -> str:
    return sha256((before + dumps(row)).encode()).hexdigest()


def _rows(cx: Database, after: int) -> Iterator[Row]:
    while page := cx.all("audit.rows", after=after, limit=PAGE):
        yield from page
        after = page[-1]["id"]


def _broken(row: int, last: int) -> str:
    if row > last + 1:
        return f"row {row} does not follow from row {last}: rows between them were removed"
    return f"row {row} does not follow from what stands before it: changed, or moved"


def _names(detail: str, checkpoint: Row) -> bool:
    named = _read(detail).get("checkpoint")
    return named == {"upto": checkpoint["upto"], "hash": checkpoint["hash"]}


def _read(detail: str) -> dict[str, Any]:
    try:
        return dict(json.loads(detail))
    except (ValueError, TypeError):  # somebody has changed it
        return {"unreadable": detail}


def _plain(value: Any) -> Any:
    """Values of a change as JSON; a target by its channel and the digest of what it will say."""
    if hasattr(value, "rendering"):
        return [value.channel, value.rendering.digest]
    if hasattr(value, "enabled"):
        return [value.channel, value.account, value.enabled]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if hasattr(value, "keys") else value
