"""What to do when the store cannot take a result: record the others, and this one as in doubt.

It is the last resort.  What adapters say is made fit to be kept before it is a result
(:mod:`broadcaster.engine.intake`); but what was posted is never lost with the process, whatever
a database may object to.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from broadcaster.engine.intake import UNRECORDED, unrecorded
from broadcaster.model import State
from broadcaster.store.exchange import Begin, Claim, Decision, Result, Tick, Want
from broadcaster.store.port import StoreBusy

log = logging.getLogger(__name__)

Exchange: TypeAlias = Callable[[list[Result], list[Begin], list[Want]], Awaitable[Tick]]
ClaimOf: TypeAlias = Callable[[Result | Begin], Claim | None]


async def put_on_record(
    exchange: Exchange,
    claim_of: ClaimOf,
    results: list[Result],
    begins: list[Begin],
    wants: list[Want],
) -> tuple[Tick, list[Result]]:
    """The tick, and the results as they stand in the store now.

    :raises StoreBusy: nothing was recorded, or not all of it.
    """
    try:
        return await exchange(results, begins, wants), results
    except StoreBusy:
        raise
    except Exception:
        if not results and not begins:
            raise
        log.exception("a turn cannot be recorded: each of its results by itself now")
    return await _one_by_one(exchange, claim_of, results, begins)


async def _one_by_one(
    exchange: Exchange, claim_of: ClaimOf, results: Sequence[Result], begins: Sequence[Begin]
) -> tuple[Tick, list[Result]]:
    """Exchange each alone, after the store would not take them together.

    Returns all their ticks as one, and the results as they were recorded; nothing new is claimed.
    It may be repeated: a result counts once.

    :raises StoreBusy: some are not recorded yet.
    """
    ticks: list[Tick] = []
    recorded: list[Result] = []

    async def take(result: Result) -> None:
        ticks.append(await exchange([result], [], []))
        recorded.append(result)

    for result in results:
        try:
            await take(result)
        except StoreBusy:
            raise
        except Exception:
            log.exception("delivery %d: its result cannot be recorded as it is", result.delivery)
            outcome = unrecorded(claim_of(result), result.outcome)
            await take(result._replace(outcome=outcome, rate=None))
    for begin in begins:
        try:
            ticks.append(await exchange([], [begin], []))
        except StoreBusy:
            raise
        except Exception:
            log.exception("delivery %d: its upload cannot be recorded", begin.delivery)
            if claim := claim_of(begin):
                reason = f"its upload is done, but {UNRECORDED}"
                await take(claim.ended(Decision(state=State.FAILED, reason=reason)))
    return _joined(ticks), recorded


def _joined(ticks: Sequence[Tick]) -> Tick:
    return replace(
        ticks[-1],
        claims=tuple(claim for tick in ticks for claim in tick.claims),
        orphans=tuple(each for tick in ticks for each in tick.orphans),
        late=tuple(late for tick in ticks for late in tick.late),
        recorded=sum(tick.recorded for tick in ticks),
    )
