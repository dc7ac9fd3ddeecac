"""The office's address book: where readers find its channels, and the lists of them in texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from broadcaster.adapter import Platform
from broadcaster.config import ChannelSettings, Settings
from broadcaster.language import say
from broadcaster.model import Channel
from broadcaster.text.losses import shows_links

_MARKUP = re.compile(r"([\\`*_~|\[\]<>{}])")
VARIABLES = ("addresses", "channel_links")
"""As a list, and in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAddress:
    """Where readers find one channel; ``username`` and ``link`` are empty where there are none."""

    channel: str
    """Its name in the config."""
    title: str
    platform: str
    platform_title: str
    """As Persian readers know it."""
    jurisdiction: str
    username: str
    link: str

    @property
    def words(self) -> str:
        """What readers can type or open."""
        return self.link or f"@{self.username}"


def book(
    settings: Settings, platforms: Mapping[str, Platform], to: Sequence[str] = ()
) -> tuple[ChannelAddress, ...]:
    """The channels that ``to`` names, in its order; default: those of ``addresses`` in the config.

    What is off, the test channel, and what has no public name are left out.

    :raises InputError: an unknown name.
    """
    channels: dict[str, ChannelSettings] = {}
    for name in to or settings.addresses:
        channels |= {each.channel.name: each for each in settings.resolve((name,))}
    found = (
        _address(settings, platforms, each)
        for name, each in channels.items()
        if name != settings.test_channel
        and each.enabled
        and settings.accounts[each.account].enabled
    )
    return tuple(each for each in found if each.link or each.username)


def name_of(address: ChannelAddress, others: Iterable[ChannelAddress]) -> str:
    """The platform's name; with the channel's title where the office has several of them there."""
    count = Counter(each.platform for each in others)
    if count[address.platform] < 2 or not address.title:
        return address.platform_title
    return say(
        "{platform_title}: {title}", platform_title=address.platform_title, title=address.title
    )


def with_addresses(
    settings: Settings, platforms: Mapping[str, Platform], channel: ChannelSettings
) -> Channel:
    """``channel`` with what ``{addresses}`` and ``{channel_links}`` stand for in it."""
    own = channel.channel
    platform = platforms[settings.accounts[channel.account].adapter]
    linked = shows_links(platform.encode)
    others = [each for each in book(settings, platforms) if each.channel != own.name]
    names = [_entry(each, name_of(each, others), linked=linked) for each in others]
    said = {
        "addresses": "\n".join(say("- {name}", name=each) for each in names),
        "channel_links": (" | " if linked else "، ").join(names),
    }
    return replace(own, options={**own.options, **said})


def _entry(address: ChannelAddress, name: str, *, linked: bool) -> str:
    """Markdown of one channel."""
    words = _MARKUP.sub(r"\\\1", name)
    if linked and address.link:
        return f"[{words}](<{address.link}>)"
    return say("{words}: {words2}", words=words, words2=address.words)


def _address(
    settings: Settings, platforms: Mapping[str, Platform], channel: ChannelSettings
) -> ChannelAddress:
    own, account = channel.channel, settings.accounts[channel.account]
    platform = platforms[account.adapter]
    return ChannelAddress(
        channel=own.name,
        title=own.title,
        platform=platform.name,
        platform_title=platform.title,
        jurisdiction=account.jurisdiction,
        username=own.username or own.address.partition("@")[2],
        link=platform.page(own) or "",
    )
