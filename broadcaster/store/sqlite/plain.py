"""Receipts of plain messages, recorded in one step: the path that nearly every message takes.

Plain is a message of a post, without files, that this process has claimed: what its receipt leads
to needs no decision.  Whatever else there is goes the way of all stores, ``store/queue``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Kind, Micros, Receipt, Verb
from broadcaster.store import codec
from broadcaster.store.gcra import interval, slack
from broadcaster.store.queue.database import pack
from broadcaster.store.sqlite.driver import dbapi

if TYPE_CHECKING:
    from broadcaster.store.exchange import Claim, Result
    from broadcaster.store.sqlite.connection import Connection


class Plain:
    """Remembers which plain messages were handed out and have not come back."""

    def __init__(self, cx: Connection) -> None:
        self._cx = cx
        self._given: dict[int, int] = {}
        """Delivery -> fence."""
        for procedure in ("starts", "on_start", "receipts", "on_receipts"):
            cx.run(f"plain.{procedure}")

    def record(self, owner: str, results: Sequence[Result], now: Micros) -> list[Result]:
        """Within a transaction; returns the results that are still to be recorded."""
        told: list[list[object]] = []
        others: list[Result] = []
        for result in results:
            if self._is_plain(result):
                told.append(_told(result))
            else:
                others.append(result)
        if told:
            try:
                self._cx.run("plain.record", owner=owner, told=pack(told), now=now)
            except dbapi.IntegrityError:  # a person, or another lease, came between
                return list(results)
        return others

    def recorded(self, results: Iterable[Result], claims: Iterable[Claim]) -> None:
        """After the transaction: what came back, and what was handed out."""
        for result in results:
            self._given.pop(result.delivery, None)
        for claim in claims:
            message = claim.message
            if claim.kind is Kind.POST and message.verb is Verb.SEND and not message.media:
                assert message.index == claim.step, "a post sends its messages in order"
                self._given[claim.delivery] = claim.fence

    def _is_plain(self, result: Result) -> bool:
        return (
            isinstance(result.outcome, Receipt)
            and not result.outcome.handles
            and self._given.get(result.delivery) == result.fence
        )


def _told(result: Result) -> list[object]:
    receipt, rate = result.outcome, result.rate
    assert isinstance(receipt, Receipt), "only receipts are plain"
    return [
        result.delivery,
        result.step,
        result.fence,
        receipt.ids,
        codec.micros(receipt.at),
        receipt.note,
        None if rate is None else interval(rate),
        None if rate is None else slack(rate),
    ]
