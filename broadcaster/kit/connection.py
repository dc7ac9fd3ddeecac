"""Tracks one connection for its pool: what was received on it, and when it was lost.

The tracker sits between asyncio's transport and aiohttp's protocol, and passes everything on.  So
it needs only asyncio's public API, and nothing internal of aiohttp.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from broadcaster.kit.patience import Patience

HEAD_BYTES = 16 * 1024
"""Bytes of an answer's head that are read; aiohttp refuses lines longer than half of it."""
_HEAD_ENDS = b"\r\n\r\n"
_CHUNKS_END = b"0\r\n\r\n"
_ANSWER_BEGINS = b"HTTP/"


class TrackedConnection(asyncio.Protocol):
    """A tracked connection; ``lost`` is called with it when the connection has ended."""

    def __init__(
        self,
        transport: asyncio.Transport,
        handler: asyncio.Protocol,
        patience: Patience,
        lost: Callable[[TrackedConnection], None],
    ) -> None:
        self.transport = transport
        self.patience = patience
        self.idle_s = 0.0
        """Seconds that it was idle before its present use; 0: it was new."""
        self.taken = 0.0
        """When its present use began."""
        self._handler = handler
        self._lost = lost
        self.begin()
        transport.set_protocol(self)

    def begin(self) -> None:
        """Note that data received from now on is the answer to the next request."""
        self._count = 0
        self._head = self._last = b""

    def ended_well(self, headers: Mapping[str, str]) -> bool:
        """Whether the received data is exactly one whole answer, with these ``headers``.

        Additional data would be taken for the answer to the next request, so a doubt counts as no.
        """
        if "Transfer-Encoding" in headers:
            last = self._last
            whole = last.endswith(_CHUNKS_END) and last.find(_ANSWER_BEGINS, 1) < 0
        else:
            head, length = self._head.find(_HEAD_ENDS), headers.get("Content-Length", "")
            whole = (
                head >= 0
                and length.isdecimal()
                and self._count == head + len(_HEAD_ENDS) + int(length)
            )
        self.begin()
        return whole

    @property
    def quiet(self) -> bool:
        """Whether nothing was received since its last use."""
        return not self._count

    def data_received(self, data: bytes) -> None:
        if len(self._head) <= HEAD_BYTES and _HEAD_ENDS not in self._head:
            self._head += data
        self._last = data
        self._count += len(data)
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        return self._handler.eof_received()

    def pause_writing(self) -> None:
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        self._handler.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost(self)
        self._handler.connection_lost(error)
