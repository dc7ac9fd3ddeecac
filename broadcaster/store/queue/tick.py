"""The tick: record results, fan out what is due, mark begins, claim; one transaction, one fsync."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from broadcaster.model import Micros, State, Verb
from broadcaster.store.exchange import Begin, Result, Tick, Want
from broadcaster.store.queue import lanes
from broadcaster.store.queue.begins import begin
from broadcaster.store.queue.claiming import Claiming
from broadcaster.store.queue.claims import claim
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.deliveries import Stored, load, save
from broadcaster.store.queue.fanout import WIDE, fan_out_due
from broadcaster.store.queue.renderings import ODD, Renderings
from broadcaster.store.queue.results import in_doubt, record
from broadcaster.store.queue.succession import follow

VERIFY_ORPHANS: Micros = 180_000_000
"""How long the lane of an orphan waits for verification: `settle` of design, 3 minutes."""
ORPHANED = "its worker died while sending"


def tick(
    cx: Database,
    renderings: Renderings,
    owner: str,
    results: Sequence[Result],
    begins: Sequence[Begin],
    wants: Sequence[Want],
    lease: Micros,
    now: Micros,
    *,
    fans_from: Micros | None,
) -> Tick:
    """``fans_from``: what falls due is left alone until then; None: always.

    That keeps each channel's order: whatever was queued behind what is due is not in the lines yet
    either (:func:`~broadcaster.store.queue.fanout.goes_first`).
    """
    recorded = record(cx, renderings, owner, results, now)
    accounts = pack([want.account for want in wants])
    before = cx.one("claims.before", owner=owner, accounts=accounts, now=now)
    assert before is not None, "it is one row of many answers"
    next_due: Micros | None = before["next_due"]
    fanned, left = 0, next_due is not None and next_due <= now
    if left:
        if fans_from is None:
            next_due = None  # who makes its deliveries knows when there is more to do
        elif fans_from <= now:
            fanned, left = fan_out_due(cx, now), False
            next_due = cx.scalar("claims.next_due")
        else:
            next_due = fans_from
    verifiable = {want.account for want in wants if want.verifies is not None}
    orphans = reap(cx, renderings, json.loads(before["expired"]), verifiable, now)
    claiming = Claiming(
        cx,
        renderings,
        owner,
        now,
        now + lease,
        store=before["store"],
        paces=_paces(wants, before["paces"]),
    )
    begin(claiming, begins)
    contested = tuple(json.loads(before["contested"]))
    agreed = [want for want in wants if want.account not in contested and fanned < WIDE]
    for want in agreed:
        claim(claiming, want)
    return Tick(
        now=now,
        claims=tuple(claiming.claims),
        orphans=orphans,
        late=tuple(recorded.late),
        wake_at=_wake_at(claiming, agreed, next_due) if fanned < WIDE else now,
        fanned=fanned,
        left=left,
        recorded=recorded.changed,
        generation=before["generation"],
        contested=contested,
        down=tuple(json.loads(before["down"])),
    )


def _paces(wants: Iterable[Want], found: str) -> dict[str, tuple[Micros, Micros]]:
    known = {name: (quiet, tat) for name, quiet, tat in json.loads(found)}
    return {want.account: known.get(want.account, (0, 0)) for want in wants}


def reap(
    cx: Database,
    renderings: Renderings,
    dead: Sequence[tuple[int, int | None]],
    verifiable: Collection[str],
    now: Micros,
) -> tuple[int, ...]:
    """Free the lanes of dead owners (with their deliveries); what was left ``sending`` is in doubt.

    What can be repeated (edit, recall, pin) waits instead.
    """
    if not dead:
        return ()
    rows = load(cx, [delivery for _, delivery in dead if delivery is not None])
    moves = [
        (row, _orphan(renderings, row, verifiable, now))
        for row in rows.values()
        if row.state is State.SENDING
    ]
    save(cx, moves)
    follow(cx, renderings, [new for _, new in moves], now)
    lanes.free(cx, [lane for lane, _ in dead])
    return tuple(old.id for old, _ in moves)


def never_begun(cx: Database, renderings: Renderings, leases: Sequence[Row], now: Micros) -> None:
    """Free lanes whose claims nobody was told of: what is marked there surely has not left."""
    rows = load(cx, [row["delivery"] for row in leases if row["delivery"] is not None])
    moves = [(row, row.waits(now)) for row in rows.values() if row.state is State.SENDING]
    save(cx, moves)
    follow(cx, renderings, [new for _, new in moves], now)
    lanes.free(cx, [row["id"] for row in leases])


def _orphan(
    renderings: Renderings, row: Stored, verifiable: Collection[str], now: Micros
) -> Stored:
    with suppress(*ODD):  # damaged: what it was is not known, so it may be posted
        if renderings.get(row.rendering)[row.step].verb is not Verb.SEND:
            return row.waits(now, ORPHANED)
    looks = row.account in verifiable
    return in_doubt(
        row, now, ORPHANED, "orphan", 0 if looks else None, VERIFY_ORPHANS if looks else None
    )


def _wake_at(claiming: Claiming, wants: Iterable[Want], next_due: Micros | None) -> Micros | None:
    times = [next_due, *(claiming.ready(want) for want in wants if want.count)]
    return min((at for at in times if at is not None), default=None)
