"""Pins beside their post: one that is refused fails by itself, one that replaces unpins others."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from broadcaster.model import Kind, Message, Micros, State, Verb
from broadcaster.store.exchange import Decision
from broadcaster.store.queue import chats
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.deliveries import Stored, load, save
from broadcaster.store.queue.renderings import ODD, Renderings
from broadcaster.store.queue.succession import follow, insert, next_revision


def only_pin_left(renderings: Renderings, row: Stored) -> bool:
    """Whether all of ``row`` is out but the pin of it."""
    if row.step == 0 or row.step + 1 < row.steps:
        return False
    with suppress(*ODD):  # a damaged rendering: what was left of it is not known
        return renderings.get(row.rendering)[row.step].verb is Verb.PIN
    return False


def fail_pins(
    cx: Database, renderings: Renderings, refused: Iterable[tuple[Stored, Decision]], now: Micros
) -> None:
    """Keep each refused pin as a failed delivery, which can be tried again by itself."""
    for row, decision in refused:
        pin = renderings.get(row.rendering)[row.step]
        rendering = renderings.compose([replace(pin, index=pin.acts_on or 0)])
        revision = next_revision(cx, row.post)
        made = insert(cx, row, Kind.PIN, revision, rendering, now)
        waiting = load(cx, [made])[made]
        if waiting.state is State.WAITING:  # else its channel has been switched off meanwhile
            failed = waiting.settles(State.FAILED, now, decision.reason, decision.code)
            save(cx, [(waiting, failed)])


def unpin_others(
    cx: Database, renderings: Renderings, pinned: Iterable[Stored], now: Micros
) -> None:
    """Unpin what we pinned in a channel before ``pinned``, each as a delivery of its post."""
    for row in pinned:
        others = cx.all("deliveries.other_pins", lane=row.lane, post=row.post)
        by = load(cx, [other["delivery"] for other in others])
        for other in others:
            original = by.get(other["delivery"])
            if original is None or chats.out_of_reach(original, other["chat"]):
                continue
            step = Message(index=other["slot"], verb=Verb.UNPIN, acts_on=other["slot"])
            rendering = renderings.compose([step])
            revision = next_revision(cx, other["post"])
            insert(cx, original, Kind.PIN, revision, rendering, now)


def settle_without(
    cx: Database, renderings: Renderings, ids: Iterable[int], decision: Decision, now: Micros
) -> None:
    """Deliver posts that wait for nothing but a pin which cannot be tried; it fails by itself."""
    rows = load(cx, ids).values()
    moves = [(row, row.after_receipt(now)) for row in rows]
    save(cx, moves)
    fail_pins(cx, renderings, [(row, decision) for row in rows], now)
    follow(cx, renderings, [new for _, new in moves], now)
