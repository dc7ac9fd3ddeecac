"""Whether a byte of the current call may have left this machine, and whether one may leave at all.

The engine opens a :class:`Wire` around each call of an adapter; the kit's session touches it just
before the first byte.  An error on an untouched wire is surely not a post, whatever it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Wire:
    """What one call has put on the wire; changed in place, so that its tasks share it."""

    touched: bool = False
    begun_at: float | None = None
    """``time.monotonic()`` of the first byte."""
    closed: Callable[[], str] = lambda: ""
    """Why no request may begin any more; empty: it may.  Asked before the first byte of each."""

    def touch(self) -> None:
        """Note that a byte is about to leave; only the first one counts."""
        if not self.touched:
            self.touched, self.begun_at = True, time.monotonic()


_current: ContextVar[Wire | None] = ContextVar("wire", default=None)


@contextmanager
def watch(wire: Wire) -> Iterator[Wire]:
    """Let the calls inside, and the tasks they start, report to ``wire``."""
    token = _current.set(wire)
    try:
        yield wire
    finally:
        _current.reset(token)


def current() -> Wire:
    """The wire of the running call, or one that nobody watches."""
    return _current.get() or Wire()
