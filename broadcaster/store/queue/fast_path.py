"""The bookkeeping of the fast path, which both stores share: open claims, and their results.

A result takes the fast path if it is the receipt of a post's message without files that this
process has claimed.  No decision is needed then, so the store records it in one statement.  All
other work takes the general path, the other modules of this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from broadcaster.model import Kind, Receipt, Verb
from broadcaster.store import codec
from broadcaster.store.gcra import interval, slack

if TYPE_CHECKING:
    from broadcaster.adapter import Rate
    from broadcaster.store.exchange import Claim, Result


class _OpenClaim(NamedTuple):
    """The facts about a claim that a daemon received."""

    fence: int
    lane: int | None
    fast: bool
    """Whether its receipt takes the fast path."""


class OpenClaims:
    """The claims of this process without a recorded result, by delivery."""

    def __init__(self) -> None:
        self._claims: dict[int, _OpenClaim] = {}

    def note(
        self,
        results: Iterable[Result],
        claims: Iterable[Claim],
        lanes: Mapping[int, int] | None = None,
    ) -> None:
        """Note the recorded results and the new claims, after the transaction.

        ``lanes``, if the store's fast path needs them: delivery -> lane, of the claims that the
        fast path made.  Results of other claims take the general path.
        """
        for result in results:
            if self.has(result.delivery, result.fence):
                del self._claims[result.delivery]
        for claim in claims:
            lane = None if lanes is None else lanes.get(claim.delivery)
            fast = _sends_text(claim) if lanes is None else lane is not None
            self._claims[claim.delivery] = _OpenClaim(claim.fence, lane, fast)

    def has(self, delivery: int, fence: int) -> bool:
        claim = self._claims.get(delivery)
        return claim is not None and claim.fence == fence

    def is_fast(self, result: Result) -> bool:
        claim = self._claims.get(result.delivery)
        return (
            claim is not None
            and claim.fast
            and claim.fence == result.fence
            and isinstance(result.outcome, Receipt)
            and not result.outcome.handles
        )

    def split(self, results: Sequence[Result]) -> tuple[list[Result], list[Result]]:
        """The results of the fast path, and those of the general path."""
        fast: list[Result] = []
        general: list[Result] = []
        for result in results:
            (fast if self.is_fast(result) else general).append(result)
        return fast, general

    def row(self, result: Result) -> dict[str, object]:
        """A result of the fast path for the database; times and rate in microseconds.

        ``interval`` and ``slack`` are the rate of the channel (:mod:`broadcaster.store.gcra`),
        null: there is none.
        """
        receipt = result.outcome
        assert isinstance(receipt, Receipt), "only receipts take the fast path"
        return {
            "lane": self._claims[result.delivery].lane,
            "delivery": result.delivery,
            "position": result.position,
            "fence": result.fence,
            "ids": codec.dumps(list(receipt.ids)),
            "at": codec.micros(receipt.at),
            "note": receipt.note,
            **by_gcra(result.rate),
        }


def by_gcra(rate: Rate | None) -> dict[str, object]:
    return {} if rate is None else {"interval": interval(rate), "slack": slack(rate)}


def _sends_text(claim: Claim) -> bool:
    message = claim.message
    sends = claim.kind is Kind.POST and message.verb is Verb.SEND and not message.media
    assert not sends or message.index == claim.position, "a post sends its messages in order"
    return sends
