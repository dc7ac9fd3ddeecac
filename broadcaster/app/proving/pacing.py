"""How quickly a proof may post: half as quickly as the account's rates allow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from broadcaster.adapter import Rate

UNKNOWN_S = 2.0
"""Between two calls where nobody knows a rate."""
SHARE = 2
"""The other half stays the daemon's."""
LINE_S = 1.0
"""Between two looks at whether the account has deliveries in line."""
LINE_MOST_S = 600.0
"""How long a proof lets deliveries go first, before it ends."""


class LineBusyError(Exception):
    """Deliveries of the account have been in line for too long."""


def interval(*rates: Rate | None) -> float:
    """Seconds between two posting calls."""
    known = [rate.per_s / rate.count for rate in rates if rate is not None]
    return SHARE * max(known) if known else UNKNOWN_S


class Pacer:
    """``in_line``: whether deliveries of the account wait, which go first."""

    def __init__(self, seconds: float, in_line: Callable[[], bool]) -> None:
        self._seconds = seconds
        self._in_line = in_line
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next call may leave.

        :raises LineBusyError: deliveries have been in line for :data:`LINE_MOST_S`.
        """
        until = time.monotonic() + LINE_MOST_S
        while self._in_line():
            if time.monotonic() >= until:
                raise LineBusyError
            await asyncio.sleep(LINE_S)
        await asyncio.sleep(self._next - time.monotonic())
        self._next = time.monotonic() + self._seconds

    def wait(self, seconds: float) -> None:
        """The platform asks to wait so long."""
        self._next = max(self._next, time.monotonic() + seconds)
