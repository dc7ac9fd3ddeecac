"""The channels of the sandbox: a name and a number that are one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class FakeChannel:
    """A channel as its platform knows it."""

    platform: str
    id: str
    """What the platform calls it: a number, a GUID."""
    username: str
    """Public name, without ``@``."""
    title: str


@dataclass(frozen=True, slots=True)
class Addressing:
    """How a platform tells ids from names, and which id it gives to a name."""

    is_id: Callable[[str], bool]
    id_of: Callable[[str], str]
    name_of: Callable[[str], str]


NOBODY = ("nobody_", "9999999999")
"""What stands at the beginning of names and numbers that no platform here knows."""


def nobody(address: str) -> bool:
    """Whether there is no channel at an address, however well it is formed."""
    return bare(address).lstrip("-").lower().startswith(NOBODY)


def bare(address: str) -> str:
    """An address without ``@`` and space."""
    return address.strip().removeprefix("@")


class ChannelDirectory:
    """All channels that were spoken of; any well-formed address is one, but for :data:`NOBODY`."""

    def __init__(self) -> None:
        self._addressing: dict[str, Addressing] = {}
        self._known: dict[tuple[str, str], FakeChannel] = {}

    def teach(self, platform: str, addressing: Addressing) -> None:
        self._addressing[platform] = addressing

    def at(self, platform: str, address: str) -> FakeChannel:
        """The channel of an address, known from now on."""
        place = self.seen(platform, address)
        self._enter(place)
        return place

    def seen(self, platform: str, address: str) -> FakeChannel:
        """The channel of an address, without keeping it in mind."""
        known = self.known(platform, address)
        if known:
            return known
        name_or_id, rules = bare(address), self._addressing[platform]
        if rules.is_id(name_or_id):
            name = rules.name_of(name_or_id)
            return FakeChannel(platform, name_or_id, name, name)
        return FakeChannel(platform, rules.id_of(name_or_id.lower()), name_or_id, name_or_id)

    def known(self, platform: str, address: str) -> FakeChannel | None:
        return self._known.get((platform, bare(address).lower()))

    def same(self, platform: str, one: str, other: str) -> bool:
        """Whether two addresses are one channel, spoken of already or not."""
        if bare(one).lower() == bare(other).lower():
            return True
        if platform not in self._addressing or not bare(one) or not bare(other):
            return False
        place, that = self.seen(platform, one), self.seen(platform, other)
        return place.id == that.id or place.username.lower() == that.username.lower()

    def join(
        self, platform: str, address: str, *, username: str = "", title: str = ""
    ) -> tuple[FakeChannel, FakeChannel | None]:
        """Give the channel at ``address`` a name or title.

        :returns: it, and the channel that had this name before, which is no longer known.
        """
        place = self.at(platform, address)
        other = self.known(platform, username) if username else None
        absorbed = other if other is not place else None
        if absorbed:
            for alias in [key for key, value in self._known.items() if value is absorbed]:
                self._known[alias] = place
        if place.title == place.username:
            place.title = bare(username) or place.title
        place.username = bare(username) or place.username
        place.title = title or place.title
        self._enter(place)
        return place, absorbed

    def clear(self) -> None:
        self._known.clear()

    def __iter__(self) -> Iterator[FakeChannel]:
        return iter(dict.fromkeys(self._known.values()))

    def _enter(self, place: FakeChannel) -> None:
        for alias in (place.id, place.username):
            self._known[place.platform, alias.lower()] = place
