"""The audit log: append-only, each row carrying the hash of all before it."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from hashlib import sha256
from typing import Any

from broadcaster.model import Micros
from broadcaster.store.codec import dumps
from broadcaster.store.port import Change, Changed
from broadcaster.store.queue.database import Database


def append(
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
    row: dict[str, Any] = {
        "at": at,
        "who": who,
        "verb": type(change).__name__.lower(),
        "post": detail.pop("post", None),
        "detail": dumps(detail),
        "refused": refused,
    }
    before = cx.scalar("change.last_hash") or ""
    cx.run("change.audit", **row, hash=sha256((before + dumps(row)).encode()).hexdigest())


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
