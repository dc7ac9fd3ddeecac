"""Two ways to do one thing, run by turns, so that a busy machine is unfair to both alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

PAIRS = 5
"""Turns of each side that count; one more of each comes first and does not."""


class Kind(StrEnum):
    """How the two sides of a row are compared, and in which direction lies the goal."""

    SPEED = "speed"
    """How many times as fast we are: theirs / ours, at least the goal."""
    COST = "cost"
    """How many times as long we take: ours / theirs, at most the goal."""
    MORE = "more"
    """What comes on top: ours - theirs, at most the goal."""
    MOST = "most"
    """Ours alone, at most the goal."""


class Missing(Exception):
    """What a row needs cannot be had on this machine; says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the result."""

    name: str
    what: str
    against: str
    kind: Kind
    goal: float
    aim: float | None = None
    """Beyond the goal; None: there is none."""
    unit: str = "s"
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    """What each turn measured, in ``unit``: for a speed, seconds for the same work."""
    details: dict[str, float] = field(default_factory=dict)
    """Further numbers of the same run, for who wants to know more."""

    @property
    def value(self) -> float:
        """What is held against the goal."""
        ours = statistics.median(self.ours)
        theirs = statistics.median(self.theirs) if self.theirs else 0.0
        match self.kind:
            case Kind.SPEED:
                return theirs / ours
            case Kind.COST:
                return ours / theirs
            case Kind.MORE:
                return ours - theirs
            case Kind.MOST:
                return ours

    @property
    def good(self) -> bool:
        return self.value >= self.goal if self.kind is Kind.SPEED else self.value <= self.goal

    @property
    def score(self) -> float:
        """How far beyond its goal: 1 is the goal, 2 twice as good."""
        if self.kind is Kind.SPEED:
            return self.value / self.goal
        return self.goal / self.value if self.value > self.goal / 100 else 100.0


def by_turns(
    *sides: Callable[[], float], pairs: int = PAIRS, warm: bool = True
) -> tuple[list[float], ...]:
    """What each side returned, one after the other, ``pairs`` times; ``warm``: and once before."""
    if warm:
        for side in sides:
            side()
    turns = [tuple(side() for side in sides) for _ in range(pairs)]
    return tuple(list(measured) for measured in zip(*turns, strict=True))
