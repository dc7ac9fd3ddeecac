"""The fast path's bookkeeping, which both stores share: what was handed out, and what came back.

Plain is a message of a post, without files, that this process has claimed: what its receipt leads
to needs no decision, so the store records it in one step.  Whatever else there is takes the
general path, the other modules of this package.
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


class _Given(NamedTuple):
    """What is known of a claim that was handed out."""

    fence: int
    lane: int | None
    plain: bool


class Given:
    """Claims of this process that have not come back, by delivery."""

    def __init__(self) -> None:
        self._claims: dict[int, _Given] = {}

    def note(
        self,
        results: Iterable[Result],
        claims: Iterable[Claim],
        lanes: Mapping[int, int] | None = None,
    ) -> None:
        """After the transaction: what came back, and what was handed out.

        ``lanes``: of a store whose fast path needs them: delivery -> lane of each claim that it has
        made itself; others are not plain there.
        """
        for result in results:
            if self.has(result.delivery, result.fence):
                del self._claims[result.delivery]
        for claim in claims:
            lane = None if lanes is None else lanes.get(claim.delivery)
            plain = _sends_text(claim) if lanes is None else lane is not None
            self._claims[claim.delivery] = _Given(claim.fence, lane, plain)

    def has(self, delivery: int, fence: int) -> bool:
        given = self._claims.get(delivery)
        return given is not None and given.fence == fence

    def is_plain(self, result: Result) -> bool:
        given = self._claims.get(result.delivery)
        return (
            given is not None
            and given.plain
            and given.fence == result.fence
            and isinstance(result.outcome, Receipt)
            and not result.outcome.handles
        )

    def split(self, results: Sequence[Result]) -> tuple[list[Result], list[Result]]:
        """Plain ones, and others."""
        plain: list[Result] = []
        others: list[Result] = []
        for result in results:
            (plain if self.is_plain(result) else others).append(result)
        return plain, others

    def told(self, result: Result) -> dict[str, object]:
        """A plain result as the database is told of it; times and rate in microseconds.

        ``step`` and ``slack`` are the rate of the channel (:mod:`broadcaster.store.gcra`), null:
        there is none.
        """
        receipt = result.outcome
        assert isinstance(receipt, Receipt), "only receipts are plain"
        return {
            "lane": self._claims[result.delivery].lane,
            "delivery": result.delivery,
            "place": result.step,
            "fence": result.fence,
            "ids": codec.dumps(list(receipt.ids)),
            "at": codec.micros(receipt.at),
            "note": receipt.note,
            **by_gcra(result.rate),
        }


def by_gcra(rate: Rate | None) -> dict[str, object]:
    return {} if rate is None else {"step": interval(rate), "slack": slack(rate)}


def _sends_text(claim: Claim) -> bool:
    message = claim.message
    sends = claim.kind is Kind.POST and message.verb is Verb.SEND and not message.media
    assert not sends or message.index == claim.step, "a post sends its messages in order"
    return sends
