"""What a decision works with, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from broadcaster.errors import Refused
from broadcaster.model import Door, Micros
from broadcaster.store.changing import Changed
from broadcaster.store.queue import lanes
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.deliveries import Stored, save
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.queue.succession import follow

ELSEWHERE = "the post has nothing there for this"


@dataclass(frozen=True, slots=True)
class Context:
    cx: Database
    renderings: Renderings
    by: str
    now: Micros
    door: str = Door.DAEMON.value

    def move(self, moves: Sequence[tuple[Stored, Stored]]) -> None:
        """Save, let successors go on, and set the clocks of the lanes."""
        save(self.cx, moves)
        follow(self.cx, self.renderings, [new for _, new in moves], self.now)
        lanes.wake(self.cx, {old.lane for old, _ in moves})


@dataclass(slots=True)
class Outcome:
    """What was done where; nothing anywhere is a refusal that says why."""

    deliveries: list[int] = field(default_factory=list)
    channels: dict[str, None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def did(self, row: Stored, delivery: int | None = None) -> None:
        self.deliveries.append(delivery or row.id)
        self.channels[row.channel] = None

    def elsewhere(self, channels: Iterable[str] | None) -> None:
        """Refuse the named channels that nothing was found for."""
        for channel in channels or ():
            if channel not in self.channels:
                self.refused.setdefault(channel, ELSEWHERE)

    def end(self, nothing: str) -> Changed:
        """:raises Refused: nothing was done at all."""
        if not self.channels:
            reasons = "; ".join(f"{name}: {why}" for name, why in self.refused.items())
            raise Refused(reasons or nothing, channels=self.refused)
        return Changed(
            deliveries=tuple(self.deliveries),
            channels=tuple(self.channels),
            refused={k: why for k, why in self.refused.items() if k not in self.channels},
        )
