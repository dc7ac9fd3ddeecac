"""aiohttp's pool of connections, out of which only those come that the server surely still holds.

One of each server's that have been idle for too long is kept, unused, to see when the server closes
it: so a server's time is learnt without any risk to a post.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from broadcaster.kit.patience import Pace, Patience

SERVERS = 64
"""Remembered; an account talks to a few."""


class _Use(NamedTuple):
    patience: Patience
    idle: float
    """How long the connection had been idle before; 0: it was new."""


class _Watched(NamedTuple):
    connection: Connection
    timer: asyncio.TimerHandle


class Pool(aiohttp.BaseConnector):
    """Mixed into a connector; ``clock`` and ``pace`` are for tests."""

    def __init__(
        self,
        *args: Any,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        self._pace = pace or Pace()
        self._clock = clock
        self._patiences: dict[tuple[str, str], Patience] = {}
        self._uses: WeakKeyDictionary[ResponseHandler, _Use] = WeakKeyDictionary()
        self._idle_since: WeakKeyDictionary[ResponseHandler, float] = WeakKeyDictionary()
        self._watched: dict[Patience, _Watched] = {}
        super().__init__(*args, keepalive_timeout=self._pace.watched_s, **options)

    async def connect(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """A new connection, or one that is surely good: nothing came unasked while it was idle,
        which would pass for the answer, and the server will not close it before it is asked."""
        patience = self._patience(req)
        to_proxy = None if req.proxy_headers is None else req.proxy_headers.copy()
        while True:
            if to_proxy is not None:  # aiohttp changes them, and finds its connections by them
                req.proxy_headers = to_proxy.copy()
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None:
                return connection
            now = self._clock()
            since = self._idle_since.pop(protocol, None)
            idle = 0.0 if since is None else now - since
            if since is None:
                self._follow(patience, protocol)
            elif protocol.should_close or _stirred(connection.transport):
                patience.closed(idle, now)
                connection.close()
                continue
            else:
                patience.survived(idle)
                if idle > patience.limit(now):
                    self._watch(patience, connection, protocol, since)
                    continue
            self._uses[protocol] = _Use(patience, idle)
            connection.add_callback(partial(self._released, patience, protocol, now))
            return connection

    def told(self, protocol: ResponseHandler | None, headers: Mapping[str, str]) -> None:
        """What an answer says of the connection that it came by."""
        said = headers.get("Keep-Alive")
        if said and protocol is not None and (use := self._uses.get(protocol)):
            use.patience.declared(said)

    def broke(self, protocol: ResponseHandler | None) -> None:
        """A request left by this connection, and was not answered."""
        if protocol is not None and (use := self._uses.get(protocol)):
            use.patience.broke(use.idle, self._clock())

    def close(self, **options: Any) -> Any:
        self._idle_since.clear()  # what is closed from now on is closed by us
        for patience in [*self._watched]:
            self._unwatch(patience)
        return super().close(**options)

    def _patience(self, req: aiohttp.ClientRequest) -> Patience:
        server = req.url.scheme, req.url.raw_authority
        found = self._patiences.get(server)
        if found is None:
            if len(self._patiences) >= SERVERS:
                self._patiences.clear()
            found = self._patiences[server] = Patience(self._pace)
        return found

    def _released(self, patience: Patience, protocol: ResponseHandler, taken: float) -> None:
        """Called for good ends and bad ones, before aiohttp pools or closes the connection."""
        if protocol.is_connected() and not protocol.should_close:
            now = self._clock()
            patience.exchanged(now - taken)
            self._idle_since[protocol] = now

    def _follow(self, patience: Patience, protocol: ResponseHandler) -> None:
        if (closed := protocol.closed) is not None:
            closed.add_done_callback(partial(self._gone, patience, protocol))

    def _gone(
        self, patience: Patience, protocol: ResponseHandler, closed: asyncio.Future[None]
    ) -> None:
        if not closed.cancelled():
            closed.exception()  # looked at, or asyncio would report it
        since = self._idle_since.pop(protocol, None)
        watched = self._watched.get(patience)
        if watched is not None and watched.connection.protocol is protocol:
            self._unwatch(patience)
        if since is None:
            return
        now = self._clock()
        if now - since >= self._pace.watched_s:
            patience.survived(now - since)  # closed by aiohttp, for its time was over
        else:
            patience.closed(now - since, now)

    def _watch(
        self, patience: Patience, connection: Connection, protocol: ResponseHandler, since: float
    ) -> None:
        left = since + self._pace.watched_s - self._clock()
        if patience in self._watched or left <= 0:
            connection.close()
            return
        self._idle_since[protocol] = since
        timer = asyncio.get_running_loop().call_later(left, self._outlasted, patience)
        self._watched[patience] = _Watched(connection, timer)

    def _outlasted(self, patience: Patience) -> None:
        patience.survived(self._pace.watched_s)
        self._unwatch(patience)

    def _unwatch(self, patience: Patience) -> None:
        connection, timer = self._watched.pop(patience)
        timer.cancel()
        if connection.protocol is not None:
            self._idle_since.pop(connection.protocol, None)
        connection.close()


class DirectPool(Pool, aiohttp.TCPConnector):
    """Without a proxy, or through one that aiohttp knows itself."""


def _stirred(transport: asyncio.Transport | None) -> bool:
    """Whether something has come that the loop has not read yet, such as the end."""
    ours = None if transport is None else transport.get_extra_info("socket")
    if ours is not None:
        with suppress(OSError, ValueError):
            poll = select.poll()
            poll.register(ours.fileno(), select.POLLIN)
            return bool(poll.poll(0))
    return True
