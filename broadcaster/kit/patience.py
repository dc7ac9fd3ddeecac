"""How long a server keeps an idle connection, learnt from what it does with ours.

A request that goes out on a connection which the server is just closing is in doubt, and only the
server knows its time.  So an idle connection is used again only well within what the server has
shown: for :attr:`Pace.start_s` at first, then for part of the longest time that a connection has
stayed open, and always for less than the shortest time after which the server has closed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIMEOUT = re.compile(r"(?i)\btimeout\s*=\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds; tests use shorter ones."""

    start_s: float = 0.5
    """Half of the shortest time that servers in the field keep connections, which is a second."""
    longest_s: float = 10.0
    """No connection is used again after this, whatever the server has shown."""
    watched_s: float = 15.0
    """How long an idle connection is kept, unused, to see when the server closes it."""
    floor_s: float = 0.1
    """Least margin.  A connection lost sooner than after half of it tells nothing: a crash."""
    remembered_s: float = 3600.0
    """Servers are changed; after this all is learnt again, from ``start_s``."""


class Patience:
    """One server's; every ``now`` and every idle time is in seconds of one clock."""

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
        """How long a connection may have been idle to be used again."""
        pace = self._pace
        self._forget(now)
        limit = min(pace.longest_s, max(pace.start_s, self._survived_s * 0.75))
        if self._broken_s is not None:  # closings do not reach us: what stays open proves nothing
            limit = min(pace.start_s, self._broken_s / 2)
        for known_s in (self._closed_s, self._declared_s):
            if known_s is not None:
                limit = min(limit, known_s - self._margin(known_s))
        return max(0.0, limit)

    def exchanged(self, seconds: float) -> None:
        """A whole exchange took so long: no round trip takes longer than the shortest of them."""
        self._trip_s = seconds if self._trip_s is None else min(self._trip_s, seconds)

    def declared(self, keep_alive: str) -> None:
        """The server's own word, a ``Keep-Alive`` header: a bound, and no proof."""
        if match := _TIMEOUT.search(keep_alive):
            self._declared_s = float(match[1])

    def survived(self, idle: float) -> None:
        """A connection was open after ``idle``."""
        self._survived_s = max(self._survived_s, idle)

    def closed(self, idle: float, now: float) -> None:
        """The server closed a connection after ``idle``."""
        self._forget(now)
        if idle >= self._pace.floor_s / 2 and (self._closed_s is None or idle < self._closed_s):
            self._closed_s, self._closed_at = idle, now

    def broke(self, idle: float, now: float) -> None:
        """A request on a connection that had been idle so long was never answered."""
        if idle < self._pace.floor_s / 2:
            return
        self._broken_s = min(idle, self._broken_s or idle)
        # each time for longer: so few requests are lost to a server that cannot be learnt
        self._careful_until = now + self._pace.remembered_s * 4**self._breaks
        self._breaks = min(self._breaks + 1, 8)

    def _margin(self, known_s: float) -> float:
        """A quarter, for clocks and timers; more where the way is long."""
        return max(known_s / 4, 2 * (self._trip_s or 0.0) + self._pace.floor_s)

    def _forget(self, now: float) -> None:
        if self._closed_s is not None and now - self._closed_at > self._pace.remembered_s:
            self._closed_s, self._survived_s = None, 0.0
        if self._broken_s is not None and now > self._careful_until:
            self._broken_s, self._survived_s = None, 0.0
