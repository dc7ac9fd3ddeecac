"""aiohttp's pool of connections, restricted to those that the server surely has not closed.

Of the connections that were idle for too long, one of each server is kept unused, to see when the
server closes it.  So the time limit of a server is learnt without a risk for a post.

It uses only documented parts of aiohttp: ``BaseConnector.connect`` and ``Connection``.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection

from broadcaster.kit.connection import TrackedConnection
from broadcaster.kit.patience import Pace, Patience

SERVERS = 64
"""Most servers that are remembered; an account talks to a few."""
Handed = Callable[[Connection, TrackedConnection | None], None]


class _Watched(NamedTuple):
    connection: Connection
    line: TrackedConnection
    timer: asyncio.TimerHandle


class Pool(aiohttp.BaseConnector):
    """Mixed into a connector; ``clock`` and ``pace`` are for tests.

    ``handed``: called with each connection that aiohttp itself requests, before it gets it.
    """

    def __init__(
        self,
        *args: Any,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        handed: Handed | None = None,
        **options: Any,
    ) -> None:
        self._pace = pace or Pace()
        self._clock = clock
        self._handed = handed
        self._patiences: dict[tuple[str, str], Patience] = {}
        self._idle_since: dict[TrackedConnection, float] = {}
        self._watched: dict[Patience, _Watched] = {}
        self._strangers: WeakSet[asyncio.BaseTransport] = WeakSet()
        super().__init__(*args, keepalive_timeout=self._pace.watched_s, **options)

    async def connect(self, req: aiohttp.ClientRequest, *args: Any, **options: Any) -> Connection:
        """Called by aiohttp for its own requests."""
        connection, line = await self.take(req, *args, **options)
        if self._handed is not None:
            try:
                self._handed(connection, line)
            except BaseException:
                connection.close()
                raise
        return connection

    async def take(
        self, request: aiohttp.ClientRequest, *args: Any, **options: Any
    ) -> tuple[Connection, TrackedConnection | None]:
        """A new connection, or an idle one that is surely usable.

        Such a one has received nothing while it was idle, which would be taken for the answer, and
        the server will not close it before the request arrives.
        """
        patience = self._patience(request)
        to_proxy = None if request.proxy_headers is None else request.proxy_headers.copy()
        while True:
            if to_proxy is not None:  # aiohttp changes these headers, and keys the pool by them
                request.proxy_headers = to_proxy.copy()
            connection = await super().connect(request, *args, **options)
            transport = connection.transport
            if transport is None:
                return connection, None
            known = transport.get_protocol()
            if not isinstance(known, TrackedConnection):
                line = self._followed(transport, patience)
                if line is None and transport in self._strangers:
                    connection.close()  # it was not tracked, so data may have arrived
                    continue
                if line is None:
                    self._strangers.add(transport)
                return connection, line
            if self._fit(patience, connection, known):
                return connection, known

    def over(self, line: TrackedConnection | None, headers: Mapping[str, str]) -> None:
        """Note that an exchange on ``line`` ended with a whole answer with these ``headers``.

        Closes the connection unless it is certain that nothing else was received.
        """
        if line is None:
            return
        if keep_alive := headers.get("Keep-Alive"):
            line.patience.declared(keep_alive)
        if line.transport.is_closing():
            return
        if not line.ended_well(headers):
            line.transport.close()
            return
        now = self._clock()
        line.patience.exchanged(now - line.taken)
        self._idle_since[line] = now

    def broke(self, line: TrackedConnection | None) -> None:
        """Note that a request on this connection was not answered."""
        if line is not None:
            line.patience.broke(line.idle_s, self._clock())

    def close(self, **options: Any) -> Any:
        self._idle_since.clear()  # closings from now on are our own, and teach nothing
        for patience in [*self._watched]:
            self._unwatch(patience)
        return super().close(**options)

    def _patience(self, request: aiohttp.ClientRequest) -> Patience:
        server = request.url.scheme, request.url.raw_authority
        patience = self._patiences.get(server)
        if patience is None:
            if len(self._patiences) >= SERVERS:
                self._patiences.clear()
            patience = self._patiences[server] = Patience(self._pace)
        return patience

    def _followed(
        self, transport: asyncio.Transport, patience: Patience
    ) -> TrackedConnection | None:
        """The tracker of a new connection; None: it cannot be tracked, and is used once."""
        handler = transport.get_protocol()
        if not isinstance(handler, asyncio.Protocol):
            return None
        line = TrackedConnection(transport, handler, patience, self._gone)
        line.taken = self._clock()
        return line

    def _fit(self, patience: Patience, connection: Connection, line: TrackedConnection) -> bool:
        """Whether a used connection can be used again; otherwise it is closed or watched."""
        now = self._clock()
        since = self._idle_since.pop(line, None)
        if since is None:  # its last use has not ended
            connection.close()
            return False
        idle = now - since
        if not line.quiet or _stirred(line.transport):
            patience.closed(idle, now)
            connection.close()
            return False
        patience.survived(idle)
        if idle > patience.limit(now):
            self._watch(patience, connection, line, since)
            return False
        line.patience, line.idle_s, line.taken = patience, idle, now
        return True

    def _gone(self, line: TrackedConnection) -> None:
        since = self._idle_since.pop(line, None)
        watched = self._watched.get(line.patience)
        if watched is not None and watched.line is line:
            self._unwatch(line.patience)
        if since is None:
            return
        now = self._clock()
        if now - since >= self._pace.watched_s:
            line.patience.survived(now - since)  # closed by aiohttp after its own limit
        else:
            line.patience.closed(now - since, now)

    def _watch(
        self, patience: Patience, connection: Connection, line: TrackedConnection, since: float
    ) -> None:
        left = since + self._pace.watched_s - self._clock()
        if patience in self._watched or left <= 0:
            connection.close()
            return
        self._idle_since[line] = since
        timer = asyncio.get_running_loop().call_later(left, self._outlasted, patience)
        self._watched[patience] = _Watched(connection, line, timer)

    def _outlasted(self, patience: Patience) -> None:
        patience.survived(self._pace.watched_s)
        self._unwatch(patience)

    def _unwatch(self, patience: Patience) -> None:
        connection, line, timer = self._watched.pop(patience)
        timer.cancel()
        self._idle_since.pop(line, None)
        connection.close()


class DirectPool(Pool, aiohttp.TCPConnector):
    """The pool without a proxy, or with one that aiohttp supports."""


def _stirred(transport: asyncio.Transport) -> bool:
    """Whether data, or the end of the connection, waits to be read by the loop."""
    ours = transport.get_extra_info("socket")
    if ours is not None:
        with suppress(OSError, ValueError):
            poll = select.poll()
            poll.register(ours.fileno(), select.POLLIN)
            return bool(poll.poll(0))
    return True
