"""Tracks whether a byte of the current call may have left, and whether one may leave at all.

The engine opens a :class:`Wire` around each call of an adapter; the kit touches it just before the
first byte.  If a call fails on an untouched wire, nothing was posted, whatever the error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import NamedTuple


class WireExchange(NamedTuple):
    """One request as it was sent, and its answer; the token stands wherever the platform has it.

    ``form`` and ``files`` are set for a multipart body only, ``body`` for any other.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes
    form: Mapping[str, str]
    files: Mapping[str, tuple[str, str, int]]
    """Part -> name, MIME type and bytes of the file."""
    status: int | None
    """None: there was no whole answer, and ``failure`` says why."""
    answer: bytes
    retry_after: float | None
    location: str
    failure: str


@dataclass(slots=True)
class Wire:
    """The state of one call; changed in place, so that all tasks of the call share it."""

    touched: bool = False
    begun_at: float | None = None
    """``time.monotonic()`` of the first byte."""
    closed: Callable[[], str] = lambda: ""
    """Returns why no request may begin; empty: it may.  Called before the first byte of each."""
    heard: Callable[[WireExchange], None] | None = None
    """Called with each request and its answer, or its failure."""

    def touch(self) -> None:
        """Note that a byte is about to leave; only the first one counts."""
        if not self.touched:
            self.touched, self.begun_at = True, time.monotonic()


_current: ContextVar[Wire | None] = ContextVar("wire", default=None)


class watch:  # noqa: N801 (used like a function; a generator would cost four times as much)
    """Makes calls within the block, and the tasks they start, report to ``wire``."""

    __slots__ = ("_token", "_wire")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __enter__(self) -> Wire:
        self._token: Token[Wire | None] = _current.set(self._wire)
        return self._wire

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def current() -> Wire:
    """The wire of the running call, or an unused one outside of a call."""
    return _current.get() or Wire()
