"""Missed deadlines, held conversion and expired verifications, in bounded batches."""

from __future__ import annotations

from broadcaster.model import Micros
from broadcaster.store.queue import approval, audit, lanes
from broadcaster.store.queue.claims import MISSED, UNSEEN
from broadcaster.store.queue.database import Database

HELD = "its gate is closed"
_REASONS = {"hold": HELD, "missed": MISSED, "unseen": UNSEEN}


def sweep(cx: Database, limit: int, now: Micros) -> int:
    """Held comes first: what stands behind a closed gate is judged when a person lets it go on."""
    moved: list[int] = []
    for subject, reason in _REASONS.items():
        rows = cx.all(f"sweep.{subject}", now=now, limit=limit - len(moved), reason=reason)
        moved += [row["lane"] for row in rows]
    lanes.wake(cx, set(moved))
    lapsed = approval.lapse(cx, limit - len(moved), now)
    for post in lapsed:
        audit.append(cx, "sweep", "lapse", post, {}, now)
    return len(moved) + len(lapsed)
