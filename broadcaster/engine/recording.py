"""Results that the store refuses to record: each by itself, so that one costs nothing but itself.

What a platform answers is kept, and a database does not take every text or number.  A daemon that
ended over it would find the same message in doubt at its next start, and so on for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from broadcaster.adapter import Undecided
from broadcaster.errors import InputError
from broadcaster.model import Receipt, State, Verb
from broadcaster.store.exchange import (
    Capacity,
    Checked,
    Claim,
    Decision,
    Outcome,
    Result,
    Tick,
    UploadDone,
)
from broadcaster.store.store import StoreBusy, StoreStuck

if TYPE_CHECKING:
    from broadcaster.engine.in_flight import InFlight

log = logging.getLogger(__name__)

Exchange = Callable[[list[Result], list[UploadDone], list[Capacity]], Awaitable[Tick]]

REFUSED = "what came back cannot be recorded; the daemon's log says why"
DONE = "it was done, but what came back cannot be recorded: look at the channel"
POSTED = "it was posted, but what came back cannot be recorded: look at the channel, then `resolve`"


async def exchanged(
    exchange: Exchange,
    in_flight: InFlight,
    results: list[Result],
    begins: list[UploadDone],
    wants: list[Capacity],
) -> Tick:
    """Exchange results for claims with the store.

    What is not recorded in the end is taken out of ``results`` and ``begins``, and kept in flight;
    a result that was recorded in a plainer form stands in it in ``results``.

    :raises StoreBusy: nothing was recorded.
    :raises StoreStuck: nothing was, and nothing ever will be by this process.
    """
    try:
        return await exchange(results, begins, wants)
    except (StoreBusy, StoreStuck):
        raise
    except Exception as error:
        if not results and not begins:
            raise
        why = type(error).__name__
        log.error("the store refuses what came back (%s); each is recorded by itself", why)
    ended: list[Result | UploadDone] = [*results, *begins]
    tick, recorded = await _one_by_one(exchange, ended, in_flight.claim_of)
    for left in ended[len(recorded) :]:
        if isinstance(left, UploadDone):
            in_flight.await_begin(left)
        else:
            in_flight.results.append(left)
    results[:] = [each for each in recorded if isinstance(each, Result)]
    begins[:] = [each for each in recorded if isinstance(each, UploadDone)]
    return tick


async def _one_by_one(
    exchange: Exchange,
    ended: Sequence[Result | UploadDone],
    claim_of: Callable[[Result | UploadDone], Claim | None],
) -> tuple[Tick, Sequence[Result | UploadDone]]:
    """Record each by itself, and in its plainest form what the store refuses.

    Returns what came of it, as one tick after which another is due at once, and the forms in which
    they are on record; fewer than ``ended`` where the store became busy meanwhile.

    :raises StoreBusy: nothing was recorded.
    :raises Exception: the store refuses the plainest form as well: it is the store that is ill.
    """
    ticks: list[Tick] = []
    recorded: list[Result | UploadDone] = []
    for what in ended:
        try:
            tick, form = await _record(exchange, what, claim_of(what))
        except StoreBusy:
            if not ticks:
                raise
            break
        ticks.append(tick)
        recorded.append(form)
    return _joined(ticks), recorded


async def _record(
    exchange: Exchange, what: Result | UploadDone, claim: Claim | None
) -> tuple[Tick, Result | UploadDone]:
    """The tick, and the form that the store took."""
    refusal: Exception | None = None
    for form in (what, *_plainer(what, claim)):
        try:
            if isinstance(form, Result):
                return await exchange([form], [], []), form
            return await exchange([], [form], []), form
        except (StoreBusy, StoreStuck):
            raise
        except Exception as error:
            trace = None if isinstance(error, InputError) else error
            log.error("delivery %d: the store refuses %r", what.delivery, form, exc_info=trace)
            refusal = error
    assert refusal is not None, "there is one form at least"
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
    """Forms that say less, and in words of our own."""
    if isinstance(what, UploadDone):
        attempt = 0 if claim is None else claim.attempt
        refused = Decision(state=State.FAILED, reason=REFUSED, outcome="Refused")
        return [Result(what.delivery, what.step, attempt, what.fence, refused)]
    return [what._replace(outcome=each, rate=None) for each in _outcomes(what.outcome, claim)]


def _outcomes(outcome: Outcome, claim: Claim | None) -> Sequence[Outcome]:
    match outcome:
        case Receipt() if claim is not None and claim.message.verb is not Verb.SEND:
            undone = Decision(state=State.FAILED, reason=DONE, outcome="Refused")
            return [Receipt(), undone]
        case Receipt(ids=ids):
            in_doubt = Decision(state=State.UNKNOWN, reason=POSTED, outcome="Refused")
            return [Receipt(ids=ids), in_doubt]
        case Checked():
            return [replace(outcome, found=Undecided(why=REFUSED))]
        case Decision():
            plain = replace(outcome, reason=REFUSED, code="", outcome="Refused")
            return [plain, replace(plain, stale=None)]
