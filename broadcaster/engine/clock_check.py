"""Whether the wall clock can be trusted: it is compared with a clock that nobody can set.

Deadlines, due times and leases are wall-clock times.  Someone who sets the date a year ahead by
mistake would publish a year of scheduled posts at once.  So after a jump nothing is claimed and no
deadline judged until the jump is explained:

- the clock returns to where it was expected, or
- it has stood still for a minute, and the kernel says that a time server keeps it right.

A jump without an explanation after that minute needs a person: the worker halts, and `resume`
accepts the clock as it is.  Pure values, except :func:`synchronised`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from broadcaster.language import joined, say

TOLERANCE_S = 120.0
"""A smaller step is a correction."""
STILL_S = 60.0
"""A time server needs some steps to find its place; so long after the last one it has."""
SLEW = 0.1
"""A clock that is corrected gently runs faster or slower by less than this part (chrony: 0.083)."""
_STILL = 2.0
"""Seconds that a clock may move against the other and still stand still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """Times are seconds: ``wall`` of the clock that is judged, ``boot`` of the other."""

    expected: float | None = None
    """``wall - boot`` when it was trusted last; None: before the first look."""
    jump: float = 0.0
    """How far the clock is from where it was expected; 0: it is trusted."""
    since: float = 0.0
    """``boot`` time since when it has stood still there."""
    there: float = 0.0
    """``wall - boot`` while it stands still there."""
    looked: float = 0.0

    @property
    def trusted(self) -> bool:
        return not self.jump

    def unexplained(self, boot: float) -> bool:
        """Whether the jump has had its time: a person must decide."""
        return bool(self.jump) and boot - self.since >= STILL_S

    def look(self, wall: float, boot: float, *, kept: bool) -> ClockCheck:
        """The check after a look at both clocks; ``kept``: a time server keeps the wall clock."""
        now = wall - boot
        if self.expected is None:
            return self.accepted(wall, boot)
        expected = self.expected
        if not self.jump:
            drift = SLEW * max(0.0, boot - self.looked)
            expected += max(-drift, min(drift, now - expected))
        if abs(now - expected) <= TOLERANCE_S:
            return replace(self, expected=expected, jump=0.0, looked=boot)
        moved = not self.jump or abs(now - self.there) > _STILL
        there, since = (now, boot) if moved else (self.there, self.since)
        if kept and boot - since >= STILL_S:
            return self.accepted(wall, boot)
        return replace(
            self, expected=expected, jump=now - expected, there=there, since=since, looked=boot
        )

    def accepted(self, wall: float, boot: float) -> ClockCheck:
        """Trust the clock as it stands."""
        return ClockCheck(expected=wall - boot, looked=boot)


def synchronised() -> bool:
    """Whether the kernel's clock is kept by a time server; False where it does not tell.

    :source: adjtimex(2): it returns TIME_ERROR (5) while the clock is not synchronized.
    """
    try:
        import ctypes  # may need memory that a hardened service does not get

        nothing_to_set = ctypes.create_string_buffer(512)  # struct timex has 208 bytes
        state: int = ctypes.CDLL(None).adjtimex(nothing_to_set)
    except (ImportError, OSError, AttributeError, MemoryError):
        return False
    return 0 <= state < 5


def said(seconds: float) -> str:
    """A jump for people: ``2 h 5 min ahead``."""
    left, parts = round(abs(seconds)), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(say("{count} {unit}", count=count, unit=unit))
    return say(
        "{parts} {more}", parts=joined(" ", parts[:2]), more="ahead" if seconds > 0 else "back"
    )
