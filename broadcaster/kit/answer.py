"""Reads answers of servers within bounds of size and time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp

from broadcaster import outside
from broadcaster.language import say
from broadcaster.model import Json

ANSWER_BYTES = 4 * 1024 * 1024
"""Longest answer that is read; answers of platforms have a few kilobytes, pages some hundred."""
DIGITS = 21
"""Longest whole number that is read exactly, with its sign: 64 bits.  The time to read one grows
with the square of its length, and Python refuses more than 4,300 digits."""
FRACTION = 40
"""Longest number with a point or an exponent, in characters."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Answer(NamedTuple):
    """The answer of a server; ``retry_after`` is that of the header, in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None
    location: str = ""
    """The address of a redirect."""

    def json(self) -> Json:
        """The body as JSON, with cleaned strings; None: it is not JSON."""
        try:
            text = self.body.decode(json.detect_encoding(self.body), "surrogatepass")
            return _harmless(_DECODER.decode(text))
        except (ValueError, RecursionError):
            return None

    @property
    def text(self) -> str:
        return _CONTROL.sub("", self.body.decode("utf-8", "replace"))


async def read(status: int, headers: Mapping[str, str], content: aiohttp.StreamReader) -> Answer:
    """Read a whole answer.

    :raises aiohttp.ClientPayloadError: it is longer than :data:`ANSWER_BYTES`.
    """
    body = b""
    while not content.at_eof():
        body += await content.readany()
        if len(body) > ANSWER_BYTES:
            raise aiohttp.ClientPayloadError(say("longer than any honest answer"))
    named = headers.get("Retry-After")
    wait = None if named is None else _seconds(named.strip())
    return Answer(status, body, wait, headers.get("Location", ""))


def _integer(digits: str) -> int | float:
    """The number; infinite if it is absurdly long, so that it is no id and no time."""
    return int(digits) if len(digits) <= DIGITS else float("-inf" if digits[0] == "-" else "inf")


def _fraction(number: str) -> float:
    return float(number) if len(number) <= FRACTION else float("nan")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_fraction)
"""Made once, because ``json.loads`` with these options makes a new one for each answer."""


def _harmless(value: Json) -> Json:
    if isinstance(value, str):
        return outside.whole(value)
    if isinstance(value, dict):
        return {outside.whole(name): _harmless(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    return value


def _seconds(header: str) -> float | None:
    if header.isascii() and header.isdigit():
        return outside.wait(header)
    try:
        moment = parsedate_to_datetime(header)
        left = (moment - datetime.now(UTC)).total_seconds() if moment.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if left is None else min(max(0.0, left), outside.LONGEST_WAIT_S)
