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


def slack(rate: Rate) -> Micros:
    """How far ``tat`` may lie ahead of a message that goes now."""
    return (burst(rate) - 1) * interval(rate)


def room(tat: Micros, now: Micros, rate: Rate) -> int:
    """Messages that may go now; below 0 after more than that have gone."""
    return (slack(rate) + interval(rate) + now - max(tat, now)) // interval(rate)


def spent(tat: Micros, now: Micros, count: int, rate: Rate) -> Micros:
    """``tat`` after ``count`` messages have gone now."""
    return max(tat, now) + count * interval(rate)


def next_at(tat: Micros, rate: Rate) -> Micros:
    """When one more may go."""
    return tat - slack(rate)
