"""How quickly one caller may ask: so many at once, then so many a second (GCRA)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

PEOPLE = 10_000
"""Callers that are remembered; those that have rested are forgotten first."""


@dataclass(slots=True)
class Rates:
    """One pace for each key, whoever it stands for."""

    per_s: float = 20.0
    burst: int = 100
    clock: Callable[[], float] = time.monotonic
    _due: dict[str, float] = field(default_factory=dict)
    """Key -> when all that it has asked is worked off at its pace."""

    def wait(self, key: str) -> float:
        """Take one request of ``key``; else how many seconds it has to wait first."""
        now = self.clock()
        due = max(self._due.get(key, now), now)
        early = due - now - (self.burst - 1) / self.per_s
        if early > 1e-9:
            return early
        self._due[key] = due + 1 / self.per_s
        if len(self._due) > PEOPLE:
            self._due = {name: at for name, at in self._due.items() if at > now}
        return 0.0
