"""Records the results of claims; a result counts only under the lease of its claim."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from broadcaster.adapter import Absent, Hidden, Present, Rate, Undecided
from broadcaster.language import joined, say
from broadcaster.model import Micros, Receipt, Scope, State, Verb
from broadcaster.store import codec
from broadcaster.store.exchange import Checked, LateReceipt, Outcome, Result, Verdict
from broadcaster.store.live import Cause
from broadcaster.store.queue import lanes
from broadcaster.store.queue.deliveries import DeliveryRow, Effects, load, save
from broadcaster.store.queue.lanes import close_unauthorized
from broadcaster.store.queue.succession import fail_pins, follow, only_pin_left, unpin_others
from broadcaster.store.queue.work import Work

FOUND = say("found on the public page")
ABSENT, ABSENT_AGAIN = "absent", "absent-again"
"""Codes of an unknown delivery that the last look, or the last two looks, did not find."""


@dataclass(slots=True)
class Recorded:
    late: list[LateReceipt] = field(default_factory=list)
    changed: int = 0


def record(work: Work, results: Sequence[Result]) -> Recorded:
    recorded = Recorded()
    if not results:
        return recorded
    rows = load(work, {result.delivery for result in results})
    before = dict(rows)
    effects = Effects()
    freed: set[int] = set()
    rates: dict[int, Rate] = {}
    for result in results:
        row = rows.get(result.delivery)
        if row is None:
            continue
        ours = _lease(row) == (work.by.name, result.fence, row.id)
        if ours:
            freed.add(row.lane)
            if result.rate is not None:
                rates[row.lane] = result.rate
        if ours and row.step == result.position and row.state in _expected(result.outcome):
            done = _outcome(work, effects, row, result)
            if not isinstance(result.outcome, Checked):  # a daemon has survived sending it
                done = done._replace(deaths=0)
            rows[row.id] = done
        elif isinstance(result.outcome, Receipt):
            late = _ProofWithoutLease(work, effects, result, result.outcome)
            rows[row.id] = late.proved(row)
            if not late.news:
                continue
            recorded.late.append(
                LateReceipt(
                    delivery=row.id,
                    position=result.position,
                    doubled=late.doubled,
                    post=row.post,
                    channel=row.channel,
                )
            )
        else:
            continue
        recorded.changed += 1
    moved = [row for row in rows.values() if row is not before[row.id]]
    save(work, [(before[row.id], row) for row in moved])
    effects.write(work)
    fail_pins(work, effects.unpinned)
    unpin_others(work, effects.replaced)
    follow(work, moved)
    lanes.pace(work, rates)
    lanes.free(work, freed)
    lanes.wake(work, {row.lane for row in moved} - freed)
    return recorded


def _expected(outcome: Outcome) -> Collection[State]:
    """The states in which ``outcome`` still counts; otherwise it only frees the lane."""
    match outcome:
        case Receipt():
            return {State.SENDING}
        case Checked(found=Present()):  # proof outweighs a person's word
            return {State.UNKNOWN, State.WAITING, State.HELD}
        case Checked():
            return {State.UNKNOWN}
        case Verdict():
            return {State.SENDING, State.WAITING}  # waiting: the result of an upload


def _lease(row: DeliveryRow) -> tuple[str | None, int, int | None]:
    return row.lane_owner, row.lane_fence, row.lane_delivery


def _outcome(work: Work, effects: Effects, row: DeliveryRow, result: Result) -> DeliveryRow:
    match result.outcome:
        case Receipt() as receipt:
            effects.receipt(row, work.renderings.get(row.rendering)[row.step], receipt)
            return row.after_receipt(work.now)
        case Checked(found=Present(ids=ids)):
            message = work.renderings.get(row.rendering)[row.step]
            effects.receipt(row, message, Receipt(ids=ids, note=FOUND))
            return row.after_receipt(work.now)
        case Checked() as checked:
            return _looked(row, checked, work.now)
        case Verdict() as decision:
            return _decided(work, effects, row, result, decision)


def _looked(row: DeliveryRow, checked: Checked, now: Micros) -> DeliveryRow:
    """The row after a look without proof: look again until ``verify_until``, then ask a person."""
    row = row._replace(looked=row.looked + 1)
    code = ""
    match checked.found:
        case Absent(newest_at=newest_at):
            code = ABSENT_AGAIN if row.code in {ABSENT, ABSENT_AGAIN} else ABSENT
            looks = say("two looks at the") if code is ABSENT_AGAIN else "the"
            seen = say(
                "not on {looks} public page, whose newest post is of {isoformat}",
                looks=looks,
                isoformat=newest_at.isoformat(),
            )
        case Undecided(why=why):
            seen = say("the public page does not tell: {why}", why=why)
        case Hidden(why=why):
            reason = say("it may have been posted, and nobody can look: {why}", why=why)
            return row._replace(open=None, done_at=now, reason=reason, code=code)
        case Present():
            raise AssertionError("a find is a receipt")
    if row.verify_until is not None and now + checked.delay < row.verify_until:
        return row._replace(next_at=now + checked.delay, reason=seen, code=code)
    if checked.resend and code is ABSENT_AGAIN and not row.unwanted:
        again = row.waits(
            now, say("{seen}: sent again, as this channel's `on_unknown` wishes", seen=seen)
        )
        return again._replace(code="", verify_until=None)
    return row._replace(open=None, done_at=now, reason=seen, code=code)


def _decided(
    work: Work, effects: Effects, row: DeliveryRow, result: Result, decision: Verdict
) -> DeliveryRow:
    effects.attempt(row, row.step, result.attempt, decision.outcome, decision.code, decision.reason)
    if decision.stale is not None:
        effects.add("stale", account=row.account, file=decision.stale)
        if _stale_again(work, row):
            again = say(
                "its files were uploaded anew, and are not known again: {reason}",
                reason=decision.reason,
            )
            return row.settles(State.FAILED, work.now, again, decision.code)
    if decision.cool_down and decision.scope is Scope.ACCOUNT:
        effects.add("cool_down_account", account=row.account, until=work.now + decision.cool_down)
    elif decision.cool_down:
        lanes.slow_down(work, {row.lane: work.now + decision.cool_down})
    parked = row.parked
    if decision.closes is not None:
        parked = close_unauthorized(work, row, decision.closes, decision.reason)
    counted = int(decision.counts)
    tried = row._replace(attempts=row.attempts + counted, failures=row.failures + counted)
    match decision.state:
        case State.HELD:
            cause = parked or (decision.code if decision.code in set(Cause) else None)
            if cause is None:  # its gate was opened meanwhile
                return tried.waits(work.now, decision.reason)._replace(code=decision.code)
            return tried.held(cause, work.now, decision.reason)._replace(code=decision.code)
        case State.FAILED if only_pin_left(work.renderings, row):
            effects.unpinned.append((row, decision))
            return row.after_receipt(work.now)
        case State.FAILED:
            return tried.settles(State.FAILED, work.now, decision.reason, decision.code)
        case State.UNKNOWN if row.state is State.SENDING:
            return in_doubt(
                tried,
                work.now,
                decision.reason,
                decision.code,
                decision.verify,
                decision.verify_until,
            )
        case _:
            waiting = tried.waits(work.now + decision.delay, decision.reason)
            return waiting._replace(code=decision.code)


def _stale_again(work: Work, row: DeliveryRow) -> bool:
    """Whether the platform has forgotten each file of the message before."""
    seen: int = work.cx.scalar(
        "deliveries.stale_tries", delivery=row.id, step=row.step, since=row.first_try or 0
    )
    return seen >= len(work.renderings.get(row.rendering)[row.step].media)


def in_doubt(
    row: DeliveryRow,
    now: Micros,
    reason: str,
    code: str,
    verify: Micros | None,
    verify_until: Micros | None,
) -> DeliveryRow:
    """The row as unknown: its lane waits for verifications, or a person decides."""
    return row._replace(
        state=State.UNKNOWN,
        open=None if verify is None else 1,
        done_at=now if verify is None else None,
        next_at=row.next_at if verify is None else now + verify,
        verify_until=None if verify is None else now + (verify_until or verify),
        reason=reason,
        code=code,
        looked=0,
    )


@dataclass(slots=True)
class _ProofWithoutLease:
    """A receipt without a lease: it still is proof, unless the message was sent again."""

    work: Work
    effects: Effects
    result: Result
    receipt: Receipt
    doubled: bool = False
    news: bool = False
    """False: it was recorded before, as in the repetition of a tick whose answer was lost."""

    def proved(self, row: DeliveryRow) -> DeliveryRow:
        message = self.work.renderings.get(row.rendering)[self.result.position]
        again = row.state is State.UNKNOWN and row.fence != self.result.fence
        over = row.state in {State.SENDING, State.DELIVERED, State.CANCELLED}
        if row.step == self.result.position and not over and not again:
            self.effects.receipt(row, message, self.receipt)
            self.news = True
            return row.after_receipt(self.work.now)
        if message.verb is Verb.SEND:
            self._file(row, message.index)
        return row

    def _file(self, row: DeliveryRow, slot: int) -> None:
        """Keep ids that belong to no row, so that a person can recall the message."""
        earlier = self.work.cx.one("deliveries.receipt_of", post=row.post, lane=row.lane, slot=slot)
        ids = codec.dumps(list(self.receipt.ids))
        self.news = earlier is None or earlier["ids"] != ids
        if earlier is None and row.state is State.CANCELLED:
            message = self.work.renderings.get(row.rendering)[self.result.position]
            self.effects.receipt(row._replace(step=self.result.position), message, self.receipt)
        elif not self.news:
            return
        elif earlier is not None and earlier["ids"] == "[]":
            at = codec.micros(self.receipt.at)
            self.work.cx.run(
                "deliveries.receipt_ids", post=row.post, lane=row.lane, slot=slot, ids=ids, at=at
            )
        else:
            self.doubled = True
            self.effects.attempt(
                row,
                self.result.position,
                self.result.attempt,
                say("late receipt"),
                "",
                say(
                    "posted twice; the earlier one has the ids {ids}",
                    ids=joined(", ", self.receipt.ids),
                ),
            )
