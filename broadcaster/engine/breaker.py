"""The breaker of one account: stop claiming while its platform does not answer.

Pure values.  ``closed``: claim freely.  ``open``: claim nothing until ``retry_at``; then one probe.
``half-open``: the probe was good; one delivery may go, and its end decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from broadcaster.language import say

THRESHOLD = 3
"""Faults in a row that open it: fewer than any channel's ``max_attempts``, so that an outage burns
no delivery's last attempt."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
HEARSAY = say("it does not answer another daemon")


class Position(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Times are seconds of one monotonic clock."""

    position: Position = Position.CLOSED
    faults: int = 0
    """In a row."""
    opened: int = 0
    """Times in a row that it opened without a success between: doubles the wait."""
    retry_at: float = 0.0
    reason: str = ""
    hearsay: bool = False
    """Opened by what another daemon found, and not tried yet."""

    def succeeded(self) -> Breaker:
        """The platform answered, be it with a refusal: it is alive."""
        return self if self == CLOSED else CLOSED

    def warned(self, now: float) -> Breaker:
        """Another daemon finds that the platform does not answer: ask before anything is sent.

        It may be that only its machine is cut off, so one good probe is enough to go on.
        """
        if self.position is not Position.CLOSED:
            return self
        return Breaker(position=Position.OPEN, retry_at=now, reason=HEARSAY, hearsay=True)

    def failed(self, now: float, reason: str) -> Breaker:
        """A fault: counts towards opening, or opens again."""
        if self.position is Position.OPEN:
            return self  # the last calls of before it opened
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
        """The end of the probe that ``wants_probe`` asked for."""
        if good:
            return replace(self, position=Position.HALF_OPEN)
        return replace(self, position=Position.HALF_OPEN).failed(now, reason or self.reason)

    def wants_probe(self, now: float) -> bool:
        return self.position is Position.OPEN and now >= self.retry_at

    def allowance(self, in_flight: int) -> int | None:
        """How many more may start: None is no bound."""
        if self.position is Position.CLOSED:
            return None
        return max(0, 1 - in_flight) if self.position is Position.HALF_OPEN else 0


CLOSED = Breaker()
