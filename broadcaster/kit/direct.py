"""The fast transport: writes head and body of a POST at once, as nearly every post allows.

aiohttp resolves, connects, encrypts, pools and parses; only the request is composed here, once for
each address, and written without a task in between.  That takes half the time of
``ClientSession.request`` (docs/benchmarks/history.md), and no other code can run between the last
check of the gates and the first byte.  :class:`PublicTransport` sends all other requests.

It uses internals of aiohttp, so :mod:`broadcaster.kit.fits` tests it at the start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage

from broadcaster.kit.answer import Answer, read
from broadcaster.kit.cutoff import cutoff
from broadcaster.kit.guard import Guard
from broadcaster.kit.passage import Passage, reset
from broadcaster.kit.public import CONNECTING, PublicTransport
from broadcaster.kit.transport import Request, target

ADDRESSES = 64
"""Number of addresses whose requests are kept; an account calls a handful of methods."""


class _Ready(NamedTuple):
    """A request without its length and body."""

    request: aiohttp.ClientRequest
    """Only tells the connector the server."""
    head: bytes


class DirectTransport(PublicTransport):
    """Takes the same arguments as :class:`PublicTransport`."""

    def __init__(
        self,
        proxy: str | None = None,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(proxy, guard=guard, clock=clock)
        self._ready: dict[tuple[str, tuple[tuple[str, str], ...]], _Ready] = {}

    async def exchange(self, request: Request, passage: Passage) -> Answer:
        body = request.body
        proxied = self.proxy is not None and not self.proxy.startswith("socks")
        if request.method != "POST" or not isinstance(body, bytes) or proxied:
            return await super().exchange(request, passage)  # a proxy needs another first line
        session = self.session()
        ready = self._request(session, request.url, request.headers)
        with cutoff(passage.deadline):
            connection, line = await self.pool.take(ready.request, [], CONNECTING)
            passage.line = line
            try:
                message, content = await self._exchange(connection, ready.head, body, passage)
                answer = await read(message.code, message.headers, content)
            except BaseException:
                reset(connection.transport)
                connection.close()
                raise
            self.pool.over(line, message.headers)
            connection.release()
            return answer

    async def _exchange(
        self,
        connection: Connection,
        head: bytes,
        body: bytes,
        passage: Passage,
    ) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None:
            raise aiohttp.ServerDisconnectedError
        protocol.set_response_params(read_until_eof=True)
        passage.begin()
        transport.write(b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body))
        message, content = await protocol.read()
        while 100 <= message.code < 200:  # informational: the final answer follows
            message, content = await protocol.read()
        return message, content

    def _request(
        self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]
    ) -> _Ready:
        """:raises aiohttp.InvalidURL: it cannot be called."""
        key = url, tuple(headers.items())
        ready = self._ready.get(key)
        if ready is None:
            if len(self._ready) >= ADDRESSES:
                self._ready.clear()
            ready = self._ready[key] = _made(session, url, headers)
        return ready


def _made(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> _Ready:
    to, loop = target(url, headers), asyncio.get_running_loop()
    request = aiohttp.ClientRequest("POST", to, headers=headers, loop=loop, session=session)
    lines = [f"POST {to.raw_path_qs} HTTP/1.1"]
    for name, value in request.headers.items():
        if name not in {"Content-Length", "Transfer-Encoding"}:
            lines.append(f"{name}: {value}")
    return _Ready(request, ("\r\n".join(lines) + "\r\n").encode("utf-8"))
