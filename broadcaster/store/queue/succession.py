"""Lets an edit or recall take over from a delivery that has begun.

The successor of a delivery that is ``sending`` or ``unknown`` stays outside the lane's line
(waiting, ``open`` null) until that outcome is known; then its messages are computed from the live
messages of the channel.  A recall does not wait for a person: it removes the messages that are
known to be live at once, and those of an unknown delivery as soon as they are proved.

A refused pin fails as a delivery of its own, because its post was delivered.  A pin that replaces
others unpins each of them by a delivery of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Kind, Message, Rendering, State, Verb
from broadcaster.store.codec import ids_of
from broadcaster.store.exchange import Verdict
from broadcaster.store.queue import lanes
from broadcaster.store.queue.deliveries import DeliveryRow, load, rewrite, save
from broadcaster.store.queue.renderings import DAMAGE, DAMAGED, Renderings, UnreadableRendering
from broadcaster.store.queue.work import Work
from broadcaster.store.record import NOTHING_LEFT
from broadcaster.store.steps import Live, edit_steps, recall_steps

log = logging.getLogger(__name__)

SUPERSEDED = "superseded"
CLOSED = {State.DELIVERED, State.CANCELLED}


def live_slots(work: Work, post: int, lane: int) -> tuple[list[Live], int]:
    """The live messages of a post in a channel, in order, and the first slot never used."""
    rows = work.cx.all("deliveries.receipts_of", post=post, lane=lane)
    live = [
        Live(
            slot=row["slot"],
            ids=ids_of(row["ids"]),
            message=work.renderings.get(row["rendering"])[row["step"]],
            pinned=row["pinned_at"] is not None,
            chat=row["chat"],
        )
        for row in rows
        if row["removed_at"] is None
    ]
    return live, max((row["slot"] + 1 for row in rows), default=0)


def follow(work: Work, moved: Iterable[DeliveryRow]) -> None:
    """Start the successors of deliveries that have just got an outcome."""
    for row in moved:
        if row.superseded_by is None or row.state is State.SENDING:
            continue
        try:
            _Succession(work).of(row)
        except DAMAGE:  # the outcome of ``row`` itself must still be recorded
            log.exception("delivery %d is damaged", row.superseded_by)
            _set_aside(work, row)


def _set_aside(work: Work, row: DeliveryRow) -> None:
    """Fail the successor of ``row``, because its messages cannot be computed."""
    assert row.superseded_by is not None
    successor = load(work, [row.superseded_by])[row.superseded_by]
    if successor.state is State.WAITING and successor.open is None:
        save(work, [(successor, successor.settles(State.FAILED, work.now, DAMAGED))])
    lanes.wake(work, [row.lane])


class _Succession:
    def __init__(self, work: Work) -> None:
        self.work = work

    def of(self, row: DeliveryRow) -> None:
        assert row.superseded_by is not None
        successor = load(self.work, [row.superseded_by])[row.superseded_by]
        if row.state in {State.WAITING, State.HELD, State.FAILED, State.MISSED}:
            closed = row.settles(State.CANCELLED, self.work.now, SUPERSEDED)
            save(self.work, [(row, closed)])
        if row.state is State.UNKNOWN and successor.kind is Kind.EDIT:
            return
        try:
            live, next_slot = live_slots(self.work, row.post, row.lane)
            if successor.kind is Kind.EDIT:
                self._edit(successor, live, next_slot)
            else:
                self._recall(successor, live, pending=row.state is State.UNKNOWN)
        except UnreadableRendering:
            save(self.work, [(successor, successor.settles(State.FAILED, self.work.now, DAMAGED))])
        lanes.wake(self.work, [row.lane])

    def _edit(self, successor: DeliveryRow, live: list[Live], next_slot: int) -> None:
        if successor.state is not State.WAITING or successor.open is not None:
            return
        target = self.work.renderings.get(successor.rendering)
        try:
            steps = edit_steps(live, target, next_slot=next_slot)
        except Refused as error:
            save(
                self.work, [(successor, successor.settles(State.FAILED, self.work.now, str(error)))]
            )
        else:
            self._start(successor, steps, NOTHING_LEFT)

    def _recall(self, successor: DeliveryRow, live: list[Live], *, pending: bool) -> None:
        """Start a recall.

        ``pending``: more live messages may be proved later, so an empty recall stays aside.
        """
        planned = self.work.renderings.get(successor.rendering)
        planned_slots = {message.acts_on for message in planned}
        try:
            steps = recall_steps([item for item in live if item.slot not in planned_slots])
        except Refused as error:
            if successor.state is State.WAITING and successor.open is None:
                save(
                    self.work,
                    [(successor, successor.settles(State.FAILED, self.work.now, str(error)))],
                )
            return
        if successor.state is State.WAITING and successor.open is None:
            if steps or not pending:
                self._start(successor, steps, say("nothing was out"))
        elif not steps:
            return
        elif successor.state in CLOSED:
            revision = next_revision(self.work, successor.post)
            more = self.work.renderings.compose(steps)
            insert(self.work, successor, Kind.RECALL, revision, more)
        else:
            composed = self.work.renderings.compose([*planned, *steps])
            more_steps = len(composed.messages)
            rewrite(self.work, [successor._replace(rendering=composed.digest, steps=more_steps)])

    def _start(self, successor: DeliveryRow, steps: tuple[Message, ...], nothing: str) -> None:
        if not steps:
            save(
                self.work, [(successor, successor.settles(State.CANCELLED, self.work.now, nothing))]
            )
            return
        composed = self.work.renderings.compose(steps)
        rewrite(self.work, [successor._replace(rendering=composed.digest, steps=len(steps))])
        save(self.work, [(successor, successor.waits(self.work.now))])


def next_revision(work: Work, post: int) -> int:
    revision: int = work.cx.scalar("succession.next_revision", post=post)
    return revision


def insert(
    work: Work,
    original: DeliveryRow,
    kind: Kind,
    revision: int,
    rendering: Rendering,
    *,
    aside: bool = False,
    lost: str = "[]",
) -> int:
    """Insert a delivery after ``original``; ``aside``: outside the line until an outcome."""
    made: Any = work.cx.scalar(
        "succession.insert",
        original=original.id,
        kind=kind,
        revision=revision,
        rendering=rendering.digest,
        steps=len(rendering.messages),
        lost=lost,
        aside=int(aside),
        now=work.now,
    )
    return int(made)


def move_on(work: Work, moves: Sequence[tuple[DeliveryRow, DeliveryRow]]) -> None:
    """Save the moved rows, start their successors, and set the clocks of the lanes."""
    save(work, moves)
    follow(work, [new for _, new in moves])
    lanes.wake(work, {old.lane for old, _ in moves})


def only_pin_left(renderings: Renderings, row: DeliveryRow) -> bool:
    """Whether all messages of ``row`` are done except its pin."""
    if row.step == 0 or row.step + 1 < row.steps:
        return False
    with suppress(*DAMAGE):  # the messages of a damaged rendering are not known
        return renderings.get(row.rendering)[row.step].verb is Verb.PIN
    return False


def fail_pins(work: Work, refused: Iterable[tuple[DeliveryRow, Verdict]]) -> None:
    """Record each refused pin as a failed delivery, which can be retried by itself."""
    for row, decision in refused:
        pin = work.renderings.get(row.rendering)[row.step]
        rendering = work.renderings.compose([replace(pin, index=pin.acts_on or 0)])
        revision = next_revision(work, row.post)
        made = insert(work, row, Kind.PIN, revision, rendering)
        waiting = load(work, [made])[made]
        if waiting.state is State.WAITING:  # otherwise its channel is off by now
            failed = waiting.settles(State.FAILED, work.now, decision.reason, decision.code)
            save(work, [(waiting, failed)])


def unpin_others(work: Work, pinned: Iterable[DeliveryRow]) -> None:
    """Unpin our earlier pins in the channels of ``pinned``, each by a delivery of its post."""
    for row in pinned:
        others = work.cx.all("deliveries.other_pins", lane=row.lane, post=row.post)
        by = load(work, [other["delivery"] for other in others])
        for other in others:
            original = by.get(other["delivery"])
            if original is None or lanes.out_of_reach(original, other["chat"]):
                continue
            step = Message(index=other["slot"], verb=Verb.UNPIN, acts_on=other["slot"])
            rendering = work.renderings.compose([step])
            insert(work, original, Kind.PIN, next_revision(work, other["post"]), rendering)


def settle_without(work: Work, ids: Iterable[int], decision: Verdict) -> None:
    """Mark posts delivered that lack only a pin which cannot be tried; the pin fails separately."""
    rows = load(work, ids).values()
    moves = [(row, row.after_receipt(work.now)) for row in rows]
    save(work, moves)
    fail_pins(work, [(row, decision) for row in rows])
    follow(work, [new for _, new in moves])
