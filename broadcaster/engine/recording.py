"""Records the results of a turn; one by one if the store refuses them together.

Answers of platforms are stored, and a database does not accept every text or number.  A daemon that
stopped because of one would find the same message in doubt at each start.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from broadcaster.adapter import Undecided
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Receipt, State, Verb
from broadcaster.store.exchange import (
    Capacity,
    Checked,
    Claim,
    Outcome,
    Result,
    Tick,
    UploadDone,
    Verdict,
)
from broadcaster.store.store import StoreBusy, StoreStuck

if TYPE_CHECKING:
    from broadcaster.engine.in_flight import InFlight

log = logging.getLogger(__name__)

REFUSED = say("the platform's answer cannot be recorded; the daemon's log says why")
DONE = say("it was done, but the answer cannot be recorded: look at the channel")
POSTED = say(
    "it was posted, but the answer cannot be recorded: look at the channel, then `resolve`"
)


@dataclass(slots=True)
class TurnBatch:
    """The input of one tick."""

    results: list[Result] = field(default_factory=list)
    begins: list[UploadDone] = field(default_factory=list)
    """Finished uploads whose messages start now."""
    wants: list[Capacity] = field(default_factory=list)
    """The capacity of each account; empty: claim nothing."""

    @property
    def ended(self) -> list[Result | UploadDone]:
        """Results and finished uploads together."""
        return [*self.results, *self.begins]


TickOf: TypeAlias = Callable[[TurnBatch], Awaitable[Tick]]
"""One transaction of the store; raises :class:`StoreBusy`: nothing was recorded."""


async def record(tick: TickOf, batch: TurnBatch, in_flight: InFlight) -> Tick:
    """Record ``batch``, and return the store's answer with its claims.

    Afterwards ``batch`` contains only what was recorded, in the form in which it was recorded; the
    rest stays in flight for the next turn.

    :raises StoreBusy: nothing was recorded.
    :raises StoreStuck: nothing was recorded, and this process cannot write to the store any more.
    """
    try:
        return await tick(batch)
    except (StoreBusy, StoreStuck):
        raise
    except Exception as error:
        if not batch.ended:
            raise
        why = type(error).__name__
        log.error("the store refuses the results (%s); they are recorded one by one", why)
    ended = batch.ended
    joined, recorded = await _one_by_one(tick, ended, in_flight.claim_of)
    for unrecorded in ended[len(recorded) :]:
        if isinstance(unrecorded, UploadDone):
            in_flight.await_begin(unrecorded)
        else:
            in_flight.results.append(unrecorded)
    batch.results = [form for form in recorded if isinstance(form, Result)]
    batch.begins = [form for form in recorded if isinstance(form, UploadDone)]
    return joined


async def _one_by_one(
    tick: TickOf,
    ended: Sequence[Result | UploadDone],
    claim_of: Callable[[Result | UploadDone], Claim | None],
) -> tuple[Tick, Sequence[Result | UploadDone]]:
    """Record each end in a tick of its own, in a simpler form if the store refuses it.

    Returns the answers joined into one, with the next tick due at once, and the recorded forms.
    They are fewer than ``ended`` if the store became busy meanwhile.

    :raises StoreBusy: nothing was recorded.
    :raises Exception: the store refuses even the simplest form, so the store itself has a fault.
    """
    ticks: list[Tick] = []
    recorded: list[Result | UploadDone] = []
    for end in ended:
        try:
            answer, form = await _record_one(tick, end, claim_of(end))
        except StoreBusy:
            if not ticks:
                raise
            break
        ticks.append(answer)
        recorded.append(form)
    return _joined(ticks), recorded


async def _record_one(
    tick: TickOf, end: Result | UploadDone, claim: Claim | None
) -> tuple[Tick, Result | UploadDone]:
    """Record ``end``; returns the store's answer, and the form that it accepted."""
    refusal: Exception | None = None
    for form in (end, *_simpler_forms(end, claim)):
        try:
            if isinstance(form, Result):
                return await tick(TurnBatch(results=[form])), form
            return await tick(TurnBatch(begins=[form])), form
        except (StoreBusy, StoreStuck):
            raise
        except Exception as error:
            trace = None if isinstance(error, InputError) else error
            kind = type(form.outcome if isinstance(form, Result) else form).__name__
            reason = "delivery %d: the store refuses to record its %s (%s)"
            log.error(reason, end.delivery, kind, error, exc_info=trace)
            refusal = error
    assert refusal is not None, "there is at least one form"
    raise refusal


def _joined(ticks: Sequence[Tick]) -> Tick:
    last = ticks[-1]
    return replace(
        last,
        claims=tuple(claim for tick in ticks for claim in tick.claims),
        orphans=tuple(orphan for tick in ticks for orphan in tick.orphans),
        late=tuple(late for tick in ticks for late in tick.late),
        settled={name: state for tick in ticks for name, state in tick.settled.items()},
        recorded=sum(tick.recorded for tick in ticks),
        fanned=sum(tick.fanned for tick in ticks),
        wake_at=last.now,
    )


def _simpler_forms(end: Result | UploadDone, claim: Claim | None) -> Sequence[Result]:
    """Forms of ``end`` that keep less of the platform's answer, with a reason of our own."""
    if isinstance(end, UploadDone):
        attempt = 0 if claim is None else claim.attempt
        refused = Verdict(state=State.FAILED, reason=REFUSED, outcome="Refused")
        return [Result(end.delivery, end.position, attempt, end.fence, refused)]
    outcomes = _simpler_outcomes(end.outcome, claim)
    return [end._replace(outcome=outcome, rate=None) for outcome in outcomes]


def _simpler_outcomes(outcome: Outcome, claim: Claim | None) -> Sequence[Outcome]:
    match outcome:
        case Receipt() if claim is not None and claim.message.verb is not Verb.SEND:
            undone = Verdict(state=State.FAILED, reason=DONE, outcome="Refused")
            return [Receipt(), undone]
        case Receipt(ids=ids):
            in_doubt = Verdict(state=State.UNKNOWN, reason=POSTED, outcome="Refused")
            return [Receipt(ids=ids), in_doubt]
        case Checked():
            return [replace(outcome, found=Undecided(why=REFUSED))]
        case Verdict():
            plain = replace(outcome, reason=REFUSED, code="", outcome="Refused")
            return [plain, replace(plain, stale=None)]
