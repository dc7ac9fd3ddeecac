"""Posts that are due become deliveries beside the ticks, by one daemon at a time.

Only to wake the lanes at the end must no tick be under way.  Otherwise a lane that is freed just
then would miss its new delivery.
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
    """Make deliveries of some of the posts that are due; how many.

    0: none is due any more, perhaps because another daemon was faster; or nothing may be written.

    :raises StoreBusy: it is not possible now, and nothing was made.
    """
    with cx.write(now, Beside.TICKS) as at:
        written = cx.one("restore.written")
        if written is None or written["sealed"]:
            return 0  # the ticks say why
        work = Work(cx, Renderings(cx), at)
        made = make_due(work)
        if made.posts:
            cx.run("tick.alone")
            wake_lanes(work, made.posts)
        return made.targets
