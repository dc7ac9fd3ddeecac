"""Two ways to do one thing, run by turns, so that a busy machine is unfair to both alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the result: medians of both sides, and their ratio against its goal."""

    name: str
    what: str
    against: str
    ours_s: float
    theirs_s: float
    goal: float
    at_least: bool
    """True: the ratio (theirs / ours, a rate) must reach the goal; False: ours / theirs stays
    below it."""

    @property
    def ratio(self) -> float:
        return self.theirs_s / self.ours_s if self.at_least else self.ours_s / self.theirs_s

    @property
    def good(self) -> bool:
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal


def pairs(
    ours: Callable[[], float], theirs: Callable[[], float], *, count: int = PAIRS
) -> tuple[float, float]:
    """Medians of what both return (seconds), after one turn each that does not count."""
    ours()
    theirs()
    measured = [(ours(), theirs()) for _ in range(count)]
    return (
        statistics.median(each for each, _ in measured),
        statistics.median(each for _, each in measured),
    )
