"""Checks whether the wall clock can be trusted, against a clock that nobody can set.

Deadlines, due times and leases are wall-clock times.  A date that was set a year ahead by mistake
would publish a year of scheduled posts at once.  So after a jump, nothing is claimed and no
deadline is judged until the jump is explained:

- the clock returns to the expected time, or
- it has run without a jump for a minute, and the kernel reports that a time server controls it.

After that minute, a jump without an explanation needs a person: the worker halts, and `resume`
accepts the clock as it is.  Pure values, except :func:`synchronised`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from broadcaster.language import joined, say

TOLERANCE_S = 120.0
"""Smaller jumps are corrections and need no explanation."""
STILL_S = 60.0
"""Seconds without another jump, after which a time server counts as having finished: it may set the
clock in several jumps."""
SLEW = 0.1
"""Largest rate by which a time server speeds a clock up or slows it down (chrony: 0.083)."""
_STILL = 2.0
"""Largest difference in seconds that does not count as another jump."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """The state of the check.

    Times are seconds: ``wall`` of the clock that is checked, ``boot`` of the one nobody can set.
    """

    expected: float | None = None
    """``wall - boot`` when the clock was last trusted; None: before the first look."""
    jump: float = 0.0
    """Difference between the clock and the expected time; 0: the clock is trusted."""
    since: float = 0.0
    """``boot`` time of the last jump."""
    there: float = 0.0
    """``wall - boot`` since the last jump."""
    looked: float = 0.0
    """``boot`` time of the last look."""

    @property
    def trusted(self) -> bool:
        return not self.jump

    def unexplained(self, boot: float) -> bool:
        """Whether the time for an explanation is over, so that a person must decide."""
        return bool(self.jump) and boot - self.since >= STILL_S

    def look(self, wall: float, boot: float, *, kept: bool) -> ClockCheck:
        """The check after a look at both clocks.

        :param kept: whether a time server controls the wall clock.
        """
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
        """The check after a person, or a time server, confirmed the clock as it is."""
        return ClockCheck(expected=wall - boot, looked=boot)


def synchronised() -> bool:
    """Whether a time server controls the kernel's clock; False if that cannot be found out.

    :source: adjtimex(2): it returns TIME_ERROR (5) while the clock is not synchronized.
    """
    try:
        import ctypes  # here: its import can fail in a service that may not map executable memory

        nothing_to_set = ctypes.create_string_buffer(512)  # struct timex has 208 bytes
        state: int = ctypes.CDLL(None).adjtimex(nothing_to_set)
    except (ImportError, OSError, AttributeError, MemoryError):
        return False
    return 0 <= state < 5


def describe(seconds: float) -> str:
    """A jump in words: ``2 h 5 min ahead``."""
    left, parts = round(abs(seconds)), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(say("{count} {unit}", count=count, unit=unit))
    return say(
        "{parts} {more}", parts=joined(" ", parts[:2]), more="ahead" if seconds > 0 else "back"
    )
