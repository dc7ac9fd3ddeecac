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
import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import IO, Any, NamedTuple
from urllib.parse import quote_plus

import aiohttp

from broadcaster.errors import OutcomeUnknown, SendError, Unavailable
from broadcaster.kit.wire import current
from broadcaster.model import Json

ANSWER_BYTES = 4 * 1024 * 1024
"""Longest answer that is read; the platforms' are a few kilobytes, reader pages some hundred."""
CONNECT_S = 10.0
"""To reach the server: a filtered platform answers nothing at all."""
SILENCE_S = 25.0
"""Longest wait for the next byte of an answer."""
PATIENCE_S = 30.0
"""For a whole call that names no deadline."""
KEEP_ALIVE_S = 10.0
"""Below the servers' own: a POST on a connection that the server is closing is in doubt."""
CONNECTIONS = 0
"""No limit here: an account's senders are one, and no message waits while it is marked sending."""
QUOTED = 256
"""Values of forms that are kept urlencoded: a post's text is the same for all its channels, and
to encode a long Persian one costs as much as the rest of its call (docs/performance.md)."""


class Part(NamedTuple):
    """A file in a multipart body, streamed from the open file ``content``."""

    name: str
    content: IO[bytes] | bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; ``retry_after`` is the header's, in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None

    def json(self) -> Json:
        """The body as JSON; None where it is none."""
        try:
            found: Json = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(slots=True)
class _Passage:
    """One request on its way: it begins just before its first byte."""

    deadline: float
    begun: bool = False

    def begin(self) -> None:
        if time.monotonic() >= self.deadline:
            raise _TooLateError
        wire = current()
        if wire.closed():
            raise _ClosedError
        self.begun = True
        wire.touch()


class _TooLateError(Exception):
    pass


class _ClosedError(Exception):
    pass


_passage: ContextVar[_Passage] = ContextVar("passage")


class _Request(aiohttp.ClientRequest):
    """Asks whether it may begin at the last moment: just before its first byte.

    Cheaper than a trace, which runs a chain of signals for every step of every request.
    """

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        """aiohttp calls it on an established connection; a head without a body leaves at once."""
        if not self.body:
            _passage.get().begin()
        return await super().send(conn)

    async def write_bytes(
        self, writer: Any, conn: aiohttp.connector.Connection, content_length: int | None = None
    ) -> None:
        """aiohttp calls it, perhaps a little later, to write head and body together."""
        try:
            _passage.get().begin()
        except (_TooLateError, _ClosedError) as error:
            assert conn.protocol is not None
            conn.protocol.set_exception(error)
            return
        await super().write_bytes(writer, conn, content_length)


class Http:
    """One account's connections; opened by the first call, closed by :meth:`close`.

    ``proxy`` is an ``http``, ``https``, ``socks4``, ``socks5`` or ``socks5h`` address; there is
    no falling back to a direct connection.
    """

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._failures: tuple[type[Exception], ...] = (
            aiohttp.ClientError,
            OSError,
            EOFError,  # a socks proxy that hangs up
            _TooLateError,
            _ClosedError,
        )
        self._session: aiohttp.ClientSession | None = None

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
        form: object = raw
        if files:
            form = _multipart(data or {}, files)
        elif data is not None and raw is None:
            form, headers = _urlencoded(data), {**_FORM, **(headers or {})}
        return await self._call("POST", url, deadline, data=form, json=body, headers=headers)

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

    async def _call(self, method: str, url: str, deadline: float | None, **request: Any) -> Answer:
        now = time.monotonic()
        passage = _Passage(now + PATIENCE_S if deadline is None else deadline)
        if passage.deadline <= now:
            raise Unavailable("too late: the time for this call was over before it began")
        if reason := current().closed():
            raise Unavailable(f"nothing may leave any more: {reason}")
        timeout = aiohttp.ClientTimeout(
            total=passage.deadline - now,
            sock_connect=CONNECT_S,
            sock_read=SILENCE_S,
            ceil_threshold=math.inf,  # aiohttp would round the deadline up to a whole second
        )
        session = self._session = self._session or self._open()
        token = _passage.set(passage)
        failure: SendError
        try:
            async with session.request(
                method, url, allow_redirects=False, timeout=timeout, **request
            ) as response:
                return await _read(response)
        except self._failures as error:
            failure = _classified(error, begun=passage.begun)
        finally:
            _passage.reset(token)
        raise failure

    def _open(self) -> aiohttp.ClientSession:
        proxy, connector = self._proxy, None
        pool: dict[str, Any] = {"limit": CONNECTIONS, "keepalive_timeout": KEEP_ALIVE_S}
        if proxy and proxy.startswith("socks"):
            # imported here: few accounts need it
            from aiohttp_socks import (
                ProxyConnectionError,
                ProxyConnector,
                ProxyError,
                ProxyTimeoutError,
            )

            # name resolution is left to the proxy: a filtered network lies about names
            address = proxy.replace("socks5h://", "socks5://", 1)
            connector = ProxyConnector.from_url(address, rdns=True, **pool)
            self._failures += (ProxyConnectionError, ProxyError, ProxyTimeoutError)
            proxy = None
        return aiohttp.ClientSession(
            connector=connector or aiohttp.TCPConnector(**pool),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy,
            request_class=_Request,
        )


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _urlencoded(data: Mapping[str, str]) -> bytes:
    pairs = (f"{_quoted(name)}={_quoted(value)}" for name, value in data.items())
    return "&".join(pairs).encode("ascii")


_quoted = lru_cache(QUOTED)(quote_plus)


def _multipart(data: Mapping[str, str], files: Mapping[str, Part]) -> aiohttp.FormData:
    # unquoted: servers show a percent-encoded name as it stands, and ours are Persian
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.items():
        form.add_field(name, value)
    for name, part in files.items():
        shown = "".join(each for each in part.name if each.isprintable() or each == "\u200c")
        form.add_field(name, part.content, filename=shown, content_type=part.mime)
    return form


async def _read(response: aiohttp.ClientResponse) -> Answer:
    content, body = response.content, b""
    while chunk := await content.readany():
        body += chunk
        if len(body) > ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("longer than any honest answer")
    wait = response.headers.get("Retry-After")
    return Answer(response.status, body, _seconds(wait.strip()) if wait else None)


def _seconds(header: str) -> float | None:
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def _classified(error: Exception, *, begun: bool) -> SendError:
    if begun:
        return OutcomeUnknown(f"the request left, but {_after(error)}; it may have been posted")
    return Unavailable(f"{_before(error)}; nothing was sent")


def _before(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the server's name could not be resolved: check base_url and the network"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "the proxy could not be reached or refused: check proxy"
        case ssl.SSLError() | aiohttp.ClientSSLError() | ssl.CertificateError():
            return "no secure connection (TLS) could be made: something in between may interfere"
        case _TooLateError():
            return "the time for this call was over before its first byte"
        case _ClosedError():
            return "it was switched off or halted before its first byte"
        case TimeoutError():
            return "the server could not be reached in time: check the network and proxy"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "the address to call is no valid one: check base_url"
    return "the server could not be reached: check base_url, the network and proxy"


def _after(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "no answer came in time"
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return "its answer could not be read"
    return "the connection broke before an answer came"
