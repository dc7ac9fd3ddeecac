"""Where messages stand: a channel that gets another chat leaves the old one to what is there.

The lane knows its present chat.  As long as that does not change, receipts and deliveries name
none; what is out, or has begun, is given the old one when it does.
"""

from __future__ import annotations

from collections.abc import Iterable

from broadcaster.store.changing import Lane
from broadcaster.store.chat import Chat, dumped, loaded
from broadcaster.store.codec import ids_of
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.deliveries import Stored


def settle_in(cx: Database, lanes: Iterable[Lane]) -> set[str]:
    """Note the chats of channels; returns those that have moved to another one."""
    known = {row["channel"]: row for row in cx.all("chats.of_lanes")}
    moved = set()
    for lane in lanes:
        row = known.get(lane.channel)
        if row is None or lane.chat is None:
            continue
        before, now = loaded(row["chat"]), dumped(lane.chat)
        if before is not None and not before.is_in(lane.chat):
            _move(cx, row, lane.chat)
            moved.add(lane.channel)
        if row["chat"] != now:
            cx.run("chats.settle", lane=row["id"], chat=now)
    return moved


def out_of_reach(row: Stored, chat: str | None) -> str:
    """Why the bot of ``row``'s channel cannot change what stands in ``chat``; "": it can."""
    there, here = loaded(chat), loaded(row.lane_chat)
    if there is None or here is None or there.same_bot(here):
        return ""
    return f"it stands in {there}, where another bot posted it: change it there by hand"


def _move(cx: Database, lane: Row, to: Chat) -> None:
    cx.run("chats.leave_receipts", lane=lane["id"], chat=lane["chat"])
    cx.run("chats.leave_deliveries", lane=lane["id"], chat=lane["chat"])
    for row in cx.all("chats.left", lane=lane["id"]):  # it may have come back
        left = loaded(row["chat"])
        if left is not None and left.is_in(to):
            cx.run("chats.return_receipts", lane=lane["id"], chat=row["chat"])
            cx.run("chats.return_deliveries", lane=lane["id"], chat=row["chat"])


def owner_of(cx: Database, row: Stored, ids: Iterable[str]) -> str:
    """Which message of ours has one of ``ids`` in the chat of ``row``, in words; "": none."""
    wanted = set(ids)
    here = loaded(row.chat or row.lane_chat)
    quoted = pack([pack(each) for each in sorted(wanted)])
    for found in cx.all("chats.owners", account=row.account, ids=quoted):
        there = loaded(found["chat"] or found["lane_chat"])
        same_lane = found["lane"] == row.lane and found["chat"] == row.chat
        same_chat = here is not None and there is not None and here.is_in(there)
        shared = wanted.intersection(ids_of(found["ids"]))
        if shared and (same_lane or same_chat):
            which = "this post" if found["post"] == row.post else f"post {found['post']}"
            where = "" if found["lane"] == row.lane else f" in {found['channel']}"
            return f"{min(shared)} is message {found['slot'] + 1} of {which}{where}"
    return ""
