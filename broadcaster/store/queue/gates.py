"""Gates and the lanes they park: lanes at once, deliveries in batches by the sweep."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.model import Micros, Scope
from broadcaster.store.live import Cause
from broadcaster.store.queue import lanes
from broadcaster.store.queue.database import Database, pack
from broadcaster.store.queue.deliveries import Stored


def close(
    cx: Database, scope: str, name: str, cause: Cause, reason: str, by: str, now: Micros
) -> None:
    cx.run(
        "deliveries.close_gate", scope=scope, name=name, cause=cause, reason=reason, by=by, now=now
    )


def park(
    cx: Database,
    *,
    accounts: Collection[str] = (),
    channels: Collection[str] = (),
    every: bool = False,
) -> None:
    """Let the lanes know of gates that have changed, and daemons that one has."""
    changed = cx.all(
        "lanes.park",
        accounts=None if every else pack(list(accounts)),
        channels=None if every else pack(list(channels)),
    )
    lanes.wake(cx, [row["id"] for row in changed])
    cx.run("deliveries.next_generation")


def close_unauthorized(
    cx: Database, row: Stored, scope: Scope, by: str, reason: str, now: Micros
) -> str:
    """Close the gate that a refused attempt named; returns what parks its lane now."""
    account = scope is Scope.ACCOUNT
    name = row.account if account else row.channel
    close(cx, scope.value, name, Cause.UNAUTHORIZED, reason, by, now)
    park(cx, accounts=[name] if account else (), channels=() if account else [name])
    return row.parked or Cause.UNAUTHORIZED
