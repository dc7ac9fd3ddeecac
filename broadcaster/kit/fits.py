"""Chooses the transport of this process: the direct one if it works with this version of aiohttp.

It is tested once, before the first call, by three requests to a server of our own, over a socket
file in a new private folder.  If anything differs from the expected, the public transport is used,
which is slower and equally safe.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from broadcaster.kit.direct import DirectTransport
from broadcaster.kit.guard import Guard
from broadcaster.kit.passage import ClosedError, Passage
from broadcaster.kit.pool import Pool
from broadcaster.kit.public import PublicTransport
from broadcaster.kit.transport import Request, Transport
from broadcaster.kit.wire import Wire, watch

CHOICE = "BROADCASTER_TRANSPORT"
"""For tests: ``public`` or ``direct`` forces that transport."""
KINDS = {"public": PublicTransport, "direct": DirectTransport}
WITHIN_S = 5.0
"""Most seconds for the test; it takes some milliseconds."""
_TYPE = "application/octet-stream"
log = logging.getLogger(__name__)


class _Chosen:
    """The choice of this process."""

    kind: type[PublicTransport] | None = None


async def transport(
    proxy: str | None, *, guard: Guard | None, clock: Callable[[], float]
) -> Transport:
    """The transport of one account."""
    if named := os.environ.get(CHOICE):
        if named not in KINDS:
            raise ValueError(f"{CHOICE} is one of {', '.join(KINDS)}, and not {named!r}")
        return KINDS[named](proxy, guard=guard, clock=clock)
    if _Chosen.kind is None:
        reason = await misfit(DirectTransport)
        _Chosen.kind = PublicTransport if reason else DirectTransport
        if reason:
            log.warning(
                "aiohttp %s works differently inside (%s): posts go by its public API, which"
                " takes more processor time",
                aiohttp.__version__,
                reason,
            )
    return _Chosen.kind(proxy, guard=guard, clock=clock)


async def misfit(kind: type[DirectTransport]) -> str:
    """How ``kind`` differed from the expected; empty: not at all."""
    try:
        with watch(Wire()):  # the test must not touch the wire of the caller
            async with asyncio.timeout(WITHIN_S):
                return await _tried(kind)
    except Exception as error:
        return type(error).__name__


async def _tried(kind: type[DirectTransport]) -> str:
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory(prefix="broadcaster-") as folder:
        path, asked = str(Path(folder, "trial")), list[_ReceivedRequest]()
        server = await loop.create_unix_server(lambda: _Server(asked), path)
        carrier = _at(kind, path)
        try:
            return await _requests(carrier, asked)
        finally:
            await carrier.close()
            server.close()
            await server.wait_closed()


async def _requests(carrier: DirectTransport, asked: list[_ReceivedRequest]) -> str:
    stopped = Passage(time.monotonic() + WITHIN_S)
    with watch(Wire(closed=lambda: "stopped")), suppress(ClosedError):
        await carrier.exchange(_request(b"0"), stopped)
        return "a request was sent that was not to leave"
    if stopped.begun or asked:
        return "a request was begun that was not to leave"
    for body in (b"1", b"2"):
        passage = Passage(time.monotonic() + WITHIN_S)
        answer = await carrier.exchange(_request(body), passage)
        if (answer.status, answer.body) != (200, body):
            return "another answer came"
        if not passage.begun:
            return "a request was not begun"
    if [request.raw.partition(b"\r\n")[0] for request in asked] != [b"POST /trial HTTP/1.1"] * 2:
        return "another request was sent"
    if any(f"Content-Type: {_TYPE}\r\n".encode() not in request.raw for request in asked):
        return "a header was not sent"
    if asked[0].connection is not asked[1].connection:
        return "a connection was not used again"
    return ""


class _ReceivedRequest(NamedTuple):
    connection: asyncio.BaseTransport
    raw: bytes


class _Server(asyncio.Protocol):
    """Answers each request with the one byte of its body."""

    def __init__(self, asked: list[_ReceivedRequest]) -> None:
        self._asked = asked
        self._raw = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._raw += data
        body = self._raw.partition(b"\r\n\r\n")[2]
        if body:
            self._asked.append(_ReceivedRequest(self._transport, self._raw))
            self._raw = b""
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body[-1:])


def _request(body: bytes) -> Request:
    return Request("POST", "http://trial.invalid/trial", {"Content-Type": _TYPE}, body)


class _SocketFile(Pool, aiohttp.UnixConnector):
    """Connects to the test's server, whatever the address."""


def _at(kind: type[DirectTransport], path: str) -> DirectTransport:
    class TrialTransport(kind):  # type: ignore[misc,valid-type]
        def _opened(self) -> Pool:
            return _SocketFile(path)

    made: DirectTransport = TrialTransport()
    return made
