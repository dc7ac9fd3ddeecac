"""The fast path of nearly every receipt: recorded in one statement.

``store/queue/fast_path.py`` says which results take it, ``sql/fast_path.sql`` what it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Micros
from broadcaster.store.queue.fast_path import OpenClaims
from broadcaster.store.queue.work import pack
from broadcaster.store.sqlite.driver import dbapi

if TYPE_CHECKING:
    from broadcaster.store.exchange import Claim, Result
    from broadcaster.store.sqlite.connection import Connection


class FastPath:
    """Makes the temporary triggers of this process, and calls them."""

    def __init__(self, cx: Connection) -> None:
        self._cx = cx
        self._open = OpenClaims()
        for procedure in ("starts", "on_start", "receipts", "on_receipts"):
            cx.run(f"fast_path.{procedure}")

    def record(self, owner: str, results: Sequence[Result], now: Micros) -> list[Result]:
        """Record results within a transaction; returns those that must take the general path."""
        fast, general = self._open.split(results)
        if fast:
            rows = pack([self._open.row(result) for result in fast])
            try:
                self._cx.run("fast_path.record", owner=owner, rows=rows, now=now)
            except dbapi.IntegrityError:  # changed meanwhile by a person or another lease
                return list(results)
        return general

    def recorded(self, results: Iterable[Result], claims: Iterable[Claim]) -> None:
        """Note the recorded results and the new claims, after the transaction."""
        self._open.note(results, claims)
