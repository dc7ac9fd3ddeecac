"""Cuts off a block at its deadline, like :func:`asyncio.timeout`, at a much lower cost.

Setting and cancelling a timer of the event loop costs a seventh of a whole call.  Nearly all calls
end long before their deadline, so one timer for the earliest deadline serves all of them.

After the whole process stood still (a stopped machine, a disk that did not answer), the timer fires
before the data that arrived meanwhile is read.  Then all blocks get a moment more; otherwise their
messages would be in doubt although the answers are there.
"""

from __future__ import annotations

import asyncio
import threading
import time
from types import TracebackType
from typing import Any

STOOD_STILL_S = 1.0
"""Seconds by which a late timer shows that the process stood still."""
MOMENT_S = 1.0
"""Seconds to read the data that has arrived."""


class cutoff:  # noqa: N801 (used like a function; a generator would cost more)
    """Cancel the block at ``when`` (a ``time.monotonic()`` value), raising TimeoutError."""

    __slots__ = ("_before", "_clock", "_task", "over", "when")

    def __init__(self, when: float) -> None:
        self.when = when
        self.over = False
        """Whether the block was cut off."""

    def __enter__(self) -> None:
        self._clock = clock = _clock()
        task = asyncio.current_task(clock.loop)
        assert task is not None, "what is cut off is a task"
        self._task: asyncio.Task[Any] = task
        self._before = task.cancelling()
        clock.add(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._clock.open.pop(self, None)
        if self.over and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def cancel(self) -> None:
        self.over = True
        self._task.cancel()


class _Clock:
    """The blocks of one loop, and the timer for the earliest deadline."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.open: dict[cutoff, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._spared = False
        """Whether the last timer was late, and cut off nothing because of that."""

    def add(self, block: cutoff) -> None:
        self.open[block] = None
        if self._timer is None or block.when < self._rings_at:
            self._arm(block.when)

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = when
        self._timer = self.loop.call_later(max(0.0, when - time.monotonic()), self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = time.monotonic()
        if now - self._rings_at > STOOD_STILL_S and not self._spared:
            self._spared = True
            self._arm(now + MOMENT_S)
            return
        self._spared = False
        for block in [block for block in self.open if block.when <= now]:
            del self.open[block]
            block.cancel()
        if self.open:
            self._arm(min(block.when for block in self.open))


class _Clocks(threading.local):
    """The clock of each thread; a thread runs one loop at a time."""

    last: _Clock | None = None


_clocks = _Clocks()


def _clock() -> _Clock:
    loop, last = asyncio.get_running_loop(), _clocks.last
    if last is None or last.loop is not loop:
        last = _clocks.last = _Clock(loop)
    return last
