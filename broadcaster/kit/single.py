"""A POST whose head and body leave in one write: what nearly every post is.

aiohttp resolves, connects, encrypts, pools and parses; only the request is put together here, once
for each address, and written without a task in between.  That takes half the time of a whole
``ClientSession.request`` (docs/benchmarks/history.md), and nothing can happen between the last
look at the switches and the first byte.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from yarl import URL

from broadcaster.kit.answer import Answer, read
from broadcaster.kit.cutoff import cutoff
from broadcaster.kit.passage import Passage, reset
from broadcaster.kit.pool import Pool

ADDRESSES = 64
"""Kept ready; an account calls a handful of methods."""


class _Ready(NamedTuple):
    """All of a request but its length and its body."""

    request: aiohttp.ClientRequest
    """Only tells the connector where to connect to."""
    head: bytes


class Single:
    """The single writes of one account.

    ``connect_s``: longest wait for a connection.
    """

    def __init__(self, *, connect_s: float) -> None:
        self._connecting = aiohttp.ClientTimeout(sock_connect=connect_s, ceil_threshold=math.inf)
        self._ready: dict[tuple[str, tuple[tuple[str, str], ...]], _Ready] = {}

    async def post(
        self,
        session: aiohttp.ClientSession,
        passage: Passage,
        within: float,
        *,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Answer:
        """``within``: seconds for all of it; whatever aiohttp raises comes through as it is."""
        pool = session.connector
        assert isinstance(pool, Pool), "the session is open, and ours"
        ready = self._request(session, url, headers)
        with cutoff(time.monotonic() + within):
            connection = await pool.connect(ready.request, [], self._connecting)
            passage.protocol = connection.protocol
            try:
                message, content = await self._exchange(connection, ready.head, body, passage)
                pool.told(passage.protocol, message.headers)
                answer = await read(message.code, message.headers, content)
            except BaseException:
                reset(connection.transport)
                connection.close()
                raise
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
        while 100 <= message.code < 200:  # the answer is still to come
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
    try:
        target = URL(url)
    except ValueError:
        raise aiohttp.InvalidURL(url) from None
    if target.scheme not in {"http", "https"} or not target.raw_host or target.user:
        raise aiohttp.InvalidURL(url)
    loop = asyncio.get_running_loop()
    request = aiohttp.ClientRequest("POST", target, headers=headers, loop=loop, session=session)
    lines = [f"POST {target.raw_path_qs} HTTP/1.1"]
    for name, value in request.headers.items():
        if name not in {"Content-Length", "Transfer-Encoding"}:
            lines.append(f"{name}: {value}")
    if any(set(line) & {"\r", "\n", "\0"} for line in lines):
        raise ValueError("a header holds a line break")
    return _Ready(request, ("\r\n".join(lines) + "\r\n").encode("utf-8"))
