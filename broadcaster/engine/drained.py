"""The outcome of one ``daemon --drain``."""

from __future__ import annotations

from broadcaster.model import State


class Drained:
    """The last state of each delivery of the run."""

    def __init__(self) -> None:
        self._states: dict[int, State] = {}

    def note(self, delivery: int, state: State) -> None:
        self._states[delivery] = state

    @property
    def exit_code(self) -> int:
        """0: all delivered; 4: at least one is unknown; 3: at least one is not delivered."""
        states = set(self._states.values())
        if State.UNKNOWN in states:
            return 4
        return 3 if states - {State.DELIVERED} else 0
