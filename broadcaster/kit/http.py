"""aiohttp calls whose failures are already classified by what they mean for a post.

One :class:`Http` is one account's way out: its own connections, its own proxy, no cookies, no
redirects (they would carry a token elsewhere).  The one question that decides a failure is
whether the first byte of the request had left::

    before it (no address, refused, TLS, proxy, too late)   -> Unavailable
    after it (silence, reset, half an answer, deadline)     -> OutcomeUnknown

Errors are raised outside their ``except`` block: what aiohttp raises holds the address, and with
it the token, and must not hang on as ``__context__``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import IO, Any, NamedTuple
from urllib.parse import quote_plus

import aiohttp

from broadcaster.errors import SendError, Unavailable
from broadcaster.kit.answer import ANSWER_BYTES, Answer, read
from broadcaster.kit.blame import FAILURES, classified
from broadcaster.kit.guard import Guard
from broadcaster.kit.passage import ClosedError, Passage, TooLateError, reset
from broadcaster.kit.pool import DirectPool, Pool
from broadcaster.kit.single import Single
from broadcaster.kit.wire import current
from broadcaster.model import Json

__all__ = ["ANSWER_BYTES", "PATIENCE_S", "Answer", "Http", "Part"]

CONNECT_S = 10.0
"""To reach the server: a filtered platform answers nothing at all."""
PATIENCE_S = 30.0
"""For a whole call that names no deadline.  Within its time an answer may take as long as it takes:
a server works on a file before it says a word."""
CONNECTIONS = 0
"""No limit here: an account's senders are one, and no message waits while it is marked sending."""
WORD = 64
"""Letters up to which a value is an address or a number, of which there are many."""
QUOTED = 256
"""Values of forms that are kept urlencoded: a post's text is the same for all its channels, and
to encode a long Persian one costs as much as the rest of its call (docs/benchmarks/history.md)."""


class Part(NamedTuple):
    """A file in a multipart body, streamed from the open file ``content``."""

    name: str
    content: IO[bytes] | bytes
    mime: str


_passage: ContextVar[Passage] = ContextVar("passage")


