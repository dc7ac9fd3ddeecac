"""When posts that are due become deliveries: before senders run out of work, soon in any case.

While there is enough in the lines, more of it would only make them longer and whoever posts wait:
each delivery changes a page of its own.  What is sent has the same order, for lanes are served in
the order of their time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from broadcaster.model import Micros
from broadcaster.store.exchange import Capacity, Tick
from broadcaster.store.queue.enqueue import WIDE

RESERVE = 3 * WIDE
"""Deliveries in the lines, of what was made here, that are enough."""
PATIENCE: Micros = 1_000_000
"""How long what is due waits at most: it may be for a channel that is off, or rests."""


class FanOutThrottle:
    """What the last tick says of the next."""

    def __init__(self) -> None:
        self.next_from: Micros = 0
        """A tick before this leaves alone what is due."""
        self._last: Micros = 0
        self._made = 0
        """That no claim was made of yet."""
        self._left = False
        """At the last tick there were posts whose time had come."""

    def owes(self, now: Micros) -> bool:
        """Whether the next tick makes deliveries, which takes longer than others."""
        return self._left and self.next_from <= now

    def ticked(self, capacities: Sequence[Capacity], done: Tick) -> Tick:
        """``done``, which comes back at once if what it has left is needed."""
        self._left = done.left
        if done.fanned:
            self._last = done.now
        self._made = max(0, self._made + done.fanned - len(done.claims))
        got = Counter(claim.account for claim in done.claims)
        idle = not capacities or any(
            capacity.count > got[capacity.account] for capacity in capacities
        )
        # After many the next tick claims, so that neither takes long.
        waits = done.fanned >= WIDE or (self._made > RESERVE and not idle)
        self.next_from = self._last + PATIENCE if waits else 0
        return replace(done, wake_at=done.now) if done.left and not waits else done
