"""Learns how long a server keeps an idle connection.

A request on a connection that the server is just closing is in doubt, and only the server knows its
time limit.  So an idle connection is used again only within a safe time: :attr:`Pace.start_s` at
first, then a part of the longest time that a connection has stayed open, and always less than the
shortest time after which the server has closed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIMEOUT = re.compile(r"(?i)\btimeout\s*=\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds; tests use shorter ones."""

    start_s: float = 0.5
    """Half of the shortest time for which known servers keep connections, which is a second."""
    longest_s: float = 10.0
    """Longest idle time after which a connection is used again."""
    watched_s: float = 15.0
    """How long an unused connection is watched to see when the server closes it."""
    floor_s: float = 0.1
    """Smallest margin.  A connection lost within half of it is not counted: it may be a crash."""
    remembered_s: float = 3600.0
    """How long the findings are kept, since servers change."""


class Patience:
    """The findings about one server; all times are seconds of one clock."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._survived_s = 0.0
        self._closed_s: float | None = None
        self._closed_at = 0.0
        self._declared_s: float | None = None
        self._broken_s: float | None = None
        self._breaks = 0
        self._careful_until = 0.0
        self._trip_s: float | None = None

    def limit(self, now: float) -> float:
        """The longest idle time after which a connection may be used again."""
        pace = self._pace
        self._forget(now)
        limit = min(pace.longest_s, max(pace.start_s, self._survived_s * 0.75))
        if self._broken_s is not None:  # closings go unnoticed: an open connection proves nothing
            limit = min(pace.start_s, self._broken_s / 2)
        for known_s in (self._closed_s, self._declared_s):
            if known_s is not None:
                limit = min(limit, known_s - self._margin(known_s))
        return max(0.0, limit)

    def exchanged(self, seconds: float) -> None:
        """Note the duration of an exchange; the shortest one bounds the round trip."""
        self._trip_s = seconds if self._trip_s is None else min(self._trip_s, seconds)

    def declared(self, keep_alive: str) -> None:
        """Note the server's ``Keep-Alive`` header, which is a bound and not a proof."""
        if match := _TIMEOUT.search(keep_alive):
            self._declared_s = float(match[1])

    def survived(self, idle: float) -> None:
        """Note that a connection was still open after ``idle``."""
        self._survived_s = max(self._survived_s, idle)

    def closed(self, idle: float, now: float) -> None:
        """Note that the server closed a connection after ``idle``."""
        self._forget(now)
        if idle >= self._pace.floor_s / 2 and (self._closed_s is None or idle < self._closed_s):
            self._closed_s, self._closed_at = idle, now

    def broke(self, idle: float, now: float) -> None:
        """Note that a request on a connection was not answered, after it was idle so long."""
        if idle < self._pace.floor_s / 2:
            return
        self._broken_s = min(idle, self._broken_s or idle)
        # Longer each time, so that few requests are lost to a server that cannot be learnt.
        self._careful_until = now + self._pace.remembered_s * 4**self._breaks
        self._breaks = min(self._breaks + 1, 8)

    def _margin(self, known_s: float) -> float:
        """The margin: a quarter, for imprecise clocks and timers; more for a long round trip."""
        return max(known_s / 4, 2 * (self._trip_s or 0.0) + self._pace.floor_s)

    def _forget(self, now: float) -> None:
        if self._closed_s is not None and now - self._closed_at > self._pace.remembered_s:
            self._closed_s, self._survived_s = None, 0.0
        if self._broken_s is not None and now > self._careful_until:
            self._broken_s, self._survived_s = None, 0.0
