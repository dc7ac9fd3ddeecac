"""HTTP calls whose failures are classified by what they mean for a post.

One :class:`Http` serves one account, with its own connections and proxy, without cookies and
redirects (which would carry a token elsewhere).  A failure is classified by whether the first byte
of the request had left::

    before it (no address, refused, TLS, proxy, too late)   -> Unavailable
    after it (silence, reset, half an answer, deadline)     -> OutcomeUnknown

Errors are raised outside the ``except`` block.  Otherwise aiohttp's exception, which contains the
address and so the token, would stay attached as ``__context__``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import IO, Any, NamedTuple
from urllib.parse import quote_plus

import aiohttp

from broadcaster.errors import SendError, Unavailable
from broadcaster.kit.answer import ANSWER_BYTES, Answer
from broadcaster.kit.blame import classified
from broadcaster.kit.fits import transport
from broadcaster.kit.guard import Guard
from broadcaster.kit.passage import Passage
from broadcaster.kit.transport import Request, Transport
from broadcaster.kit.wire import WireExchange, current
from broadcaster.language import say
from broadcaster.model import Json

__all__ = ["ANSWER_BYTES", "PATIENCE_S", "Answer", "FilePart", "Http"]

PATIENCE_S = 30.0
"""Seconds for a whole call without a deadline.  There is no separate limit on the answer, because a
server processes a file before it answers."""
NOTHING: Mapping[str, Any] = {}
WORD = 64
"""Longest value that is not kept urlencoded: addresses and numbers, of which there are many."""
QUOTED = 256
"""Number of form values that are kept urlencoded.  A post's text is the same for all its channels,
and encoding a long Persian one costs as much as the rest of its call
(docs/benchmarks/history.md)."""


class FilePart(NamedTuple):
    """A file in a multipart body, streamed from the open file ``content``."""

    name: str
    content: IO[bytes] | bytes
    mime: str


class Http:
    """One account's connections; opened by the first call, closed by :meth:`close`.

    ``proxy`` is an ``http``, ``https``, ``socks4``, ``socks5`` or ``socks5h`` address; it is never
    bypassed by a direct connection.  ``guard`` checks addresses that platforms have named; with a
    proxy it has no effect, since the proxy resolves names.  ``clock`` measures idle connections.
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
        self._transport: Transport | None = None

    async def post(
        self,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        body: Json = None,
        raw: bytes | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Send ``data`` urlencoded, ``data`` with ``files`` as multipart, ``body`` as JSON, or
        ``raw`` unchanged.

        ``deadline`` is a ``time.monotonic()`` value: no byte leaves after it.

        :raises Unavailable: no byte has left.
        :raises OutcomeUnknown: a byte has left, and no whole answer came back.
        """
        if files:
            listed = _listed(files) if current().heard else {}
            request = Request("POST", url, headers or {}, _multipart(data or {}, files))
            return await self._carry(request, deadline, data or {}, listed)
        content, kind = _content(data, body, raw)
        headers = {"Content-Type": kind, **(headers or {})} if kind else headers or {}
        return await self._carry(Request("POST", url, headers, content), deadline)

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Fetch ``url``; raises as :meth:`post`."""
        return await self._carry(Request("GET", url, headers or {}, params=params), deadline)

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    async def _carry(
        self,
        request: Request,
        deadline: float | None,
        form: Mapping[str, str] = NOTHING,
        files: Mapping[str, tuple[str, str, int]] = NOTHING,
    ) -> Answer:
        """Send ``request`` and return the answer; classifies failures.

        ``form``, ``files``: the content of a multipart body, for the listener of the wire.
        """
        now = time.monotonic()
        passage = Passage(now + PATIENCE_S if deadline is None else deadline)
        if passage.deadline <= now:
            raise Unavailable(say("too late: the time for this call was over before it began"))
        if reason := current().closed():
            raise Unavailable(say("nothing may leave any more: {reason}", reason=reason))
        carrier = self._transport
        if carrier is None:
            made = await transport(self._proxy, guard=self._guard, clock=self._clock)
            carrier = self._transport = self._transport or made
        failure: SendError
        try:
            answer = await carrier.exchange(request, passage)
        except carrier.failures as error:
            if passage.begun:
                carrier.pool.broke(passage.line)
            failure = classified(passage.refused or error, begun=passage.begun)
        else:
            if heard := current().heard:
                heard(_exchange(request, form, files, answer, ""))
            return answer
        if heard := current().heard:
            heard(_exchange(request, form, files, None, failure.detail))
        raise failure


def _exchange(
    request: Request,
    form: Mapping[str, str],
    files: Mapping[str, tuple[str, str, int]],
    answer: Answer | None,
    failure: str,
) -> WireExchange:
    return WireExchange(
        method=request.method,
        url=request.url,
        headers=request.headers,
        params=request.params or {},
        body=request.body if isinstance(request.body, bytes) else b"",
        form=form,
        files=files,
        status=answer.status if answer else None,
        answer=answer.body if answer else b"",
        retry_after=answer.retry_after if answer else None,
        location=answer.location if answer else "",
        failure=failure,
    )


def _listed(files: Mapping[str, FilePart]) -> dict[str, tuple[str, str, int]]:
    """Name, type and size of each, before they are read."""
    return {name: (part.name, part.mime, _size(part.content)) for name, part in files.items()}


def _size(content: IO[bytes] | bytes) -> int:
    return len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size


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


def _multipart(data: Mapping[str, str], files: Mapping[str, FilePart]) -> aiohttp.FormData:
    # Unquoted, because servers show a percent-encoded name unchanged, and our names are Persian.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.items():
        form.add_field(name, value)
    for name, part in files.items():
        shown = "".join(
            letter for letter in part.name if letter.isprintable() or letter == "\u200c"
        )
        form.add_field(name, part.content, filename=shown, content_type=part.mime)
    return form
