"""The two regular verbs of a daemon: the tick and the sweep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from broadcaster.language import say
from broadcaster.model import Micros
from broadcaster.store.exchange import Capacity, Result, Tick, UploadDone
from broadcaster.store.queue import approval, audit, lanes
from broadcaster.store.queue.claims import MISSED, UNSEEN, Claiming, claim
from broadcaster.store.queue.daemons import reap
from broadcaster.store.queue.enqueue import WIDE, fan_out_due
from broadcaster.store.queue.results import record
from broadcaster.store.queue.uploads import begin
from broadcaster.store.queue.work import Row, Work, pack

HELD = say("its gate is closed")
_REASONS = {"hold": HELD, "missed": MISSED, "unseen": UNSEEN}


def tick(
    work: Work,
    results: Sequence[Result],
    uploads_done: Sequence[UploadDone],
    capacities: Sequence[Capacity],
    lease: Micros,
    *,
    fans_from: Micros | None,
) -> Tick:
    """Record results, fan out due posts, start uploaded messages, and claim.

    ``fans_from``: when due posts may be fanned out; None: never.  The delay keeps each channel's
    order, because posts queued later are not in the lines yet, either
    (:func:`~broadcaster.store.queue.enqueue.goes_first`).
    """
    recorded = record(work, results)
    accounts = pack([capacity.account for capacity in capacities])
    before = work.cx.one("claims.before", owner=work.by.name, accounts=accounts, now=work.now)
    assert before is not None, "it is one row of many answers"
    fanned, left, next_due = _fan_out(work, before["next_due"], fans_from)
    claiming = Claiming(
        work, work.now + lease, store=before["store"], paces=_paces(capacities, before["paces"])
    )
    orphans = _reap(work, before, capacities)
    begin(claiming, uploads_done)
    contested = tuple(json.loads(before["contested"]))
    agreed = [
        capacity for capacity in capacities if capacity.account not in contested and fanned < WIDE
    ]
    for capacity in agreed:
        claim(claiming, capacity)
    return Tick(
        now=work.now,
        claims=tuple(claiming.claims),
        orphans=orphans,
        late=tuple(recorded.late),
        settled=claiming.settled,
        wake_at=_wake_at(claiming, agreed, next_due) if fanned < WIDE else work.now,
        fanned=fanned,
        left=left,
        recorded=recorded.changed,
        generation=before["generation"],
        contested=contested,
        down=tuple(json.loads(before["down"])),
    )


def _fan_out(
    work: Work, next_due: Micros | None, fans_from: Micros | None
) -> tuple[int, bool, Micros | None]:
    """The number of new deliveries, whether due posts are left, and when the next post is due.

    With ``fans_from`` None, the background fan-out wakes the daemon, so the due time is not needed.
    """
    if next_due is None or next_due > work.now:
        return 0, False, next_due
    if fans_from is None or fans_from > work.now:
        return 0, True, fans_from
    fanned = fan_out_due(work)
    return fanned, False, work.cx.scalar("claims.next_due")


def _reap(work: Work, before: Row, capacities: Iterable[Capacity]) -> tuple[int, ...]:
    if not (expired := json.loads(before["expired"])):
        return ()
    looks = {channel: time for capacity in capacities for channel, time in capacity.looks.items()}
    return reap(work, [(row["lane"], row["delivery"]) for row in expired], looks)


def _paces(capacities: Iterable[Capacity], kept: str) -> dict[str, tuple[Micros, Micros]]:
    known = {row["account"]: (row["not_before"], row["tat"]) for row in json.loads(kept)}
    return {capacity.account: known.get(capacity.account, (0, 0)) for capacity in capacities}


def _wake_at(
    claiming: Claiming, capacities: Iterable[Capacity], next_due: Micros | None
) -> Micros | None:
    times = [next_due, *(claiming.ready(capacity) for capacity in capacities if capacity.count)]
    return min((at for at in times if at is not None), default=None)


def sweep(work: Work, limit: int) -> int:
    """Mark late deliveries missed and parked ones held, and end verifications that took too long.

    Changes at most ``limit`` rows; returns how many.  Held comes first, because deadlines behind a
    closed gate count only when a person releases the delivery.
    """
    moved: list[int] = []
    for subject, reason in _REASONS.items():
        rows = work.cx.all(
            f"sweep.{subject}",
            now=work.now,
            limit=limit - len(moved),
            reason=reason,
        )
        moved += [row["lane"] for row in rows]
    lanes.wake(work, set(moved))
    lapsed = approval.lapse(work, limit - len(moved))
    for post in lapsed:
        audit.append(work.under("sweep"), "lapse", post, {})
    return len(moved) + len(lapsed)
