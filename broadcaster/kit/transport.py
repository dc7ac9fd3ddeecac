"""The interface of transports, which send one request to a server and return the answer.

There are two: :class:`~broadcaster.kit.public.PublicTransport` uses the documented API of aiohttp,
:class:`~broadcaster.kit.direct.DirectTransport` is faster and uses internals.  Their contract::

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
"""Seconds to connect to the server: a filtered platform does not answer at all."""


class Request(NamedTuple):
    """A request; ``body``: bytes, or a form that aiohttp encodes while it streams the files."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | aiohttp.FormData = b""
    params: Mapping[str, str] | None = None


class Transport(ABC):
    """One account's connections; opened by the first request, closed by :meth:`close`."""

    failures: tuple[type[Exception], ...] = FAILURES
    """The exceptions that :meth:`exchange` may raise; any other one is a bug."""
    pool: Pool
    """The pool; set by the first request."""

    @abstractmethod
    async def exchange(self, request: Request, passage: Passage) -> Answer:
        """Send ``request``; afterwards ``passage`` tells whether a byte may have left."""

    @abstractmethod
    async def close(self) -> None: ...


def target(url: str, headers: Mapping[str, str]) -> URL:
    """The URL of a request, with its headers checked.

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
