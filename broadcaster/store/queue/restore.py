"""A new epoch: what a restored copy holds may have been sent since it was made.

Nothing of it goes out by itself.  What waits, scheduled posts included, is held until a person
releases or drops it; what was on the wire is unknown.
"""

from __future__ import annotations

from broadcaster.model import Actor, Micros
from broadcaster.store.keeping import Restored
from broadcaster.store.queue import audit, lanes
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.fanout import fan_out_due
from broadcaster.store.queue.listing import FAR
from broadcaster.store.queue.reap import reap
from broadcaster.store.queue.renderings import Renderings

RESTORED = "restored from a copy, it may have been posted since: look, then release or drop it"


def seal(cx: Database, by: Actor | str, why: str, now: Micros) -> None:
    audit.append(cx, by, "seal", None, {"why": why}, now)
    cx.run("restore.seal", why=why)


def new_epoch(
    cx: Database, renderings: Renderings, by: Actor | str, epoch: int, source: str, now: Micros
) -> Restored:
    """``epoch``: higher than any before; ``source``: which copy, for the audit log."""
    cx.run("restore.epoch", epoch=epoch)
    cx.run("restore.seal", why="")
    cx.run("daemons.grow_old")
    orphans = reap(cx, renderings, lanes.leased(cx), {}, now)
    while cx.scalar("restore.planned"):
        fan_out_due(cx, FAR)
    held = cx.run("restore.hold", now=now, reason=RESTORED)
    held += cx.run("restore.hold_again", reason=RESTORED)
    unknown = cx.run("restore.unknown", now=now)
    for query in ("idle", "daemons", "uploads"):
        cx.run(f"restore.{query}")
    cx.run("restore.schedules")
    cx.run("deliveries.next_generation")
    detail = {"from": source, "epoch": epoch, "held": held}
    audit.append(cx, by, "restore", None, detail, now)
    return Restored(epoch=epoch, held=held, unknown=unknown + len(orphans))
