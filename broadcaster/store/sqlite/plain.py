"""Receipts of plain messages, recorded in one step: the path that nearly every message takes.

``store/queue/fast_path.py`` says what is plain, ``sql/plain.sql`` what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Micros
from broadcaster.store.queue.fast_path import Given
from broadcaster.store.queue.work import pack
from broadcaster.store.sqlite.driver import dbapi

if TYPE_CHECKING:
    from broadcaster.store.exchange import Claim, Result
    from broadcaster.store.sqlite.connection import Connection


class Plain:
    """Makes the procedures of this process, and calls them."""

    def __init__(self, cx: Connection) -> None:
        self._cx = cx
        self._given = Given()
        for procedure in ("starts", "on_start", "receipts", "on_receipts"):
            cx.run(f"plain.{procedure}")

    def record(self, owner: str, results: Sequence[Result], now: Micros) -> list[Result]:
        """Within a transaction; returns the results that are still to be recorded."""
        plain, others = self._given.split(results)
        if plain:
            told = pack([self._given.told(result) for result in plain])
            try:
                self._cx.run("plain.record", owner=owner, told=told, now=now)
            except dbapi.IntegrityError:  # a person, or another lease, came between
                return list(results)
        return others

    def recorded(self, results: Iterable[Result], claims: Iterable[Claim]) -> None:
        """After the transaction: what came back, and what was handed out."""
        self._given.note(results, claims)
