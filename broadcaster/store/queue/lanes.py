"""Lanes: leases end, clocks are set, and who waited for an upload goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from broadcaster.adapter import Rate
from broadcaster.model import Micros
from broadcaster.store.gcra import interval, slack
from broadcaster.store.queue.database import Database, pack

MAY_UPLOAD = "*"
MAY_VERIFY = "?"
"""What a lane waits for when its account may not do so now; a file's key: its first upload."""


def free(cx: Database, lanes: Collection[int]) -> None:
    """End leases."""
    if not lanes:
        return
    cx.run("lanes.free", lanes=pack(list(lanes)))
    end_uploads(cx, lanes)


def leased(cx: Database) -> list[tuple[int, int | None]]:
    """Every lane that somebody holds, with the delivery it is held for."""
    return [(row["id"], row["delivery"]) for row in cx.all("lanes.leased")]


def wake(cx: Database, lanes: Collection[int]) -> None:
    """Set the clocks of lanes whose line has changed and that nobody holds."""
    if lanes:
        cx.run("lanes.wake", lanes=pack(list(lanes)))


def pace(cx: Database, rates: Mapping[int, Rate], now: Micros) -> None:
    """A message has left in each of these lanes: the next one waits as its rate demands."""
    if rates:
        rows = [[lane, interval(rate), slack(rate)] for lane, rate in rates.items()]
        cx.run("lanes.pace", lanes=pack(rows), now=now)


def slow_down(cx: Database, lanes: Mapping[int, Micros]) -> None:
    cx.run("lanes.slow_down", lanes=pack(list(lanes.items())))


def end_uploads(cx: Database, lanes: Collection[int]) -> None:
    """Let go on who waited for a file that these lanes uploaded, or could not."""
    for row in cx.all("lanes.uploads_end", lanes=pack(list(lanes))):
        waiting = cx.all("lanes.uploads_awaited", account=row["account"], file=row["file"])
        wake(cx, [lane["id"] for lane in waiting])


def permit(cx: Database, account: str, word: str, count: int) -> None:
    """Let go on up to ``count`` lanes that waited for leave to upload or to verify."""
    if count:
        waiting = cx.all("lanes.permits_awaited", account=account, permit=word, count=count)
        wake(cx, [lane["id"] for lane in waiting])