class _Request(aiohttp.ClientRequest):
    """Asks whether it may begin at the last moment: just before its first byte."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        """aiohttp calls it on an established connection; a head without a body leaves at once."""
        passage = _passage.get()
        passage.way, passage.protocol = conn.transport, conn.protocol
        if not self.body:
            passage.begin()
        return await super().send(conn)

    async def write_bytes(
        self, writer: Any, conn: aiohttp.connector.Connection, content_length: int | None = None
    ) -> None:
        """aiohttp calls it, perhaps a little later, to write head and body together."""
        try:
            _passage.get().begin()
        except (TooLateError, ClosedError) as error:
            assert conn.protocol is not None
            conn.protocol.set_exception(error)
            return
        await super().write_bytes(writer, conn, content_length)


class Http:
    """One account's connections; opened by the first call, closed by :meth:`close`.

    ``proxy`` is an ``http``, ``https``, ``socks4``, ``socks5`` or ``socks5h`` address; there is
    no falling back to a direct connection.  ``guard`` is for addresses that others have named; a
    proxy resolves names itself.  ``clock`` measures how long connections are idle.
    """

    def __init__(
        self,
        proxy: str | None = None,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proxy = proxy
        self._guard = guard
        self._clock = clock
        self._failures = FAILURES
        self._session: aiohttp.ClientSession | None = None
        self._pool: Pool  # once there is a session
        self._single = Single(connect_s=CONNECT_S)

    async def post(
        self,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        body: Json = None,
        raw: bytes | None = None,
        files: Mapping[str, Part] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Send ``data`` urlencoded, ``data`` and ``files`` as multipart, ``body`` as JSON, or
        ``raw`` as it is.

        ``deadline`` is a ``time.monotonic()`` value: no byte leaves after it.

        :raises Unavailable: no byte has left.
        :raises OutcomeUnknown: one has, and no whole answer came back.
        """
        if files:
            form = _multipart(data or {}, files)
            return await self._call("POST", url, deadline, data=form, headers=headers)
        content, kind = _content(data, body, raw)
        headers = {"Content-Type": kind, **(headers or {})} if kind else headers or {}
        if self._proxy and not self._proxy.startswith("socks"):  # its first line is another
            return await self._call("POST", url, deadline, data=content, headers=headers)

        single = partial(self._single.post, url=url, body=content, headers=headers)
        return await self._carry(single, deadline)

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Fetch ``url``; raises as :meth:`post`."""
        return await self._call("GET", url, deadline, params=params, headers=headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._guard is not None:
            await self._guard.close()

    async def _call(self, method: str, url: str, deadline: float | None, **request: Any) -> Answer:
        async def whole(session: aiohttp.ClientSession, passage: Passage, left: float) -> Answer:
            timeout = aiohttp.ClientTimeout(
                total=left,
                sock_connect=CONNECT_S,
                ceil_threshold=math.inf,  # aiohttp would round the deadline up to a whole second
            )
            token = _passage.set(passage)
            try:
                async with session.request(
                    method, url, allow_redirects=False, timeout=timeout, **request
                ) as response:
                    self._pool.told(passage.protocol, response.headers)
                    return await read(response.status, response.headers, response.content)
            except BaseException:
                reset(passage.way)
                raise
            finally:
                _passage.reset(token)

        return await self._carry(whole, deadline)

    async def _carry(
        self,
        call: Callable[[aiohttp.ClientSession, Passage, float], Awaitable[Answer]],
        deadline: float | None,
    ) -> Answer:
        """``call`` with the seconds that are left; its failures classified."""
        now = time.monotonic()
        passage = Passage(now + PATIENCE_S if deadline is None else deadline)
        if passage.deadline <= now:
            raise Unavailable("too late: the time for this call was over before it began")
        if reason := current().closed():
            raise Unavailable(f"nothing may leave any more: {reason}")
        session = self._session = self._session or self._open()
        failure: SendError
        try:
            return await call(session, passage, passage.deadline - now)
        except self._failures as error:
            if passage.begun:
                self._pool.broke(passage.protocol)
            failure = classified(error, begun=passage.begun)
        raise failure

    def _open(self) -> aiohttp.ClientSession:
        proxy = self._proxy
        if proxy and proxy.startswith("socks"):
            # imported here: few accounts need it
            from broadcaster.kit.socks import SOCKS_FAILURES, SocksPool

            self._failures += SOCKS_FAILURES
            # name resolution is left to the proxy: a filtered network lies about names
            address = proxy.replace("socks5h://", "socks5://", 1)
            pool = SocksPool.from_url(address, rdns=True, limit=CONNECTIONS, clock=self._clock)
            assert isinstance(pool, SocksPool)
            self._pool = pool
            proxy = None
        else:
            resolver = self._guard if proxy is None else None  # the proxy's own name is ours
            self._pool = DirectPool(limit=CONNECTIONS, clock=self._clock, resolver=resolver)
        return aiohttp.ClientSession(
            connector=self._pool,
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy,
            request_class=_Request,
        )


def _content(
    data: Mapping[str, str] | None, body: Json, raw: bytes | None
) -> tuple[bytes, str | None]:
    """The bytes of a body without files, and their type."""
    if raw is not None:
        return raw, None
    if data is not None:
        return _urlencoded(data), "application/x-www-form-urlencoded"
    if body is not None:
        return json.dumps(body).encode("ascii"), "application/json"
    return b"", None


def _urlencoded(data: Mapping[str, str]) -> bytes:
    pairs = [f"{_quoted_word(name)}={_quoted(value)}" for name, value in data.items()]
    return "&".join(pairs).encode("ascii")


def _quoted(value: str) -> str:
    return _quoted_word(value) if len(value) <= WORD else _quoted_text(value)


_quoted_text, _quoted_word = lru_cache(QUOTED)(quote_plus), lru_cache(16 * QUOTED)(quote_plus)


def _multipart(data: Mapping[str, str], files: Mapping[str, Part]) -> aiohttp.FormData:
    # unquoted: servers show a percent-encoded name as it stands, and ours are Persian
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.items():
        form.add_field(name, value)
    for name, part in files.items():
        shown = "".join(each for each in part.name if each.isprintable() or each == "\u200c")
        form.add_field(name, part.content, filename=shown, content_type=part.mime)
    return form
