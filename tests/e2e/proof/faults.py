"""What the network does to a request: drawn from a seed, so that a run can be had again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """One request's fate."""

    NONE = "none"
    SLOW = "slow"
    """The answer comes, late."""
    DRIBBLE = "dribble"
    """The answer comes, a few bytes at a time."""
    HASTE = "429"
    """Refused without having been read by the platform."""
    HASTE_UNNAMED = "429-unnamed"
    """The same, and nobody says for how long."""
    CLOSE_BEFORE = "close-before"
    """The connection ends once the request has left; the platform never sees it."""
    STALL_BEFORE = "stall-before"
    """The same, after a long silence."""
    TORN = "torn"
    """Half of the request reaches the platform."""
    ERROR_BEFORE = "502-before"
    CLOSE_AFTER = "close-after"
    """The platform has accepted it; its answer is lost."""
    STALL_AFTER = "stall-after"
    HALF = "half"
    """Half of the answer comes."""
    GARBAGE = "garbage"
    """A 200 that nobody can read."""
    ERROR_AFTER = "502-after"

    @property
    def reaches(self) -> bool:
        """Whether the platform sees the whole request."""
        return self in _REACHES

    @property
    def doubtful(self) -> bool:
        """The request has left, and no answer says what became of it."""
        return self not in _CLEAR


_REACHES = {
    Fault.NONE,
    Fault.SLOW,
    Fault.DRIBBLE,
    Fault.CLOSE_AFTER,
    Fault.STALL_AFTER,
    Fault.HALF,
    Fault.GARBAGE,
    Fault.ERROR_AFTER,
}
_CLEAR = {Fault.NONE, Fault.SLOW, Fault.DRIBBLE, Fault.HASTE, Fault.HASTE_UNNAMED}

WEIGHTS: Mapping[Fault, float] = {
    **{fault: 2.0 if fault in _CLEAR else 1.0 for fault in Fault if fault is not Fault.NONE},
    Fault.HASTE_UNNAMED: 0.2,  # a minute of silence each, on some platforms
}


class Weather:
    """``share`` of the requests suffer one of the faults, by their weights."""

    def __init__(self, seed: int, share: float = 0.0) -> None:
        self.share = share
        self._random = random.Random(seed)

    def next(self) -> Fault:
        """The fate of the next request."""
        if self._random.random() >= self.share:
            return Fault.NONE
        return self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    def between(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)
