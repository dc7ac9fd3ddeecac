"""The transport on aiohttp's public API, which also works with later versions of aiohttp.

aiohttp does not report when the first byte leaves.  So a request counts as begun when it gets its
connection; if it fails earlier, nothing has left.  The signals of a ``TraceConfig`` come while it
is written.  At each of them, up to the first piece of the body, the gates are checked again; a
request that is stopped there is in doubt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.connector import Connection

from broadcaster.kit.answer import Answer, read
from broadcaster.kit.connection import TrackedConnection
from broadcaster.kit.cutoff import cutoff
from broadcaster.kit.guard import Guard
from broadcaster.kit.passage import Passage, reset
from broadcaster.kit.pool import DirectPool, Pool
from broadcaster.kit.transport import CONNECT_S, Request, Transport, target

CONNECTIONS = 0
"""No limit: the account's senders are the limit, and a message marked `sending` must not wait."""
CONNECTING = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
"""No total limit: the call's own deadline cuts it off."""
_passage: ContextVar[Passage] = ContextVar("passage")


class PublicTransport(Transport):
    """``proxy``, ``guard`` and ``clock`` are those of :class:`~broadcaster.kit.http.Http`."""

    def __init__(
        self,
        proxy: str | None = None,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.proxy = proxy
        self._guard = guard
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, request: Request, passage: Passage) -> Answer:
        session = self.session()
        url = target(request.url, request.headers)
        multipart = isinstance(request.body, aiohttp.FormData)
        token = _passage.set(passage)
        try:
            with cutoff(passage.deadline):
                async with session.request(
                    request.method,
                    url,
                    params=request.params,
                    data=request.body or None,
                    headers=request.headers,
                    skip_auto_headers=() if multipart else ("Content-Type",),
                    allow_redirects=False,
                    timeout=CONNECTING,
                    trace_request_ctx=passage,
                ) as response:
                    headers = response.headers
                    answer = await read(response.status, headers, response.content)
        except BaseException:
            reset(passage.transport)
            raise
        finally:
            _passage.reset(token)
        self.pool.over(passage.line, headers)
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._guard is not None:
            await self._guard.close()

    def session(self) -> aiohttp.ClientSession:
        """The session, opened at its first use, because it needs a running loop."""
        if self._session is None:
            self.pool = self._opened()
            socks = self.proxy is None or self.proxy.startswith("socks")
            self._session = aiohttp.ClientSession(
                connector=self.pool,
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=None if socks else self.proxy,
                trace_configs=[_asking()],
            )
        return self._session

    def _opened(self) -> Pool:
        if self.proxy is None:
            return self._direct(self._guard)
        if not self.proxy.startswith("socks"):
            return self._direct(None)  # no guard: the name of the proxy comes from the config
        # here: few accounts need it
        from broadcaster.kit.socks import SOCKS_FAILURES, SocksPool

        self.failures += SOCKS_FAILURES
        # The proxy resolves names, because name servers of a filtered network lie.
        address = self.proxy.replace("socks5h://", "socks5://", 1)
        pool = SocksPool.from_url(
            address, rdns=True, limit=CONNECTIONS, clock=self._clock, handed=_handed
        )
        assert isinstance(pool, SocksPool)
        return pool

    def _direct(self, resolver: Guard | None) -> Pool:
        return DirectPool(limit=CONNECTIONS, clock=self._clock, resolver=resolver, handed=_handed)


def _handed(connection: Connection, line: TrackedConnection | None) -> None:
    """Mark the request as begun: aiohttp gets its connection, and may write at once."""
    passage = _passage.get()
    passage.transport, passage.line = connection.transport, line
    passage.begin()


def _asking() -> aiohttp.TraceConfig:
    traces = aiohttp.TraceConfig()
    traces.on_request_headers_sent.append(_last_look)
    traces.on_request_chunk_sent.append(_last_look)
    return traces


async def _last_look(
    _session: aiohttp.ClientSession, context: SimpleNamespace, params: Any
) -> None:
    """Check the gates again, at each signal up to the first piece of the body."""
    if getattr(context, "leaving", False):
        return
    context.leaving = isinstance(params, aiohttp.TraceRequestChunkSentParams)
    passage: Passage = context.trace_request_ctx
    passage.look_again()
