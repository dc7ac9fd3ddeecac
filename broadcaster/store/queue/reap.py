"""What dead daemons left: freed, in doubt, or set aside where one after the other ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from broadcaster.model import Micros, State, Verb
from broadcaster.store.exchange import Decision
from broadcaster.store.queue import lanes
from broadcaster.store.queue.database import Database, Row
from broadcaster.store.queue.deliveries import Stored, load, save
from broadcaster.store.queue.renderings import ODD, Renderings
from broadcaster.store.queue.results import in_doubt
from broadcaster.store.queue.succession import follow
from broadcaster.store.queue.unpinned import fail_pins, only_pin_left

ORPHANED = "its worker died while sending"
DEATHS = 3
"""So many daemons in a row that ended at one delivery are no accident: it would be the end of the
next one too, and everything else would wait."""
ENDED = "the daemon ended three times at this delivery"
ENDED_IN_DOUBT = f"{ENDED}, and it may have been posted: look at the channel, then `resolve`"
ENDED_UNDONE = f"{ENDED}: see its log, then `retry`"


def reap(
    cx: Database,
    renderings: Renderings,
    dead: Sequence[tuple[int, int | None]],
    looks: Mapping[str, Micros],
    now: Micros,
) -> tuple[int, ...]:
    """Free the lanes of dead owners (with their deliveries); what was left ``sending`` is in doubt.

    What can be repeated (edit, recall, pin) waits instead.  ``looks``: channel -> how long a
    message in doubt is looked for; of others a person is asked.
    """
    if not dead:
        return ()
    rows = load(cx, [delivery for _, delivery in dead if delivery is not None])
    moves, unpinned = [], []
    for row in rows.values():
        if row.state not in {State.SENDING, State.UNKNOWN, State.WAITING}:
            continue
        new = _left(renderings, row, looks, now)
        if new.state is State.FAILED and only_pin_left(renderings, row):
            unpinned.append((row, Decision(state=new.state, reason=new.reason, code=new.code)))
            new = row.after_receipt(now)
        moves.append((row, new))
    save(cx, moves)
    fail_pins(cx, renderings, unpinned, now)
    follow(cx, renderings, [new for old, new in moves if new.state is not old.state], now)
    lanes.free(cx, [lane for lane, _ in dead])
    return tuple(old.id for old, _ in moves if old.state is State.SENDING)


def never_begun(cx: Database, renderings: Renderings, leases: Sequence[Row], now: Micros) -> None:
    """Free lanes whose claims nobody was told of: what is marked there surely has not left."""
    rows = load(cx, [row["delivery"] for row in leases if row["delivery"] is not None])
    moves = [(row, row.waits(now)) for row in rows.values() if row.state is State.SENDING]
    save(cx, moves)
    follow(cx, renderings, [new for _, new in moves], now)
    lanes.free(cx, [row["id"] for row in leases])


def _left(renderings: Renderings, row: Stored, looks: Mapping[str, Micros], now: Micros) -> Stored:
    """``row``, whose daemon ended while sending it, uploading its files or looking for it."""
    row = row._replace(deaths=row.deaths + 1)
    enough = row.deaths >= DEATHS
    sends = True  # a damaged rendering: what it was is not known, so it may be posted
    with suppress(*ODD):
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
