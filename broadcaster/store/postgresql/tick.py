"""The tick: plain work in one round trip, everything else by the decisions that all stores share.

``functions.sql`` says what is plain.  What is not comes before it (results, uploads
that are done) or after it (what waits at the head of a lane), each in a transaction of its own; a
tick that fails between them may be repeated as it was: results count only under their fence.

A tick of nothing but plain work may be left to the event loop, which waits for the server as it
does for the messengers.  Nothing of it is decided there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import psycopg

from broadcaster.model import Kind, Message, Micros, State
from broadcaster.store.exchange import Capacity, Claim, Decision, Purpose, Result, Tick, UploadDone
from broadcaster.store.postgresql.fan_out import fan_out
from broadcaster.store.queue.daemons import never_begun
from broadcaster.store.queue.fast_path import Given, by_gcra
from broadcaster.store.queue.renderings import DAMAGED, Renderings, Unreadable
from broadcaster.store.queue.tick import tick
from broadcaster.store.queue.work import Work, pack
from broadcaster.store.store import StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

log = logging.getLogger(__name__)
T = TypeVar("T")
NOT_PLAIN = "BC001"
"""SQLSTATE of the tick's function: it is no plain work after all, and nothing was done."""


Write: TypeAlias = Callable[[Callable[[Work], T], Micros | None], T]


VACUUM_AFTER = 4_000
"""Plain receipts at least, each of which leaves two dead versions of its lane.  Autovacuum looks
once a minute; at full speed a tick takes half as long again by then."""
LOOK_S = 1.0
"""Between two looks for leases of others that ran out, by way of all lanes."""
_THREAD = "it is more than plain work: a matter for the store's thread"


