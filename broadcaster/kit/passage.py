"""One request on its way: whether it may begin, asked just before its first byte, and whether it
has."""

from __future__ import annotations

import time
from dataclasses import dataclass

from broadcaster.kit.wire import current


class TooLateError(Exception):
    """The time for the call was over before its first byte."""


class ClosedError(Exception):
    """Nothing may leave any more: it was switched off or halted."""


@dataclass(slots=True)
class Passage:
    """``deadline`` is a ``time.monotonic()`` value."""

    deadline: float
    begun: bool = False

    def begin(self) -> None:
        """The caller writes its first byte right after this, without giving way to another task.

        :raises TooLateError: nothing may be written.
        :raises ClosedError: likewise.
        """
        if time.monotonic() >= self.deadline:
            raise TooLateError
        wire = current()
        if wire.closed():
            raise ClosedError
        self.begun = True
        wire.touch()
