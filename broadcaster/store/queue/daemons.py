"""Daemons: their registration, their leases, and the deliveries that dead ones left.

Such a delivery is freed or becomes unknown; it is set aside if several daemons ended at it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress

from broadcaster.language import say
from broadcaster.model import Micros, State, Verb
from broadcaster.store.exchange import Verdict
from broadcaster.store.queue import lanes
from broadcaster.store.queue.deliveries import DeliveryRow, load, save
from broadcaster.store.queue.renderings import DAMAGE, Renderings
from broadcaster.store.queue.results import in_doubt
from broadcaster.store.queue.succession import fail_pins, follow, only_pin_left
from broadcaster.store.queue.work import Row, Work, micros, pack

FIRST_LIFE: Micros = 60_000_000
"""A new daemon counts as alive for a minute, until its first heartbeat."""


def register(
    work: Work, owner: str, *, exclusive: bool, looks: Mapping[str, Micros]
) -> tuple[int, ...]:
    """Register a daemon; an exclusive one reaps at once, since all other owners are dead."""
    work.cx.run(
        "daemons.register",
        owner=owner,
        pid=os.getpid(),
        host=socket.gethostname(),
        now=work.now,
        until=work.now + FIRST_LIFE,
    )
    work.cx.run("daemons.grow_old")
    if exclusive:
        work.cx.run("daemons.only", owner=owner)
    work.cx.run("daemons.forget")
    if not exclusive:
        return ()
    return reap(work, lanes.leased(work), looks)


def heartbeat(
    work: Work, owner: str, lanes: Sequence[tuple[str, int]], lease_s: float
) -> set[tuple[str, int]]:
    until = work.now + micros(lease_s)
    work.cx.run("daemons.alive", owner=owner, now=work.now, until=until)
    work.cx.run("daemons.grow_old")
    if not lanes:
        return set()
    rows = [{"channel": channel, "fence": fence} for channel, fence in lanes]
    kept = work.cx.all("lanes.prolong", lanes=pack(rows), owner=owner, until=until)
    return set(lanes) - {(row["channel"], row["fence"]) for row in kept}


def unregister(work: Work, owner: str) -> None:
    """Free the unsent claims of a daemon; messages on the wire stay for the next one to reap."""
    lanes.free(work, [row["id"] for row in work.cx.all("daemons.unsent", owner=owner)])
    work.cx.run("daemons.unregister", owner=owner)
    work.cx.run("daemons.forget")


def acknowledge(work: Work, owner: str, generation: int) -> None:
    work.cx.run("daemons.acknowledge", owner=owner, generation=generation)


def acknowledged(work: Work, generation: int) -> bool:
    return not work.cx.scalar("daemons.behind", generation=generation, now=work.now)


ORPHANED = say("its worker died while sending")
DEATHS = 3
"""Number of daemons in a row that ended at one delivery, after which it is set aside.  It would end
the next daemon, too, and all other deliveries would wait."""
ENDED = say("the daemon ended three times at this delivery")
ENDED_IN_DOUBT = say(
    "{ended}, and it may have been posted: look at the channel, then `resolve`", ended=ENDED
)
ENDED_UNDONE = say("{ended}: see its log, then `retry`", ended=ENDED)


def reap(
    work: Work, dead: Sequence[tuple[int, int | None]], looks: Mapping[str, Micros]
) -> tuple[int, ...]:
    """Free the lanes of dead owners; returns the deliveries that became unknown.

    Those are the posts that were ``sending``; an edit, recall or pin can be repeated, and waits.

    :param dead: (lane, delivery) of each lease.
    :param looks: channel -> how long an unknown message is looked for; for channels that are
        missing here, a person is asked.
    """
    if not dead:
        return ()
    rows = load(work, [delivery for _, delivery in dead if delivery is not None])
    moves, unpinned = [], []
    for row in rows.values():
        if row.state not in {State.SENDING, State.UNKNOWN, State.WAITING}:
            continue
        new = _left(work.renderings, row, looks, work.now)
        if new.state is State.FAILED and only_pin_left(work.renderings, row):
            unpinned.append((row, Verdict(state=new.state, reason=new.reason, code=new.code)))
            new = row.after_receipt(work.now)
        moves.append((row, new))
    save(work, moves)
    fail_pins(work, unpinned)
    follow(work, [new for old, new in moves if new.state is not old.state])
    lanes.free(work, [lane for lane, _ in dead])
    return tuple(old.id for old, _ in moves if old.state is State.SENDING)


def never_begun(work: Work, leases: Sequence[Row]) -> None:
    """Free lanes whose claims no daemon received, so that their messages were surely not sent."""
    rows = load(work, [row["delivery"] for row in leases if row["delivery"] is not None])
    moves = [(row, row.waits(work.now)) for row in rows.values() if row.state is State.SENDING]
    save(work, moves)
    follow(work, [new for _, new in moves])
    lanes.free(work, [row["id"] for row in leases])


def _left(
    renderings: Renderings, row: DeliveryRow, looks: Mapping[str, Micros], now: Micros
) -> DeliveryRow:
    """``row`` after its daemon ended while it sent, uploaded or verified."""
    row = row._replace(deaths=row.deaths + 1)
    enough = row.deaths >= DEATHS
    sends = True  # the default for a damaged rendering, whose message may have been posted
    with suppress(*DAMAGE):
        sends = renderings.get(row.rendering)[row.step].verb is Verb.SEND
    if row.state is State.UNKNOWN:
        return row._replace(open=None, done_at=now, reason=ENDED_IN_DOUBT) if enough else row
    if row.state is State.WAITING or not sends:  # nothing was posted
        if enough:
            return row.settles(State.FAILED, now, ENDED_UNDONE, "deaths")
        return row if row.state is State.WAITING else row.waits(now, ORPHANED)
    if enough:
        return in_doubt(row, now, ENDED_IN_DOUBT, "deaths", None, None)
    settle = looks.get(row.channel)
    return in_doubt(row, now, ORPHANED, "orphan", None if settle is None else 0, settle)
