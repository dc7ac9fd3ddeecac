"""One request on its way: whether it may begin, asked just before its first byte, and whether it
has."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass

from aiohttp.client_proto import ResponseHandler

from broadcaster.kit.wire import current


class TooLateError(Exception):
    """The time for the call was over before its first byte."""


class ClosedError(Exception):
    """Nothing may leave any more: it was switched off or halted."""


@dataclass(slots=True)
class Passage:
    """``deadline`` is a ``time.monotonic()`` value."""

    deadline: float
    begun: bool = False
    way: asyncio.Transport | None = None
    """Where it leaves by, if it is not known otherwise."""
    protocol: ResponseHandler | None = None
    """aiohttp's side of it."""

    def begin(self) -> None:
        """The caller writes its first byte right after this, without giving way to another task.

        :raises TooLateError: nothing may be written.
        :raises ClosedError: likewise.
        """
        if time.monotonic() >= self.deadline:
            raise TooLateError
        wire = current()
        if wire.closed():
            raise ClosedError
        self.begun = True
        wire.touch()


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
