"""Values of drafts and their approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster.model import Digest, Micros


class Verdict(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    """Nobody approved it before its slot was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a draft waits for, or what was decided."""

    required: bool
    """A channel of its demands it; else its author kept it back."""
    writers: tuple[str, ...]
    """Who wrote it or changed it, and so may not approve it."""
    lapses_at: Micros | None
    """Its slot is over then; None: it has none, and goes out when it is approved."""
    digest: Digest
    """Of its targets, renderings and hour as they stand now; an approval is bound to it."""
    verdict: Verdict | None = None
    by: str = ""
    at: Micros | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Let a draft go out as it was seen; ``digest`` is that of what was looked at.

    ``late_after``: channel -> how long one without a slot may stay unbegun from now on.
    """

    post: int
    digest: Digest
    late_after: Mapping[str, Micros] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Let a draft, or an approved post whose hour has not come, never go out."""

    post: int
    reason: str
