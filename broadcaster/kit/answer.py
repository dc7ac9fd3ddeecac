"""What a server said, and how it is read: bounded, whatever it sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp

from broadcaster.model import Json

ANSWER_BYTES = 4 * 1024 * 1024
"""Longest answer that is read; the platforms' are a few kilobytes, reader pages some hundred."""


class Answer(NamedTuple):
    """What a server said; ``retry_after`` is the header's, in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None
    location: str = ""
    """Where a redirect leads."""

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


async def read(status: int, headers: Mapping[str, str], content: aiohttp.StreamReader) -> Answer:
    """The whole of an answer.

    :raises aiohttp.ClientPayloadError: it is longer than :data:`ANSWER_BYTES`.
    """
    body = b""
    while not content.at_eof():
        body += await content.readany()
        if len(body) > ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("longer than any honest answer")
    wait = headers.get("Retry-After")
    retry_after = None if wait is None else _seconds(wait.strip())
    return Answer(status, body, retry_after, headers.get("Location", ""))


def _seconds(header: str) -> float | None:
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
