"""The generic cell rate algorithm: a rate limiter whose state is one number.

``tat`` is the theoretical arrival time of the next message if all were evenly spaced.  A tenth of
``count`` may be sent at once and the others are spaced, so that no window of ``per_s`` seconds
contains more than ``count`` messages.
"""

from __future__ import annotations

from broadcaster.adapter import Rate
from broadcaster.model import Micros


def burst(rate: Rate) -> int:
    """Number of messages that may be sent at once."""
    return max(1, rate.count // 10)


def interval(rate: Rate) -> Micros:
    """Microseconds between two messages once the burst is used."""
    return round(rate.per_s * 1_000_000 / max(1, rate.count - burst(rate)))


def slack(rate: Rate) -> Micros:
    """How far ``tat`` may be in the future when a message is sent."""
    return (burst(rate) - 1) * interval(rate)


def room(tat: Micros, now: Micros, rate: Rate) -> int:
    """Number of messages that may be sent now; negative after too many were sent."""
    return (slack(rate) + interval(rate) + now - max(tat, now)) // interval(rate)


def spent(tat: Micros, now: Micros, count: int, rate: Rate) -> Micros:
    """``tat`` after ``count`` messages were sent now."""
    return max(tat, now) + count * interval(rate)


def next_at(tat: Micros, rate: Rate) -> Micros:
    """When the next message may be sent."""
    return tat - slack(rate)
