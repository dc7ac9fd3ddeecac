"""A worker's counters, for metrics and alerts."""

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
"""Upper bounds of the histogram of turns, in seconds."""
RECEIPT = "receipt"
"""The outcome of an attempt that posted its message."""
KEPT = 100
"""Most doubled messages that wait for an alert; further ones would not change the alert."""


@dataclass(slots=True)
class Meter:
    """Counters since the start of the daemon; times are seconds of the monotonic clock."""

    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(Account, outcome) -> number of attempts."""
    turns: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    """Number of turns per bucket; the last bucket has no upper bound."""
    turn_s: float = 0.0
    """Total duration of all turns."""
    store_errors: int = 0
    turned: float = field(default_factory=time.monotonic)
    """When the last turn ended, successful or not."""
    lag_s: float = 0.0
    """How late the last turn with a due time was."""
    stuck: str = ""
    """Why the store cannot be written; empty: it can."""
    stuck_since: float = 0.0
    """When the first turn failed because of that."""
    doubled: deque[LateReceipt] = field(default_factory=lambda: deque(maxlen=KEPT))
    """Messages that were posted twice; the alert about them removes them."""

    def turn(self, began: float) -> None:
        """Count a turn that was recorded."""
        self.turned = time.monotonic()
        took = self.turned - began
        self.turn_s += took
        self.turns[bisect_left(BOUNDS_S, took)] += 1

    def store_busy(self, busy: StoreBusy) -> None:
        """Count a turn that could not be recorded; logs only the first of several in a row."""
        self.turned = time.monotonic()
        self.store_errors += 1
        if not self.stuck:
            self.stuck_since = self.turned
            log.error("the store cannot be written (%s); results are kept, nothing is sent", busy)
        self.stuck = str(busy)

    def recovered(self) -> bool:
        """Note that the store was written; returns whether the turn before had failed."""
        was_stuck, self.stuck = bool(self.stuck), ""
        return was_stuck

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        """Count the outcome of an attempt."""
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
