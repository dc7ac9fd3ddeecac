"""The tick: record results, fan out what is due, mark begins, claim; one transaction, one fsync."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from broadcaster.model import Micros, State, Verb
from broadcaster.store.exchange import Begin, Result, Tick, Want
from broadcaster.store.queue import lanes
from broadcaster.store.queue.begins import begin
from broadcaster.store.queue.claiming import Claiming
from broadcaster.store.queue.claims import claim
from broadcaster.store.queue.database import Database, Row, pack
from broadcaster.store.queue.deliveries import Stored, load, save
from broadcaster.store.queue.fanout import fan_out_due
from broadcaster.store.queue.renderings import Renderings
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
) -> Tick:
    recorded = record(cx, renderings, owner, results, now)
    fan_out_due(cx, now)
    accounts = pack([want.account for want in wants])
    expired = cx.all("lanes.expired", accounts=accounts, now=now, owner=owner)
    verifiable = {want.account for want in wants if want.verifies}
    orphans = reap(cx, renderings, expired, verifiable, now)
    claiming = Claiming(cx, renderings, owner, now, now + lease)
    begin(claiming, begins)
    contested = names(cx, "daemons.contested", owner, now) if wants else ()
    agreed = [want for want in wants if want.account not in contested]
    for want in agreed:
        claim(claiming, want)
    return Tick(
        now=now,
        claims=tuple(claiming.claims),
        orphans=orphans,
        late=tuple(recorded.late),
        wake_at=_wake_at(cx, claiming, agreed),
        recorded=recorded.changed,
        generation=cx.scalar("claims.generation"),
        contested=contested,
        down=names(cx, "daemons.down", owner, now) if wants else (),
    )


def names(cx: Database, query: str, owner: str, now: Micros) -> tuple[str, ...]:
    """The accounts that ``query`` finds."""
    return tuple(row[0] for row in cx.all(query, owner=owner, now=now))


def reap(
    cx: Database,
    renderings: Renderings,
    dead: Sequence[Row],
    verifiable: Collection[str],
    now: Micros,
) -> tuple[int, ...]:
    """Free the lanes of dead owners; what they left ``sending`` is in doubt.

    What can be repeated (edit, recall, pin) waits instead.
    """
    if not dead:
        return ()
    rows = load(cx, [row["delivery"] for row in dead if row["delivery"] is not None])
    moves = [
        (row, _orphan(renderings, row, verifiable, now))
        for row in rows.values()
        if row.state is State.SENDING
    ]
    save(cx, moves)
    follow(cx, renderings, [new for _, new in moves], now)
    lanes.free(cx, [row["id"] for row in dead])
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
    if renderings.get(row.rendering)[row.step].verb is not Verb.SEND:
        return row.waits(now, ORPHANED)
    looks = row.account in verifiable
    return in_doubt(
        row, now, ORPHANED, "orphan", 0 if looks else None, VERIFY_ORPHANS if looks else None
    )


def _wake_at(cx: Database, claiming: Claiming, wants: Iterable[Want]) -> Micros | None:
    times = [claiming.ready(want) for want in wants if want.count]
    times.append(cx.scalar("claims.next_scheduled"))
    return min((at for at in times if at is not None), default=None)
