"""The audit log: append-only, each row carrying the hash of all before it.

The head, the last row's hash, stands in a second place of the store, and a new row follows from
there: rows cut off at the end leave a gap for good.  A prune leaves a checkpoint, the hash that the
first remaining row follows from, and a row of its own that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from broadcaster.model import Actor, Micros
from broadcaster.store.codec import dumps
from broadcaster.store.queue.database import Database

if TYPE_CHECKING:
    from broadcaster.store.changing import Change, Changed
    from broadcaster.store.queueing import NewPost

HASHED = ("at", "who", "door", "verb", "post", "detail", "refused")
"""Columns that a row's hash covers; a row from before doors were recorded has none, and its hash
covers the others."""


def changed(
    cx: Database,
    by: Actor | str,
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
    append(cx, by, type(change).__name__.lower(), post, detail, at, refused=refused)


def posted(cx: Database, post: int, new: NewPost, due: Micros, at: Micros) -> None:
    """Who queued what, for which channels."""
    detail = {
        "stage": new.stage.value,
        "due": due,
        "key": new.key,
        "channels": [target.channel for target in new.targets],
        "digests": sorted({target.rendering.digest for target in new.targets}),
    }
    append(cx, Actor(new.author, new.door), "post", post, detail, at)


def append(
    cx: Database,
    by: Actor | str,
    verb: str,
    post: int | None,
    detail: Mapping[str, object],
    at: Micros,
    *,
    refused: str | None = None,
) -> None:
    actor = Actor.of(by)
    row: dict[str, Any] = {
        "at": at,
        "who": actor.name,
        "door": actor.door.value,
        "verb": verb,
        "post": post,
        "detail": dumps(detail),
        "refused": refused,
    }
    before: str = cx.scalar("audit.take_head")
    after = hashed(before, row)
    cx.run("audit.put", **row, hash=after)
    cx.run("audit.set_head", hash=after)


def head(cx: Database) -> str:
    found: str = cx.scalar("audit.head")
    return found


def hashed(before: str, row: Mapping[str, object]) -> str:
    """``row``: its columns as :data:`HASHED` names them."""
    covered = {name: value for name, value in row.items() if name != "door" or value is not None}
    return sha256((before + dumps(covered)).encode()).hexdigest()


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
