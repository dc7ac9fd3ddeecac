"""What a worker has counted so far, for metrics and alerts."""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

from broadcaster.store.exchange import Checked, Claim, LateReceipt, Outcome, Verdict
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the buckets that turns are counted in."""
RECEIPT = "receipt"
"""The outcome of an attempt that posted its message."""
KEPT = 100
"""Doubled messages that wait for an alert; more of them say nothing new."""


@dataclass(slots=True)
class Meter:
    """Counts since the start; times are seconds of the monotonic clock."""

    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(Account, outcome) -> how many."""
    turns: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    """By bucket; the last one has no end."""
    turn_s: float = 0.0
    """All of them together."""
    store_errors: int = 0
    turned: float = field(default_factory=time.monotonic)
    """When the last turn ended, whether or not the store took it."""
    lag_s: float = 0.0
    """How late the last turn was that had a due time."""
    stuck: str = ""
    """Why the store cannot be written; empty: it can."""
    stuck_since: float = 0.0
    doubled: deque[LateReceipt] = field(default_factory=lambda: deque(maxlen=KEPT))
    """Messages that were posted twice; the alert about them removes them."""

    def turn(self, began: float) -> None:
        """A turn has ended in a transaction."""
        self.turned = time.monotonic()
        took = self.turned - began
        self.turn_s += took
        self.turns[bisect_left(BOUNDS_S, took)] += 1

    def store_busy(self, busy: StoreBusy) -> None:
        """The store could not be written; the log says so once, until it can."""
        self.turned = time.monotonic()
        self.store_errors += 1
        if not self.stuck:
            self.stuck_since = self.turned
            log.error("the store cannot be written (%s); results are kept, nothing is sent", busy)
        self.stuck = str(busy)

    def recovered(self) -> bool:
        """The store was written; True: for the first time after it could not be."""
        news, self.stuck = bool(self.stuck), ""
        return news

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        """An attempt has ended."""
        match outcome:
            case Verdict():
                word = outcome.outcome or outcome.state.value
            case Checked():
                word = f"looked: {type(outcome.found).__name__.lower()}"
            case _:
                word = RECEIPT
        self.attempts[claim.account, word] += 1

    def receipts(self, account: str) -> int:
        """How many messages of ``account`` were posted."""
        return self.attempts[account, RECEIPT]
