"""Decides when ticks fan out due posts: before senders run out of work, and soon in any case.

While the lines hold enough deliveries, more would only make the lines longer and authors wait,
because each delivery changes a page of its own.  The order of sending is the same, since lanes are
served in the order of time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from broadcaster.model import Micros
from broadcaster.store.exchange import Capacity, Tick
from broadcaster.store.queue.enqueue import WIDE

RESERVE = 3 * WIDE
"""Number of deliveries made here and not claimed yet that is enough."""
PATIENCE: Micros = 1_000_000
"""Longest wait of a due post; the lines may belong to channels that are off or slow."""


class FanOutThrottle:
    """Remembers the result of the last tick, for the decision in the next."""

    def __init__(self) -> None:
        self.next_from: Micros = 0
        """A tick before this time fans out nothing."""
        self._last: Micros = 0
        self._made = 0
        """Number of deliveries made here that were not claimed yet."""
        self._left = False
        """Whether the last tick left due posts."""

    def owes(self, now: Micros) -> bool:
        """Whether the next tick fans out, which takes longer."""
        return self._left and self.next_from <= now

    def ticked(self, capacities: Sequence[Capacity], done: Tick) -> Tick:
        """``done``, with the next tick due at once if its due posts are needed."""
        self._left = done.left
        if done.fanned:
            self._last = done.now
        self._made = max(0, self._made + done.fanned - len(done.claims))
        got = Counter(claim.account for claim in done.claims)
        idle = not capacities or any(
            capacity.count > got[capacity.account] for capacity in capacities
        )
        # After a large fan-out the next tick claims, so that neither takes long.
        waits = done.fanned >= WIDE or (self._made > RESERVE and not idle)
        self.next_from = self._last + PATIENCE if waits else 0
        return replace(done, wake_at=done.now) if done.left and not waits else done
