"""The tick: record results, fan out what is due, mark begins, claim; one transaction, one fsync."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from broadcaster.model import Micros
from broadcaster.store.exchange import Begin, Result, Tick, Want
from broadcaster.store.queue.begins import begin
from broadcaster.store.queue.claiming import Claiming
from broadcaster.store.queue.claims import claim
from broadcaster.store.queue.database import Database, pack
from broadcaster.store.queue.fanout import WIDE, fan_out_due
from broadcaster.store.queue.reap import reap
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queue.results import record


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
    orphans: tuple[int, ...] = ()
    if expired := json.loads(before["expired"]):
        looks = {name: each for want in wants for name, each in want.looks.items()}
        orphans = reap(cx, renderings, expired, looks, now)
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
        settled=claiming.settled,
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


def _wake_at(claiming: Claiming, wants: Iterable[Want], next_due: Micros | None) -> Micros | None:
    times = [next_due, *(claiming.ready(want) for want in wants if want.count)]
    return min((at for at in times if at is not None), default=None)
