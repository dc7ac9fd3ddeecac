"""An edit or recall takes over from a delivery that has begun.

The successor of a delivery that is ``sending`` or ``unknown`` stands outside the lane's line
(waiting, ``open`` null) until that outcome is known; then its steps are made of what stands in the
channel.  A recall does not wait for a person: it removes at once what is known to be live, and
what an unknown turns out to have posted as soon as that is proved.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from broadcaster.errors import Refused
from broadcaster.model import Kind, Message, Micros, Rendering, State
from broadcaster.store.codec import ids_of
from broadcaster.store.queue import lanes
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.deliveries import Stored, load, rewrite, save
from broadcaster.store.queue.renderings import DAMAGED, ODD, Renderings, Unreadable
from broadcaster.store.record import NOTHING_LEFT
from broadcaster.store.steps import Live, edit_steps, recall_steps

log = logging.getLogger(__name__)

SUPERSEDED = "superseded"
CLOSED = {State.DELIVERED, State.CANCELLED}


def live_slots(
    cx: Database, renderings: Renderings, post: int, lane: int
) -> tuple[list[Live], int]:
    """What stands in a channel of a post, in order, and the first slot never used."""
    rows = cx.all("deliveries.receipts_of", post=post, lane=lane)
    live = [
        Live(
            slot=row["slot"],
            ids=ids_of(row["ids"]),
            message=renderings.get(row["rendering"])[row["step"]],
            pinned=row["pinned_at"] is not None,
            chat=row["chat"],
        )
        for row in rows
        if row["removed_at"] is None
    ]
    return live, max((row["slot"] + 1 for row in rows), default=0)


def follow(cx: Database, renderings: Renderings, moved: Iterable[Stored], now: Micros) -> None:
    """Let successors go on whose predecessors have just got an outcome."""
    for row in moved:
        if row.superseded_by is None or row.state is State.SENDING:
            continue
        try:
            _Succession(cx, renderings, now).of(row)
        except ODD:  # what has just become of ``row`` is kept all the same
            log.exception("delivery %d is damaged", row.superseded_by)
            _set_aside(cx, row, now)


def _set_aside(cx: Database, row: Stored, now: Micros) -> None:
    """Fail the successor of ``row``, for it cannot be made of what stands there."""
    assert row.superseded_by is not None
    successor = load(cx, [row.superseded_by])[row.superseded_by]
    if successor.state is State.WAITING and successor.open is None:
        save(cx, [(successor, successor.settles(State.FAILED, now, DAMAGED))])
    lanes.wake(cx, [row.lane])


class _Succession:
    def __init__(self, cx: Database, renderings: Renderings, now: Micros) -> None:
        self.cx = cx
        self.renderings = renderings
        self.now = now

    def of(self, row: Stored) -> None:
        assert row.superseded_by is not None
        successor = load(self.cx, [row.superseded_by])[row.superseded_by]
        if row.state in {State.WAITING, State.HELD, State.FAILED, State.MISSED}:
            closed = row.settles(State.CANCELLED, self.now, SUPERSEDED)
            save(self.cx, [(row, closed)])
        if row.state is State.UNKNOWN and successor.kind is Kind.EDIT:
            return
        try:
            live, next_slot = live_slots(self.cx, self.renderings, row.post, row.lane)
            if successor.kind is Kind.EDIT:
                self._edit(successor, live, next_slot)
            else:
                self._recall(successor, live, pending=row.state is State.UNKNOWN)
        except Unreadable:
            save(self.cx, [(successor, successor.settles(State.FAILED, self.now, DAMAGED))])
        lanes.wake(self.cx, [row.lane])

    def _edit(self, successor: Stored, live: list[Live], next_slot: int) -> None:
        if successor.state is not State.WAITING or successor.open is not None:
            return
        target = self.renderings.get(successor.rendering)
        try:
            steps = edit_steps(live, target, next_slot=next_slot)
        except Refused as error:
            save(self.cx, [(successor, successor.settles(State.FAILED, self.now, str(error)))])
        else:
            self._start(successor, steps, NOTHING_LEFT)

    def _recall(self, successor: Stored, live: list[Live], *, pending: bool) -> None:
        """``pending``: more may turn out to be there, so an empty recall stays aside."""
        planned = self.renderings.get(successor.rendering)
        known = {message.acts_on for message in planned}
        try:
            steps = recall_steps([item for item in live if item.slot not in known])
        except Refused as error:
            if successor.state is State.WAITING and successor.open is None:
                save(self.cx, [(successor, successor.settles(State.FAILED, self.now, str(error)))])
            return
        if successor.state is State.WAITING and successor.open is None:
            if steps or not pending:
                self._start(successor, steps, "nothing was out")
        elif not steps:
            return
        elif successor.state in CLOSED:
            revision = next_revision(self.cx, successor.post)
            more = self.renderings.compose(steps)
            insert(self.cx, successor, Kind.RECALL, revision, more, self.now)
        else:
            composed = self.renderings.compose([*planned, *steps])
            more_steps = len(composed.messages)
            rewrite(self.cx, [successor._replace(rendering=composed.digest, steps=more_steps)])

    def _start(self, successor: Stored, steps: tuple[Message, ...], nothing: str) -> None:
        if not steps:
            save(self.cx, [(successor, successor.settles(State.CANCELLED, self.now, nothing))])
            return
        composed = self.renderings.compose(steps)
        rewrite(self.cx, [successor._replace(rendering=composed.digest, steps=len(steps))])
        save(self.cx, [(successor, successor.waits(self.now))])


def next_revision(cx: Database, post: int) -> int:
    revision: int = cx.scalar("succession.next_revision", post=post)
    return revision


def insert(
    cx: Database,
    original: Stored,
    kind: Kind,
    revision: int,
    rendering: Rendering,
    now: Micros,
    *,
    aside: bool = False,
    lost: str = "[]",
) -> int:
    """A delivery in the place of ``original``; ``aside``: outside the line until an outcome."""
    made: Any = cx.scalar(
        "succession.insert",
        original=original.id,
        kind=kind,
        revision=revision,
        rendering=rendering.digest,
        steps=len(rendering.messages),
        lost=lost,
        aside=int(aside),
        now=now,
    )
    return int(made)
