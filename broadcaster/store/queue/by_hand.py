"""What people did in a channel themselves, or said of it by mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from broadcaster.language import joined, say
from broadcaster.model import Kind, State, Verb
from broadcaster.store import codec
from broadcaster.store.queue import lanes, pending, record
from broadcaster.store.queue.corrections import (
    NOTHING_THERE,
    ON_ITS_WAY,
    There,
    channels_of,
    close,
)
from broadcaster.store.queue.deliveries import post_row, save
from broadcaster.store.queue.pending import CONFIRMED, ChangeOutcome, another
from broadcaster.store.queue.succession import CLOSED, insert, next_revision
from broadcaster.store.queue.work import Row, Work
from broadcaster.store.record import TAKEN_BACK, RemarkKind

if TYPE_CHECKING:
    from broadcaster.store.changes import ByHand, Changed, Resolve

_BUSY = say(
    "it is being sent, or nobody knows whether it is there: settle that first (broadcaster show)"
)


def by_hand(work: Work, change: ByHand) -> Changed:
    """Somebody has removed what stands in channels, or has said so by mistake."""
    post_row(work, change.post)
    outcome = ChangeOutcome()
    done: dict[str, str] = {}
    for channel, there in channels_of(work, change.post, change.channels).items():
        why = _remove(work, there) if change.gone else _restore(work, there)
        if why:
            outcome.refused[channel] = why
        else:
            outcome.did(there.original)
            done[channel] = ""
    outcome.elsewhere(change.channels)
    changed = outcome.end(NOTHING_THERE)
    record.remark(work, change.post, RemarkKind.REMOVED if change.gone else RemarkKind.STANDS, done)
    return changed


def resolve(work: Work, change: Resolve) -> Changed:
    """A person has looked into the channel, or corrects what somebody said after a look."""
    named = change.post is not None and change.channel is not None
    if named and not pending.is_unknown(work, change):
        outcome = ChangeOutcome()
        _correct(work, change, outcome)
        if outcome.channels or outcome.refused:
            return outcome.end("")
    return pending.resolve(work, change)


def _correct(work: Work, change: Resolve, outcome: ChangeOutcome) -> None:
    """Correct what a person has confirmed: its ids, or that it is there at all."""
    assert change.post is not None
    assert change.channel is not None
    there = channels_of(work, change.post, (change.channel,)).get(change.channel)
    if there is None:
        return
    said = {row["slot"]: row for row in _confirmed(work, there)}
    if change.position is not None:
        said = {slot: row for slot, row in said.items() if slot == change.position}
    if not said:
        return
    if len(said) > 1:
        numbers = joined(", ", (str(slot + 1) for slot in said))
        outcome.refused[change.channel] = say(
            "several messages were confirmed: --message {numbers}?", numbers=numbers
        )
        return
    (row,) = said.values()
    why = _rename(work, there, row, change.ids) if change.posted else _unsay(work, there, row)
    if why:
        outcome.refused[change.channel] = why
        return
    outcome.did(there.original)
    now = joined(", ", change.ids) if change.posted else say("not posted")
    was = joined(", ", codec.ids_of(row["ids"])) or say("no id")
    told = {
        change.channel: say("message {row}: {was} -> {now}", row=row["slot"] + 1, was=was, now=now)
    }
    record.remark(work, change.post, RemarkKind.CORRECTED, told)


def _remove(work: Work, there: There) -> str:
    """Why it cannot be said; "": it is done."""
    if not there.live:
        return NOTHING_THERE
    if any(row.state in ON_ITS_WAY for row in there.rows):
        return _BUSY
    row = there.original
    work.cx.run("record.by_hand", post=row.post, lane=row.lane, by=work.by.name, now=work.now)
    unsettled = [each for each in there.rows if each.state not in CLOSED]
    close(work, unsettled, None, say("removed by hand, says {by}", by=work.by.name))
    return ""


def _restore(work: Work, there: There) -> str:
    row = there.original
    if not work.cx.run("record.not_by_hand", post=row.post, lane=row.lane):
        return say("nobody has said that it was removed by hand there")
    return ""


def _confirmed(work: Work, there: There) -> list[Row]:
    row = there.original
    rows = work.cx.all("deliveries.receipts_of", post=row.post, lane=row.lane)
    return [
        each for each in rows if each["removed_at"] is None and each["note"].startswith(CONFIRMED)
    ]


def _rename(work: Work, there: There, row: Row, ids: tuple[str, ...]) -> str:
    """Give a confirmed message the id that is right."""
    before = codec.ids_of(row["ids"])
    if not ids or ids == before:
        return say("it is confirmed so already; give the id that is right, or say --not-posted")
    (live,) = (each for each in there.live if each.slot == row["slot"])
    new = tuple(each for each in ids if each not in before)
    if why := another(work, there.original, live.message, new):
        return why
    work.cx.run(
        "record.set_ids",
        post=row["post"],
        lane=row["lane"],
        slot=row["slot"],
        ids=codec.dumps(list(ids)),
        note=f"{CONFIRMED}{work.by.name}",
    )
    return ""


def _unsay(work: Work, there: There, row: Row) -> str:
    """A confirmed message is not there after all: it is sent, unless it is to be removed."""
    if any(each.state in ON_ITS_WAY for each in there.rows):
        return _BUSY
    sent = next((each for each in there.rows if each.id == row["delivery"]), None)
    if sent is None or sent.state not in CLOSED:
        return say("the rest of it still waits: retry or drop that first")
    unwanted = any(each.kind is Kind.RECALL for each in there.active)
    reason = say("its message is not there, says {by}", by=work.by.name)
    close(work, [each for each in there.rows if each.state not in CLOSED], None, reason)
    (live,) = (each for each in there.live if each.slot == row["slot"])
    place = {"post": row["post"], "lane": row["lane"], "slot": row["slot"]}
    if unwanted or sent.state is State.CANCELLED:
        work.cx.run("record.gone", **place, by=work.by.name, now=work.now)
        return ""
    work.cx.run("record.forget", **place)
    again = replace(live.message, verb=Verb.SEND, index=there.next_slot, acts_on=None)
    rendering = work.renderings.compose([again])
    free = {(each.kind, each.revision) for each in there.rows}.isdisjoint(
        {(Kind.EDIT, sent.revision)}
    )
    revision = sent.revision if free else next_revision(work, sent.post)
    made = insert(work, sent, Kind.EDIT, revision, rendering, lost=sent.lost)
    save(work, [(sent, sent._replace(superseded_by=made, code=TAKEN_BACK))])
    lanes.wake(work, [sent.lane])
    return ""