class Ticks:
    """The daemon's ticks, by the database's function as far as it can do them."""

    def __init__(self, cx: Connection, renderings: Renderings, write: Write[Tick]) -> None:
        """``write``: does work in a transaction that runs alone."""
        self._cx = cx
        self._write = write
        self._renderings = renderings
        self._given = Given()
        self._receipts = 0
        self._vacuum_after = VACUUM_AFTER
        self._due = False
        """At the last look there were posts whose time had come."""
        self._odd = False
        """At the last look there was more to do than plain work."""
        self._damaged: list[Result] = []
        """Of plain claims whose message cannot be read: nothing of them has left."""
        self._looked = 0.0
        """Seconds, by whichever clock."""
        self.astray = False
        """A connection was lost, perhaps together with the answer to a tick."""

    def tick(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
        *,
        fans: bool,
    ) -> Tick:
        if self.astray:
            self.recover(owner, now)
        fanned = self._fan_out(now) if fans and self._due else 0
        plain, other = self._given.split(results)
        before = (
            self._decide(owner, other, uploads_done, (), lease, now)
            if other or uploads_done
            else None
        )
        done, lanes = self._exchange(owner, plain, capacities, lease, now)
        if fans and self._due and not done.claims and not fanned:
            fanned = self._fan_out(now)
            then, lanes = self._exchange(owner, (), capacities, lease, now)
            done = _joined(done, then)
        if before is not None:
            done = _joined(before, done)
        self._given.note(results, done.claims, lanes)
        self._tidy(len(plain))
        if fans and self._due:
            done = replace(done, wake_at=done.now)
        return replace(done, fanned=fanned, left=self._due)

    async def tick_in_loop(
        self,
        owner: str,
        results: Sequence[Result],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> Tick:
        """Plain work alone; deliveries of what is due are left to others.

        :raises StoreBusy: there is more to do, or it is not known what became of it.
        """
        tidies = self._receipts + len(results) >= self._vacuum_after
        more = self._odd or self._damaged or not all(map(self._given.is_plain, results))
        if self.astray or more or tidies:
            raise StoreBusy(_THREAD)
        asked = self._asked(owner, results, capacities, lease, now)
        try:
            answer = await self._cx.ask("tick.in_loop", *asked.values())
        except psycopg.DatabaseError as error:
            if error.sqlstate == NOT_PLAIN:
                raise StoreBusy(_THREAD) from None
            raise
        done, lanes = self._read(answer, lease, len(results))
        self._given.note(results, done.claims, lanes)
        self._receipts += len(results)
        return replace(
            done, left=self._due, wake_at=done.now if self._odd or self._damaged else done.wake_at
        )

    def _exchange(
        self,
        owner: str,
        results: Sequence[Result],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> tuple[Tick, Mapping[int, int]]:
        """Plain results for claims; with the lane of each claim that is plain."""
        answer = self._plain(owner, results, capacities, lease, now)
        if answer is None:
            return self._decide(owner, results, (), capacities, lease, now), {}
        done, lanes = self._read(answer, lease, len(results))
        if self._odd or self._damaged:
            done = self._go_on(owner, done, capacities, lease, now)
        return done, lanes

    def _fan_out(self, now: Micros | None) -> int:
        """As :func:`fan_out`; 0 also if it is not possible now."""
        with suppress(StoreBusy):
            return fan_out(self._cx, now)
        return 0

    def _tidy(self, receipts: int) -> None:
        """Rid the lanes of dead versions; their table is as small as the office has channels."""
        self._receipts += receipts
        if self._receipts >= self._vacuum_after:
            self._receipts = 0
            with suppress(StoreBusy), self._cx.single():  # what the tick has brought counts more
                self._cx.run("tick.vacuum")
                self._vacuum_after = max(VACUUM_AFTER, self._cx.scalar("tick.lanes"))

    def recover(self, owner: str, now: Micros | None = None) -> None:
        """Let go of what an answer that never came had handed out: nobody has begun it.

        The connection that had asked is over, so nothing more can come of it.
        """

        def let_go(work: Work) -> Tick:
            leases = self._cx.all("session.leases", owner=owner)
            lost = [row for row in leases if not self._given.has(row["delivery"], row["fence"])]
            if lost:
                log.warning("%d claims were lost with a connection, and are made anew", len(lost))
                never_begun(work, lost)
            return Tick(now=work.now)

        self._write(let_go, now)
        self.astray = False

    def _plain(
        self,
        owner: str,
        results: Sequence[Result],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> Mapping[str, Any] | None:
        """None: some of the results are not plain any more, and nothing was done."""
        try:
            with self._cx.single():
                asked = self._asked(owner, results, capacities, lease, now)
                answer: Mapping[str, Any] = self._cx.scalar("tick.plain", **asked)
        except psycopg.DatabaseError as error:
            if error.sqlstate == NOT_PLAIN:
                return None
            raise
        return answer

    def _asked(
        self,
        owner: str,
        results: Sequence[Result],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> Mapping[str, str | int | None]:
        """What the tick's function is asked, in its order."""
        return {
            "owner": owner,
            "results": pack([self._given.told(result) for result in results]),
            "wants": pack([_as_row(capacity) for capacity in capacities]),
            "lease": lease,
            "looks": self._looks(now),
            "now": now,
        }

    def _looks(self, now: Micros | None) -> bool:
        """Whether to look for leases that ran out."""
        at = time.monotonic() if now is None else now / 1e6
        if abs(at - self._looked) < LOOK_S and not self._odd:  # it may be what was odd
            return False
        self._looked = at
        return True

    def _read(
        self, answer: Mapping[str, Any], lease: Micros, recorded: int
    ) -> tuple[Tick, Mapping[int, int]]:
        """With the lane of each claim."""
        self._due, self._odd = answer["due"], answer["odd"]
        texts: Mapping[str, str] = answer["renderings"] or {}
        messages: dict[str, tuple[Message, ...]] = {}
        lanes: dict[int, int] = {}
        for digest, text in texts.items():
            with suppress(Unreadable):
                messages[digest] = self._renderings.know(digest, text)
        claims = []
        for row in answer["claims"]:
            digest, position = row.pop("rendering"), row["step"]
            if not 0 <= position < len(messages.get(digest, ())):
                self._damaged.append(_unreadable(row))
                continue
            lanes[row["delivery"]] = row.pop("lane")
            claims.append(
                Claim(
                    purpose=Purpose.SEND,
                    kind=Kind.POST,
                    message=messages[digest][position],
                    lease_until=answer["now"] + lease,
                    key=f"{answer['store']}-{row['delivery']}-{row['revision']}-{position}",
                    **row,
                )
            )
        done = Tick(
            now=answer["now"],
            claims=tuple(claims),
            wake_at=answer["wake_at"],
            recorded=recorded,
            generation=answer["generation"],
            contested=tuple(answer["contested"] or ()),
            down=tuple(answer["down"] or ()),
        )
        return done, lanes

    def _go_on(
        self,
        owner: str,
        done: Tick,
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> Tick:
        """What is odd is decided on alone; should that not be possible now, it is so next time."""
        left = [_left(capacity, done.claims) for capacity in capacities]
        try:
            then = self._decide(owner, self._damaged, (), left, lease, now)
        except StoreBusy:
            return replace(done, wake_at=done.now)
        damaged = {each.delivery: State.FAILED for each in self._damaged}
        self._damaged = []
        return _joined(done, replace(then, settled={**then.settled, **damaged}))

    def _decide(
        self,
        owner: str,
        results: Sequence[Result],
        uploads_done: Sequence[UploadDone],
        capacities: Sequence[Capacity],
        lease: Micros,
        now: Micros | None,
    ) -> Tick:
        return self._write(
            lambda work: tick(
                work.under(owner), results, uploads_done, capacities, lease, fans_from=None
            ),
            now,
        )


def _unreadable(row: Mapping[str, Any]) -> Result:
    """A claim of the tick's function that says nothing which could be sent."""
    log.error("delivery %d is damaged", row["delivery"])
    return Result(
        delivery=row["delivery"],
        step=row["step"],
        attempt=row["attempt"],
        fence=row["fence"],
        outcome=Decision(state=State.FAILED, reason=DAMAGED, counts=False),
    )


def _as_row(capacity: Capacity) -> dict[str, object]:
    return {
        "account": capacity.account,
        "count": capacity.count,
        "uploads": capacity.uploads or 0,
        "verifies": capacity.verifies or 0,
        **by_gcra(capacity.rate),
    }


def _left(capacity: Capacity, claims: Iterable[Claim]) -> Capacity:
    return replace(
        capacity, count=capacity.count - sum(c.account == capacity.account for c in claims)
    )


def _joined(first: Tick, then: Tick) -> Tick:
    return replace(
        then,
        claims=first.claims + then.claims,
        orphans=first.orphans + then.orphans,
        late=first.late + then.late,
        settled={**first.settled, **then.settled},
        recorded=first.recorded + then.recorded,
    )
