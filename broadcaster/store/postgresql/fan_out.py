"""Fans out due posts concurrently with the ticks, by one daemon at a time.

No tick may run only while the lanes are woken at the end.  Otherwise a lane that is freed at that
moment would miss its new delivery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcaster.model import Micros
from broadcaster.store.postgresql.connection import Beside
from broadcaster.store.queue.enqueue import make_due, wake_lanes
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queue.work import Work

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection


def fan_out(cx: Connection, now: Micros | None) -> int:
    """Make the deliveries of some due posts; returns how many.

    0: none is due any more, perhaps because another daemon was faster; or nothing may be written.

    :raises StoreBusy: it is not possible now, and nothing was made.
    """
    with cx.write(now, Beside.TICKS) as at:
        written = cx.one("restore.written")
        if written is None or written["sealed"]:
            return 0  # the ticks report why
        work = Work(cx, Renderings(cx), at)
        made = make_due(work)
        if made.posts:
            cx.run("tick.alone")
            wake_lanes(work, made.posts)
        return made.targets
