"""What carries one request to a server and brings the answer back.

There are two: :class:`~broadcaster.kit.public.PublicTransport` knows of aiohttp what is documented,
:class:`~broadcaster.kit.direct.DirectTransport` is faster and knows more.  Both keep one contract::

    no byte leaves after the passage's deadline, or once nothing may leave
    ``passage.begun`` is false only where certainly no byte has left
    after a failure nothing of the request leaves any more
    no redirects, no cookies, no proxy but its own, and an answer of bounded size
    a connection is used again only where nothing but the answer came by it, and in good time
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from yarl import URL

from broadcaster.kit.answer import Answer
from broadcaster.kit.blame import FAILURES
from broadcaster.kit.passage import Passage
from broadcaster.kit.pool import Pool

CONNECT_S = 10.0
"""To reach the server: a filtered platform answers nothing at all."""


class Request(NamedTuple):
    """``body``: bytes as they are, or a form that aiohttp encodes while it streams its files."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | aiohttp.FormData = b""
    params: Mapping[str, str] | None = None


class Transport(ABC):
    """One account's connections; opened by the first request, closed by :meth:`close`."""

    failures: tuple[type[Exception], ...] = FAILURES
    """All that :meth:`exchange` may raise; anything else is a bug."""
    pool: Pool
    """Once something was sent."""

    @abstractmethod
    async def exchange(self, request: Request, passage: Passage) -> Answer:
        """The answer to ``request``; ``passage`` says afterwards whether it may have left."""

    @abstractmethod
    async def close(self) -> None: ...


def target(url: str, headers: Mapping[str, str]) -> URL:
    """Where a request goes.

    :raises aiohttp.InvalidURL: it cannot be called.
    :raises ValueError: a header would break the request.
    """
    try:
        parsed = URL(url)
    except ValueError:
        raise aiohttp.InvalidURL(url) from None
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host or parsed.user:
        raise aiohttp.InvalidURL(url)
    for header in headers.items():
        if set("".join(header)) & {"\r", "\n", "\0"}:
            raise ValueError("a header holds a line break")
    return parsed
