"""One request on its way: whether it may begin, asked just before its first byte, and whether it
has."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from broadcaster.kit.wire import current

if TYPE_CHECKING:
    from broadcaster.kit.connection import TrackedConnection  # for its type alone


class TooLateError(Exception):
    """The time for the call was over before its first byte."""


class ClosedError(Exception):
    """Nothing may leave any more: it was switched off or halted."""


@dataclass(slots=True)
class Passage:
    """``deadline`` is a ``time.monotonic()`` value."""

    deadline: float
    begun: bool = False
    """Whether a byte may have left; False is certain."""
    transport: asyncio.Transport | None = None
    """Where it leaves by, once there is a connection."""
    line: TrackedConnection | None = None
    """Its connection, as the pool follows it."""
    refused: Exception | None = None
    """Why it had to stop, where aiohttp may hand on something else."""

    def begin(self) -> None:
        """The first byte may leave from now on.

        :raises TooLateError: nothing may be written.
        :raises ClosedError: likewise.
        """
        self._check()
        self._begun()

    def look_again(self) -> None:
        """Stop the request if it may not leave any more; it counts as begun.

        :raises TooLateError: nothing more may be written.
        :raises ClosedError: likewise.
        """
        if not self.begun:
            self._begun()
        self._check()

    def _begun(self) -> None:
        self.begun = True
        current().touch()

    def _check(self) -> None:
        if time.monotonic() >= self.deadline:
            self.refused = TooLateError()
        elif current().closed():
            self.refused = ClosedError()
        else:
            return
        raise self.refused


def reset(transport: asyncio.Transport | None) -> None:
    """Let nothing of what was written leave any more.

    A connection that is only closed delivers what our buffer and the kernel's still hold, minutes
    later if need be: a post would appear that somebody has looked for in vain, and sent again.
    """
    if transport is None:
        return
    if (ours := transport.get_extra_info("socket")) is not None:
        with suppress(OSError, ValueError):  # it has gone already; uvloop says so by the latter
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
