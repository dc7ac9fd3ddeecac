"""How many messages an account may start now, and how long a channel rests after one.

Both are kept in memory: one daemon owns the lanes of its accounts, a restart forgets at most one
burst, and what a platform itself asked for (a 429's delay) is kept in the store.
"""

from __future__ import annotations

from broadcaster.adapter import Rate
from broadcaster.model import Micros
from broadcaster.store import gcra


class AccountPace:
    """The rate over all channels of one account; None: no bound of its own."""

    def __init__(self, rate: Rate | None) -> None:
        self.rate = rate
        self._tat: Micros = 0

    def allowance(self, now: Micros) -> int | None:
        """How many messages may start now."""
        if self.rate is None:
            return None
        return gcra.take(self._tat, now, self.rate.count, self.rate)[0]

    def used(self, count: int, now: Micros) -> None:
        if self.rate is not None:
            self._tat = gcra.take(self._tat, now, count, self.rate)[1]

    def wait(self, now: Micros) -> Micros:
        """Until one more may start."""
        return 0 if self.rate is None else gcra.take(self._tat, now, 0, self.rate)[2]


class ChannelPace:
    """When each channel of this daemon may be sent to again."""

    def __init__(self) -> None:
        self._tat: dict[str, Micros] = {}

    def sent(self, channel: str, rate: Rate | None, now: Micros) -> Micros:
        """Note a send; returns how long the lane must rest from now."""
        if rate is None:
            return 0
        _, self._tat[channel], wait = gcra.take(self._tat.get(channel, 0), now, 1, rate)
        return wait
