"""A server of few words on this machine, for failures that no polite server would show."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r?$")


class Loopback:
    """Answers every request in the same way; ``async with`` it, then call ``url``.

    ``answer`` is a whole HTTP answer, a part of one, or nothing, or makes one of a request's bytes;
    then the connection is closed.
    ``hangs``: no answer, and the connection stays open.  ``reads``: False accepts connections but
    takes no byte from them.
    """

    def __init__(
        self,
        answer: bytes | Callable[[bytes], bytes] = b"",
        *,
        hangs: bool = False,
        reads: bool = True,
    ) -> None:
        self.answer = answer
        self.hangs = hangs
        self.reads = reads
        self.received: list[bytes] = []
        """What came over each connection, so far."""
        self.asked = asyncio.Event()
        """Set once something was received."""
        self._open: list[asyncio.Transport] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for transport in self._open:
            if not transport.is_closing():
                transport.abort()
        await self._server.wait_closed()


class _Connection(asyncio.Protocol):
    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._data = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server._open.append(transport)
        self._index = len(self._server.received)
        self._server.received.append(b"")
        if not self._server.reads:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._server.received[self._index] = bytes(self._data)
        self._server.asked.set()
        if _whole(self._data) and not self._server.hangs:
            answer = self._server.answer
            self._transport.write(
                answer if isinstance(answer, bytes) else answer(bytes(self._data))
            )
            self._transport.close()


def _whole(data: bytearray) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    if length := _LENGTH.search(head):
        return len(body) >= int(length[1])
    return bool(end) and (b"chunked" not in head or body.endswith(b"0\r\n\r\n"))


def answer(status: int, body: bytes, *headers: bytes) -> bytes:
    """A whole HTTP answer, as :class:`Loopback` gives it."""
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), b"Connection: close"]
    return b"\r\n".join([*lines, *headers, b"", body])


def refused_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
