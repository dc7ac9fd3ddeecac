"""Lanes: their leases, clocks, gates and chats.

A lane has its present chat.  Receipts and deliveries name a chat only if it differs: when the lane
gets another chat, the old one is noted on its receipts and on the deliveries that have begun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from broadcaster.adapter import Rate
from broadcaster.language import say
from broadcaster.model import Micros, Scope
from broadcaster.store.chat import Chat, dumped, loaded
from broadcaster.store.codec import ids_of
from broadcaster.store.gcra import interval, slack
from broadcaster.store.live import Cause
from broadcaster.store.queue.deliveries import DeliveryRow
from broadcaster.store.queue.work import Row, Work, pack

if TYPE_CHECKING:
    from broadcaster.store.changes import Lane

MAY_UPLOAD = "*"
MAY_VERIFY = "?"
"""The value of a lane that waits for permission to verify.  (The key of a file: it waits for the
first upload of that file.)"""


def free(work: Work, lanes: Collection[int]) -> None:
    """End the leases of ``lanes``."""
    if not lanes:
        return
    work.cx.run("lanes.free", lanes=pack(list(lanes)))
    end_uploads(work, lanes)


def leased(work: Work) -> list[tuple[int, int | None]]:
    """(lane, delivery) of every lease."""
    return [(row["id"], row["delivery"]) for row in work.cx.all("lanes.leased")]


def wake(work: Work, lanes: Collection[int]) -> None:
    """Set the clocks of lanes whose line has changed, unless they are leased."""
    if lanes:
        work.cx.run("lanes.wake", lanes=pack(list(lanes)))


def pace(work: Work, rates: Mapping[int, Rate]) -> None:
    """Delay the next message of each lane by its rate, after a message was sent there."""
    if rates:
        rows = [
            {"lane": lane, "interval": interval(rate), "slack": slack(rate)}
            for lane, rate in rates.items()
        ]
        work.cx.run("lanes.pace", lanes=pack(rows), now=work.now)


def slow_down(work: Work, lanes: Mapping[int, Micros]) -> None:
    rows = [{"lane": lane, "until": until} for lane, until in lanes.items()]
    work.cx.run("lanes.slow_down", lanes=pack(rows))


def end_uploads(work: Work, lanes: Collection[int]) -> None:
    """Wake the lanes that waited for an upload by ``lanes``, successful or not."""
    for row in work.cx.all("lanes.uploads_end", lanes=pack(list(lanes))):
        waiting = work.cx.all("lanes.uploads_awaited", account=row["account"], file=row["file"])
        wake(work, [lane["id"] for lane in waiting])


def permit(work: Work, account: str, word: str, count: int) -> None:
    """Wake up to ``count`` lanes that waited for permission to upload or to verify."""
    if count:
        waiting = work.cx.all("lanes.permits_awaited", account=account, permit=word, count=count)
        wake(work, [lane["id"] for lane in waiting])


def close_gate(work: Work, scope: str, name: str, cause: Cause, reason: str) -> None:
    work.cx.run(
        "deliveries.close_gate",
        scope=scope,
        name=name,
        cause=cause,
        reason=reason,
        by=work.by.name,
        now=work.now,
    )


def park(
    work: Work,
    *,
    accounts: Collection[str] = (),
    channels: Collection[str] = (),
    every: bool = False,
) -> None:
    """Park or unpark lanes by their present gates, and raise the generation for the daemons."""
    changed = work.cx.all(
        "lanes.park",
        accounts=None if every else pack(list(accounts)),
        channels=None if every else pack(list(channels)),
    )
    wake(work, [row["id"] for row in changed])
    work.cx.run("deliveries.next_generation")


def close_unauthorized(work: Work, row: DeliveryRow, scope: Scope, reason: str) -> str:
    """Close the gate that a refused attempt named; returns the cause that parks its lane now."""
    account = scope is Scope.ACCOUNT
    name = row.account if account else row.channel
    close_gate(work, scope.value, name, Cause.UNAUTHORIZED, reason)
    park(work, accounts=[name] if account else (), channels=() if account else [name])
    return row.parked or Cause.UNAUTHORIZED


def settle_in(work: Work, lanes: Iterable[Lane]) -> set[str]:
    """Note the chats of channels; returns the channels that have another chat now."""
    rows = {row["channel"]: row for row in work.cx.all("chats.of_lanes")}
    moved = set()
    for lane in lanes:
        row = rows.get(lane.channel)
        if row is None or lane.chat is None:
            continue
        before, now = loaded(row["chat"]), dumped(lane.chat)
        if before is not None and not before.is_in(lane.chat):
            _move(work, row, lane.chat)
            moved.add(lane.channel)
        if row["chat"] != now:
            work.cx.run("chats.settle", lane=row["id"], chat=now)
    return moved


def out_of_reach(row: DeliveryRow, chat: str | None) -> str:
    """Why the bot of ``row``'s channel cannot change messages in ``chat``; "": it can."""
    there, here = loaded(chat), loaded(row.lane_chat)
    if there is None or here is None or there.same_bot(here):
        return ""
    return say(
        "it stands in {there}, where another bot posted it: change it there by hand", there=there
    )


def _move(work: Work, lane: Row, to: Chat) -> None:
    work.cx.run("chats.leave_receipts", lane=lane["id"], chat=lane["chat"])
    work.cx.run("chats.leave_deliveries", lane=lane["id"], chat=lane["chat"])
    for row in work.cx.all("chats.left", lane=lane["id"]):  # an earlier chat may be the new one
        left = loaded(row["chat"])
        if left is not None and left.is_in(to):
            work.cx.run("chats.return_receipts", lane=lane["id"], chat=row["chat"])
            work.cx.run("chats.return_deliveries", lane=lane["id"], chat=row["chat"])


def owner_of(work: Work, row: DeliveryRow, ids: Iterable[str]) -> str:
    """Which message of ours has one of ``ids`` in the chat of ``row``, as a text; "": none."""
    wanted = set(ids)
    here = loaded(row.chat or row.lane_chat)
    quoted = pack([pack(each) for each in sorted(wanted)])
    for owner in work.cx.all("chats.owners", account=row.account, ids=quoted):
        there = loaded(owner["chat"] or owner["lane_chat"])
        same_lane = owner["lane"] == row.lane and owner["chat"] == row.chat
        same_chat = here is not None and there is not None and here.is_in(there)
        shared = wanted.intersection(ids_of(owner["ids"]))
        if shared and (same_lane or same_chat):
            which = (
                say("this post")
                if owner["post"] == row.post
                else say("post {owner}", owner=owner["post"])
            )
            where = "" if owner["lane"] == row.lane else say(" in {owner}", owner=owner["channel"])
            return say(
                "{min} is message {owner} of {which}{where}",
                min=min(shared),
                owner=owner["slot"] + 1,
                which=which,
                where=where,
            )
    return ""
