"""What became of a trial, and what is left in the channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from broadcaster.adapter import Call
from broadcaster.model import Json


class Outcome(StrEnum):
    PROVED = "proved"
    REFUSED = "refused"
    """The platform refuses what the adapter promises."""
    DEVIATES = "deviates"
    """The platform does something else than the adapter promises."""
    NOT_VISIBLE = "not visible"
    """The platform says yes, and only somebody in the channel can see whether it is so."""
    UNKNOWN = "unknown"
    """No clear answer came."""
    NOT_TRIED = "not tried"


FLAWS = frozenset({Outcome.REFUSED, Outcome.DEVIATES, Outcome.UNKNOWN})
"""Outcomes that say: what the adapter promises does not hold here, or may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """``key``: of its trial; ``why``: what was seen, or the platform's own words."""

    key: str
    promise: str
    promise_fa: str
    outcome: Outcome
    why: str = ""
    ids: tuple[str, ...] = ()
    link: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "trial": self.key,
            "promise": self.promise,
            "promise_fa": self.promise_fa,
            "outcome": self.outcome.value,
            "why": self.why,
            "ids": [*self.ids],
            "link": self.link or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingMessage:
    """A message of a trial that is, or may be, in the channel."""

    key: str
    ids: tuple[str, ...]
    """Empty: nobody knows whether it is there, and under which id."""
    link: str = ""
    why: str = ""
    """Why it could not be removed."""

    def to_json(self) -> dict[str, Json]:
        return {
            "trial": self.key,
            "ids": [*self.ids],
            "link": self.link or None,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A limit that was measured: the longest that was taken, and the shortest that was refused."""

    name: str
    ours: int
    taken: int
    refused: int | None
    """None: everything was taken, up to where the measuring ends."""
    posts: int

    @property
    def found(self) -> str:
        if self.refused is None:
            return f"at least {self.taken:,}"
        if self.refused == self.taken + 1:
            return f"{self.taken:,}"
        return f"between {self.taken:,} and {self.refused - 1:,}"

    def to_json(self) -> dict[str, Json]:
        return {
            "limit": self.name,
            "ours": self.ours,
            "taken": self.taken,
            "refused": self.refused,
            "posts": self.posts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole proof."""

    account: str
    platform: str
    title: str
    """The platform's, as Persian readers know it."""
    channel: str
    at: datetime
    by: str
    mark: str
    results: tuple[TrialResult, ...]
    left: tuple[StandingMessage, ...] = ()
    measured: tuple[Measured, ...] = ()
    ended_early: str = ""
    """Why not everything was tried."""

    @property
    def counts(self) -> Mapping[Outcome, int]:
        return {
            outcome: sum(result.outcome is outcome for result in self.results)
            for outcome in Outcome
        }

    @property
    def flaws(self) -> tuple[TrialResult, ...]:
        return tuple(result for result in self.results if result.outcome in FLAWS)

    def to_json(self) -> dict[str, Json]:
        return {
            "account": self.account,
            "platform": self.platform,
            "channel": self.channel,
            "at": self.at.isoformat(),
            "by": self.by,
            "mark": self.mark,
            "counts": {outcome.value: count for outcome, count in self.counts.items()},
            "results": [result.to_json() for result in self.results],
            "left": [each.to_json() for each in self.left],
            "measured": [each.to_json() for each in self.measured],
            "ended_early": self.ended_early or None,
        }


@dataclass(slots=True)
class ProofNotes:
    """What is known so far; it is kept when a proof ends in the middle."""

    results: dict[str, TrialResult] = field(default_factory=dict)
    standing: dict[str, StandingMessage] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    """What was posted, by its trial's key, as it stands now."""
    measured: list[Measured] = field(default_factory=list)
    ended_early: str = ""
