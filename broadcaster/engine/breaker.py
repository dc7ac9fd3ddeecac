"""The breaker of one account: stops claiming while the platform does not answer.

Pure values.  ``closed``: claim without a limit.  ``open``: claim nothing; from ``retry_at`` on, one
probe is sent.  ``half-open``: the probe succeeded; one delivery is sent, and its outcome closes or
opens the breaker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from broadcaster.language import say

THRESHOLD = 3
"""Consecutive faults that open the breaker.  It is smaller than any channel's ``max_attempts``, so
that an outage does not use up a delivery's last attempt."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
HEARSAY = say("it does not answer another daemon")


class Position(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """The state of one account's breaker.  Times are seconds of one monotonic clock."""

    position: Position = Position.CLOSED
    faults: int = 0
    """Consecutive faults since the last success."""
    opened: int = 0
    """How often the breaker opened since the last success; each time doubles the wait."""
    retry_at: float = 0.0
    reason: str = ""
    hearsay: bool = False
    """Opened on the report of another daemon; this daemon has not probed the platform yet."""

    def succeeded(self) -> Breaker:
        """The breaker after an answer of the platform.  A refusal is an answer, too."""
        return self if self == CLOSED else CLOSED

    def warned(self, now: float) -> Breaker:
        """The breaker after another daemon reported that the platform does not answer.

        A closed breaker opens and wants a probe at once.  One successful probe is enough to
        continue, because the network of the other daemon may be the one at fault.
        """
        if self.position is not Position.CLOSED:
            return self
        return Breaker(position=Position.OPEN, retry_at=now, reason=HEARSAY, hearsay=True)

    def failed(self, now: float, reason: str) -> Breaker:
        """The breaker after a fault: closer to opening, or open for a longer wait."""
        if self.position is Position.OPEN:
            return self  # calls that started before the breaker opened must not extend the wait
        faults = self.faults + 1
        if self.position is Position.CLOSED and faults < THRESHOLD:
            return replace(self, faults=faults, reason=reason)
        wait = min(FIRST_WAIT_S * 2**self.opened, LONGEST_WAIT_S)
        return Breaker(
            position=Position.OPEN,
            faults=faults,
            opened=self.opened + 1,
            retry_at=now + wait,
            reason=reason,
        )

    def probed(self, now: float, *, good: bool, reason: str = "") -> Breaker:
        """The breaker after the probe that :meth:`wants_probe` asked for."""
        if good:
            return replace(self, position=Position.HALF_OPEN)
        return replace(self, position=Position.HALF_OPEN).failed(now, reason or self.reason)

    def wants_probe(self, now: float) -> bool:
        return self.position is Position.OPEN and now >= self.retry_at

    def allowance(self, in_flight: int) -> int | None:
        """How many more messages may start; None: no limit."""
        if self.position is Position.CLOSED:
            return None
        return max(0, 1 - in_flight) if self.position is Position.HALF_OPEN else 0


CLOSED = Breaker()
