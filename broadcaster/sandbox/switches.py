"""Behaviour that the platforms' documents leave open, or that a test wants: on switches."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from broadcaster.errors import InputError


@dataclass(frozen=True, slots=True)
class Switch:
    """One choice; without ``values`` it takes any number from 0 on."""

    name: str
    default: str
    about: str
    values: tuple[str, ...] = ()

    def check(self, value: str) -> str | None:
        """What is wrong with ``value``, None if nothing."""
        if self.values:
            return None if value in self.values else f"takes {' | '.join(self.values)}"
        try:
            return None if float(value) >= 0 else "takes a number from 0 on"
        except ValueError:
            return "takes a number"


WORKS = ("work", "ignored")
COMMON = (
    Switch("edits", "work", "ignored: an edit is accepted, and changes nothing", WORKS),
    Switch("recalls", "work", "ignored: a recall is accepted, and the message stays", WORKS),
    Switch("pins", "work", "ignored: a pin is accepted, and nothing is pinned", WORKS),
    Switch("silence", "works", "ignored: a silent message makes a sound", ("works", "ignored")),
    Switch("longest_text", "0", "most characters of a text; 0: what the platform's documents say"),
)
"""Of every platform: how it may differ from what it promises."""


class Switches:
    """The switches of all platforms, and how they stand."""

    def __init__(self, known: Mapping[str, Iterable[Switch]]) -> None:
        self._known = {
            (platform, switch.name): switch
            for platform, switches in known.items()
            for switch in switches
        }
        self._set: dict[tuple[str, str], str] = {}

    def get(self, platform: str, name: str) -> str:
        return self._set.get((platform, name), self._known[platform, name].default)

    def values(self, platform: str, name: str) -> tuple[str, ...]:
        """What the switch may be set to; empty: any number, or there is no such switch."""
        switch = self._known.get((platform, name))
        return switch.values if switch else ()

    def set(self, platform: str, name: str, value: str) -> None:
        """:raises InputError: there is no such switch, or it does not take this value."""
        switch = self._known.get((platform, name))
        if switch is None:
            raise InputError(self._unknown(f"{platform}.{name}"))
        if wrong := switch.check(value):
            raise InputError(f'the switch {platform}.{name} {wrong}, not "{value}"')
        self._set[platform, name] = value

    def reset(self) -> None:
        self._set.clear()

    def restore(self, platform: str, name: str) -> None:
        """Let one switch stand as it does at the beginning."""
        self._set.pop((platform, name), None)

    def listing(self) -> list[dict[str, object]]:
        return [
            {
                "platform": platform,
                "name": name,
                "value": self.get(platform, name),
                "default": switch.default,
                "values": list(switch.values) or "number",
                "about": switch.about,
            }
            for (platform, name), switch in sorted(self._known.items())
        ]

    def _unknown(self, asked: str) -> str:
        names = sorted(f"{platform}.{name}" for platform, name in self._known)
        near = difflib.get_close_matches(asked, names, n=3)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        return f'there is no switch "{asked}"; {meant}known: {", ".join(names)}'
