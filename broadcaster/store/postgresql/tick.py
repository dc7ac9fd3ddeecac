"""The tick: the fast path in one round trip, all other work by the general path.

``functions.sql`` has the fast path.  The general path comes before it (results, finished uploads)
or after it (what waits at the head of a lane), each in a transaction of its own; a tick that fails
between them may be repeated as it was: results count only under their fence.

A tick of the fast path alone may be left to the event loop, which waits for the server as it does
for the messengers.  Nothing of it is decided there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import psycopg

from broadcaster.model import Kind, Message, Micros, State
from broadcaster.store.exchange import Capacity, Claim, Purpose, Result, Tick, UploadDone, Verdict
from broadcaster.store.postgresql.fan_out import fan_out
from broadcaster.store.queue.daemons import never_begun
from broadcaster.store.queue.fast_path import OpenClaims, by_gcra
from broadcaster.store.queue.renderings import DAMAGED, Renderings, UnreadableRendering
from broadcaster.store.queue.tick import tick
from broadcaster.store.queue.work import Work, pack
from broadcaster.store.store import StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

log = logging.getLogger(__name__)
T = TypeVar("T")
NOT_FAST = "BC001"
"""SQLSTATE of the tick's function: some of it takes the general path, and nothing was done."""


Write: TypeAlias = Callable[[Callable[[Work], T], Micros | None], T]


VACUUM_AFTER = 4_000
"""Receipts of the fast path at least, each of which leaves two dead versions of its lane.
Autovacuum looks once a minute; at full speed a tick takes half as long again by then."""
LOOK_S = 1.0
"""Between two looks for leases of others that ran out, by way of all lanes."""
_THREAD = "some of it takes the general path, in the store's thread"


class _Asked(NamedTuple):
    """What a tick is asked for, whatever it records."""

    owner: str
    capacities: Sequence[Capacity]
    lease: Micros
    now: Micros | None


class Ticks:
    """The daemon's ticks, by the database's function as far as it can do them."""

    def __init__(self, cx: Connection, renderings: Renderings, write: Write[Tick]) -> None:
        """``write``: does work in a transaction that runs alone."""
        self._cx = cx
        self._write = write
        self._renderings = renderings
        self._open = OpenClaims()
        self._receipts = 0
        self._vacuum_after = VACUUM_AFTER
        self._due = False
        """At the last look there were posts whose time had come."""
        self._general = False
        """At the last look there was work of the general path."""
        self._damaged: list[Result] = []
        """Of claims by the function whose message cannot be read: nothing of them has left."""
        self._looked = 0.0
        """Seconds, by whichever clock."""
        self.reply_lost = False
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
        asked = _Asked(owner, capacities, lease, now)
        if self.reply_lost:
            self.recover(owner, now)
        fanned = self._fan_out(now) if fans and self._due else 0
        fast, general = self._open.split(results)
        before = None
        if general or uploads_done:
            before = self._take_general_path(asked._replace(capacities=()), general, uploads_done)
        done, lanes = self._exchange(asked, fast)
        if fans and self._due and not done.claims and not fanned:
            fanned = self._fan_out(now)
            then, lanes = self._exchange(asked, ())
            done = _joined(done, then)
        if before is not None:
            done = _joined(before, done)
        self._open.note(results, done.claims, lanes)
        self._tidy(len(fast))
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
        """The fast path alone; does not fan out due posts.

        :raises StoreBusy: there is more to do, or it is not known what became of it.
        """
        tidies = self._receipts + len(results) >= self._vacuum_after
        more = self._general or self._damaged or not all(map(self._open.is_fast, results))
        if self.reply_lost or more or tidies:
            raise StoreBusy(_THREAD)
        asked = _Asked(owner, capacities, lease, now)
        try:
            answer = await self._cx.ask("tick.in_loop", *self._values(asked, results).values())
        except psycopg.DatabaseError as error:
            if error.sqlstate == NOT_FAST:
                raise StoreBusy(_THREAD) from None
            raise
        done, lanes = self._read(answer, lease, len(results))
        self._open.note(results, done.claims, lanes)
        self._receipts += len(results)
        return replace(
            done,
            left=self._due,
            wake_at=done.now if self._general or self._damaged else done.wake_at,
        )

    def _exchange(self, asked: _Asked, results: Sequence[Result]) -> tuple[Tick, Mapping[int, int]]:
        """Record results of the fast path and claim; with the lane of each claim it made."""
        answer = self._ask(asked, results)
        if answer is None:
            return self._take_general_path(asked, results), {}
        done, lanes = self._read(answer, asked.lease, len(results))
        if self._general or self._damaged:
            done = self._go_on(asked, done)
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
            lost = [row for row in leases if not self._open.has(row["delivery"], row["fence"])]
            if lost:
                log.warning("%d claims were lost with a connection, and are made anew", len(lost))
                never_begun(work, lost)
            return Tick(now=work.now)

        self._write(let_go, now)
        self.reply_lost = False

    def _ask(self, asked: _Asked, results: Sequence[Result]) -> Mapping[str, Any] | None:
        """None: some of the results take the general path after all, and nothing was done."""
        try:
            with self._cx.single():
                answer: Mapping[str, Any] = self._cx.scalar(
                    "tick.tick", **self._values(asked, results)
                )
        except psycopg.DatabaseError as error:
            if error.sqlstate == NOT_FAST:
                return None
            raise
        return answer

    def _values(self, asked: _Asked, results: Sequence[Result]) -> Mapping[str, str | int | None]:
        """Arguments of the tick's function, in its order."""
        return {
            "owner": asked.owner,
            "results": pack([self._open.row(result) for result in results]),
            "wants": pack([_as_row(capacity) for capacity in asked.capacities]),
            "lease": asked.lease,
            "looks": self._looks(asked.now),
            "now": asked.now,
        }

    def _looks(self, now: Micros | None) -> bool:
        """Whether to look for leases that ran out."""
        at = time.monotonic() if now is None else now / 1e6
        if abs(at - self._looked) < LOOK_S and not self._general:  # it may be that work
            return False
        self._looked = at
        return True

    def _read(
        self, answer: Mapping[str, Any], lease: Micros, recorded: int
    ) -> tuple[Tick, Mapping[int, int]]:
        """With the lane of each claim."""
        self._due, self._general = answer["due"], answer["general"]
        texts: Mapping[str, str] = answer["renderings"] or {}
        messages: dict[str, tuple[Message, ...]] = {}
        lanes: dict[int, int] = {}
        for digest, text in texts.items():
            with suppress(UnreadableRendering):
                messages[digest] = self._renderings.know(digest, text)
        claims = []
        for row in answer["claims"]:
            digest, position = row.pop("rendering"), row["position"]
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

    def _go_on(self, asked: _Asked, done: Tick) -> Tick:
        """Do the work of the general path; should that not be possible now, the next tick does."""
        left = [_left(capacity, done.claims) for capacity in asked.capacities]
        try:
            then = self._take_general_path(asked._replace(capacities=left), self._damaged)
        except StoreBusy:
            return replace(done, wake_at=done.now)
        damaged = {result.delivery: State.FAILED for result in self._damaged}
        self._damaged = []
        return _joined(done, replace(then, settled={**then.settled, **damaged}))

    def _take_general_path(
        self, asked: _Asked, results: Sequence[Result], uploads_done: Sequence[UploadDone] = ()
    ) -> Tick:
        owner, capacities, lease, now = asked
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
        position=row["position"],
        attempt=row["attempt"],
        fence=row["fence"],
        outcome=Verdict(state=State.FAILED, reason=DAMAGED, counts=False),
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
