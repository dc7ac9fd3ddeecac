"""What a worker has seen so far: plain numbers that metrics and alerts read."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

from broadcaster.store.exchange import Checked, Claim, Decision, LateReceipt, Outcome

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the buckets that turns are counted in."""
KEPT = 100
"""Doubled messages that nobody has asked for yet; more of them say nothing new."""


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
    """When the last turn ended, be it in vain."""
    lag_s: float = 0.0
    """How late the last turn was that had its hour."""
    stuck: str = ""
    """Why the store cannot be written; empty: it can."""
    stuck_since: float = 0.0
    doubled: deque[LateReceipt] = field(default_factory=lambda: deque(maxlen=KEPT))
    """Messages that were sent twice, for alerts to take away."""

    def turn(self, began: float) -> None:
        """A turn has ended in a transaction."""
        self.turned = time.monotonic()
        took = self.turned - began
        self.turn_s += took
        self.turns[bisect_left(BOUNDS_S, took)] += 1

    def refused(self, why: str) -> bool:
        """The store was not to be written; True: that is news."""
        self.turned = time.monotonic()
        self.store_errors += 1
        news = not self.stuck
        if news:
            self.stuck_since = self.turned
        self.stuck = why
        return news

    def recovered(self) -> bool:
        """The store was written; True: that is news."""
        news, self.stuck = bool(self.stuck), ""
        return news

    def ended(self, claim: Claim, outcome: Outcome) -> None:
        """An attempt has ended."""
        match outcome:
            case Decision():
                word = outcome.outcome or outcome.state.value
            case Checked():
                word = f"looked: {type(outcome.found).__name__.lower()}"
            case _:
                word = "receipt"
        self.attempts[claim.account, word] += 1
