"""Records results one by one where the store refuses them together.

The answers of platforms are stored, and a database does not take every text or number.  A daemon
that ended over one would find the same message in doubt at its next start, and so on for ever.
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
    """What one turn gives to the store."""

    results: list[Result] = field(default_factory=list)
    begins: list[UploadDone] = field(default_factory=list)
    """Finished uploads whose messages are sent now."""
    wants: list[Capacity] = field(default_factory=list)
    """What each account can start; empty: nothing is to be claimed."""

    @property
    def ended(self) -> list[Result | UploadDone]:
        return [*self.results, *self.begins]


TickOf: TypeAlias = Callable[[TurnBatch], Awaitable[Tick]]
"""One transaction of the store; raises :class:`StoreBusy`: nothing was recorded."""


async def record(tick: TickOf, batch: TurnBatch, in_flight: InFlight) -> Tick:
    """Exchange ``batch`` for claims with the store.

    What is not recorded in the end is taken out of ``batch`` and stays in flight; a result that was
    recorded in a plainer form stands in that form in ``batch``.

    :raises StoreBusy: nothing was recorded.
    :raises StoreStuck: nothing was, and nothing ever will be by this process.
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
    for left in ended[len(recorded) :]:
        if isinstance(left, UploadDone):
            in_flight.await_begin(left)
        else:
            in_flight.results.append(left)
    batch.results = [form for form in recorded if isinstance(form, Result)]
    batch.begins = [form for form in recorded if isinstance(form, UploadDone)]
    return joined


async def _one_by_one(
    tick: TickOf,
    ended: Sequence[Result | UploadDone],
    claim_of: Callable[[Result | UploadDone], Claim | None],
) -> tuple[Tick, Sequence[Result | UploadDone]]:
    """Record each by itself; what the store refuses, in plainer and plainer forms.

    Returns one tick that joins all, after which another is due at once, and the forms in which they
    are recorded; fewer than ``ended`` where the store became busy meanwhile.

    :raises StoreBusy: nothing was recorded.
    :raises Exception: the store refuses the plainest form, too: the store itself has a fault.
    """
    ticks: list[Tick] = []
    recorded: list[Result | UploadDone] = []
    for what in ended:
        try:
            done, form = await _record_one(tick, what, claim_of(what))
        except StoreBusy:
            if not ticks:
                raise
            break
        ticks.append(done)
        recorded.append(form)
    return _joined(ticks), recorded


async def _record_one(
    tick: TickOf, what: Result | UploadDone, claim: Claim | None
) -> tuple[Tick, Result | UploadDone]:
    """The tick, and the form that the store took."""
    refusal: Exception | None = None
    for form in (what, *_plainer(what, claim)):
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
            log.error(reason, what.delivery, kind, error, exc_info=trace)
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


def _plainer(what: Result | UploadDone, claim: Claim | None) -> Sequence[Result]:
    """Forms that keep less of the answer, with a reason of our own."""
    if isinstance(what, UploadDone):
        attempt = 0 if claim is None else claim.attempt
        refused = Verdict(state=State.FAILED, reason=REFUSED, outcome="Refused")
        return [Result(what.delivery, what.position, attempt, what.fence, refused)]
    return [what._replace(outcome=each, rate=None) for each in _outcomes(what.outcome, claim)]


def _outcomes(outcome: Outcome, claim: Claim | None) -> Sequence[Outcome]:
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
