"""The audit log read again: its rows, the proof that it is whole, and what a prune leaves of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from broadcaster.model import Door, Micros
from broadcaster.store.keeping import AuditProof, AuditRow
from broadcaster.store.queue.audit import HASHED, hashed, head
from broadcaster.store.queue.database import LAST, Database, Row

PAGE = 1000
FLAWS = 20
"""Named one by one; a log with more of them is beyond reading."""
_OF_A_DAEMON = re.compile(r"daemon|sweep|[^:]+:\d+:[0-9a-f]{8}")
"""The store's own names for what it does in a tick, and the owner's name of a daemon."""


def latest(cx: Database, post: int | None, since: Micros | None, limit: int) -> list[AuditRow]:
    if post is not None and post > LAST:
        return []
    rows = cx.all("audit.latest", post=post, since=since, limit=limit)
    return [_row(row) for row in rows]


def verify(cx: Database, wanted: str | None) -> AuditProof:
    """Walk the chain; ``wanted``: a head that was noted elsewhere and must be part of it."""
    checkpoint = cx.one("audit.checkpoint")
    before, last = (checkpoint["hash"], checkpoint["upto"]) if checkpoint else ("", 0)
    named, seen = checkpoint is None, wanted in (None, before)
    first: Micros | None = None
    flaws: list[str] = []
    count = 0
    for row in _rows(cx, last):
        if row["hash"] != hashed(before, {name: row[name] for name in HASHED}):
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


def _rows(cx: Database, after: int) -> Iterator[Row]:
    while page := cx.all("audit.rows", after=after, limit=PAGE):
        yield from page
        after = page[-1]["id"]


def _broken(row: int, last: int) -> str:
    if row > last + 1:
        return f"row {row} does not follow from row {last}: rows between them were removed"
    return f"row {row} does not follow from what stands before it: changed, or moved"


def _row(row: Row) -> AuditRow:
    detail = _read(row["detail"])
    return AuditRow(**{**dict(row), "detail": detail, "door": row["door"] or _guess(row, detail)})


def _guess(row: Row, detail: dict[str, Any]) -> Door:
    """The door of a row from before doors were recorded, as far as the row tells it."""
    if row["verb"] == "post" and str(detail.get("key")).startswith("schedule "):
        return Door.SCHEDULE
    return Door.DAEMON if _OF_A_DAEMON.fullmatch(row["who"]) else Door.CLI


def _names(detail: str, checkpoint: Row) -> bool:
    named = _read(detail).get("checkpoint")
    return named == {"upto": checkpoint["upto"], "hash": checkpoint["hash"]}


def _read(detail: str) -> dict[str, Any]:
    try:
        return dict(json.loads(detail))
    except (ValueError, TypeError):  # somebody has changed it
        return {"unreadable": detail}
