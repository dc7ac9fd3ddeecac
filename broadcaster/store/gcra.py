"""The generic cell rate algorithm: a whole rate limiter in one number.

``tat`` is the theoretical arrival time of the next message, were all of them evenly spaced.  A
tenth of ``count`` may go at once and the rest is spaced, so that no window of ``per_s`` seconds
ever sees more than ``count``.
"""

from __future__ import annotations

from broadcaster.adapter import Rate
from broadcaster.model import Micros


def burst(rate: Rate) -> int:
    """Messages that may go at once."""
    return max(1, rate.count // 10)


def interval(rate: Rate) -> Micros:
    """Microseconds between two messages once the burst is used."""
    return round(rate.per_s * 1_000_000 / max(1, rate.count - burst(rate)))


def take(tat: Micros, now: Micros, want: int, rate: Rate) -> tuple[int, Micros, Micros]:
    """Take up to ``want`` messages: (granted, new ``tat``, wait until one more is granted)."""
    step = interval(rate)
    tat = max(tat, now)
    room = (now + burst(rate) * step - tat) // step
    granted = max(0, min(want, room))
    tat += granted * step
    return granted, tat, max(0, tat + step - burst(rate) * step - now)
