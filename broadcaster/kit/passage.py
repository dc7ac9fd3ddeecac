"""Tracks one request: whether it may begin, checked before its first byte, and whether it has."""

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
    """The deadline of the call passed before its first byte."""


class ClosedError(Exception):
    """A gate was closed, so nothing may be sent any more."""


@dataclass(slots=True)
class Passage:
    """``deadline`` is a ``time.monotonic()`` value."""

    deadline: float
    begun: bool = False
    """Whether a byte may have left; False is certain."""
    transport: asyncio.Transport | None = None
    """The transport of its connection, once there is one."""
    line: TrackedConnection | None = None
    """Its connection, as the pool tracks it."""
    refused: Exception | None = None
    """Why it was stopped; aiohttp may replace the exception by another one."""

    def begin(self) -> None:
        """Check whether the request may begin; from now on, its first byte may leave.

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
    """Discard everything that was written and not sent yet.

    A closed connection still delivers the content of our buffer and of the kernel's, even minutes
    later.  A post could appear after it was looked for in vain and sent again.
    """
    if transport is None:
        return
    if (ours := transport.get_extra_info("socket")) is not None:
        with suppress(OSError, ValueError):  # already closed; uvloop raises ValueError then
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
