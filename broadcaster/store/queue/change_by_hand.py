"""What people did in a channel themselves, or said of it by mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from broadcaster.model import Kind, Message, State, Verb
from broadcaster.store import codec
from broadcaster.store.queue import chats, lanes, record
from broadcaster.store.queue.change_posted import (
    NOTHING_THERE,
    ON_ITS_WAY,
    There,
    channels_of,
    close,
)
from broadcaster.store.queue.context import Context, Outcome
from broadcaster.store.queue.database import Row
from broadcaster.store.queue.deliveries import Stored, save
from broadcaster.store.queue.succession import CLOSED, insert, next_revision
from broadcaster.store.queue.views import post_row
from broadcaster.store.record import TAKEN_BACK, What

if TYPE_CHECKING:
    from broadcaster.store.changing import ByHand, Changed, Resolve

CONFIRMED = "confirmed by "
"""How the note of a receipt begins that a person has given."""
_BUSY = (
    "it is being sent, or nobody knows whether it is there: settle that first (broadcaster show)"
)


def by_hand(context: Context, change: ByHand) -> Changed:
    """Somebody has removed what stands in channels, or has said so by mistake."""
    post_row(context.cx, change.post)
    outcome = Outcome()
    done: dict[str, str] = {}
    for channel, there in channels_of(context, change.post, change.channels).items():
        why = _remove(context, there) if change.gone else _restore(context, there)
        if why:
            outcome.refused[channel] = why
        else:
            outcome.did(there.original)
            done[channel] = ""
    outcome.elsewhere(change.channels)
    changed = outcome.end(NOTHING_THERE)
    record.remark(context, change.post, What.REMOVED if change.gone else What.STANDS, done)
    return changed


def correct(context: Context, change: Resolve, outcome: Outcome) -> None:
    """Correct what a person has confirmed in a channel: its ids, or that it is there at all."""
    assert change.post is not None
    assert change.channel is not None
    there = channels_of(context, change.post, (change.channel,)).get(change.channel)
    if there is None:
        return
    said = {row["slot"]: row for row in _confirmed(context, there)}
    if change.step is not None:
        said = {slot: row for slot, row in said.items() if slot == change.step}
    if not said:
        return
    if len(said) > 1:
        numbers = ", ".join(str(slot + 1) for slot in said)
        outcome.refused[change.channel] = f"several messages were confirmed: --message {numbers}?"
        return
    (row,) = said.values()
    why = _rename(context, there, row, change.ids) if change.posted else _unsay(context, there, row)
    if why:
        outcome.refused[change.channel] = why
        return
    outcome.did(there.original)
    now = ", ".join(change.ids) if change.posted else "not posted"
    was = ", ".join(codec.ids_of(row["ids"])) or "no id"
    told = {change.channel: f"message {row['slot'] + 1}: {was} -> {now}"}
    record.remark(context, change.post, What.CORRECTED, told)


def another(context: Context, row: Stored, message: Message, ids: tuple[str, ...]) -> str:
    """Why ``ids`` cannot be those of ``message``; "": they can."""
    parts = max(1, len(message.media))
    if len(ids) > parts:
        return f"it is {parts} message{'s' * (parts > 1)} there, and {len(ids)} ids were given"
    if len({*ids}) < len(ids):
        return "an id is given twice"
    owner = chats.owner_of(context.cx, row, ids) if ids else ""
    return f"{owner}: give the id of the message in doubt" if owner else ""


def _remove(context: Context, there: There) -> str:
    """Why it cannot be said; "": it is done."""
    if not there.live:
        return NOTHING_THERE
    if any(row.state in ON_ITS_WAY for row in there.rows):
        return _BUSY
    row = there.original
    context.cx.run("record.by_hand", post=row.post, lane=row.lane, by=context.by, now=context.now)
    unsettled = [each for each in there.rows if each.state not in CLOSED]
    close(context, unsettled, None, f"removed by hand, says {context.by}")
    return ""


def _restore(context: Context, there: There) -> str:
    row = there.original
    if not context.cx.run("record.not_by_hand", post=row.post, lane=row.lane):
        return "nobody has said that it was removed by hand there"
    return ""


def _confirmed(context: Context, there: There) -> list[Row]:
    row = there.original
    rows = context.cx.all("deliveries.receipts_of", post=row.post, lane=row.lane)
    return [
        each for each in rows if each["removed_at"] is None and each["note"].startswith(CONFIRMED)
    ]


def _rename(context: Context, there: There, row: Row, ids: tuple[str, ...]) -> str:
    """Give a confirmed message the id that is right."""
    before = codec.ids_of(row["ids"])
    if not ids or ids == before:
        return "it is confirmed so already; give the id that is right, or say --not-posted"
    (live,) = (each for each in there.live if each.slot == row["slot"])
    new = tuple(each for each in ids if each not in before)
    if why := another(context, there.original, live.message, new):
        return why
    context.cx.run(
        "record.set_ids",
        post=row["post"],
        lane=row["lane"],
        slot=row["slot"],
        ids=codec.dumps(list(ids)),
        note=f"{CONFIRMED}{context.by}",
    )
    return ""


def _unsay(context: Context, there: There, row: Row) -> str:
    """A confirmed message is not there after all: it is sent, unless it is to be removed."""
    cx = context.cx
    if any(each.state in ON_ITS_WAY for each in there.rows):
        return _BUSY
    sent = next((each for each in there.rows if each.id == row["delivery"]), None)
    if sent is None or sent.state not in CLOSED:
        return "the rest of it still waits: retry or drop that first"
    unwanted = any(each.kind is Kind.RECALL for each in there.active)
    reason = f"its message is not there, says {context.by}"
    close(context, [each for each in there.rows if each.state not in CLOSED], None, reason)
    (live,) = (each for each in there.live if each.slot == row["slot"])
    place = {"post": row["post"], "lane": row["lane"], "slot": row["slot"]}
    if unwanted or sent.state is State.CANCELLED:
        cx.run("record.gone", **place, by=context.by, now=context.now)
        return ""
    cx.run("record.forget", **place)
    again = replace(live.message, verb=Verb.SEND, index=there.next_slot, acts_on=None)
    rendering = context.renderings.compose([again])
    free = {(each.kind, each.revision) for each in there.rows}.isdisjoint(
        {(Kind.EDIT, sent.revision)}
    )
    revision = sent.revision if free else next_revision(cx, sent.post)
    made = insert(cx, sent, Kind.EDIT, revision, rendering, context.now, lost=sent.lost)
    save(cx, [(sent, sent._replace(superseded_by=made, code=TAKEN_BACK))])
    lanes.wake(cx, [sent.lane])
    return ""
