"""Which pictures of a post are converted, and for whom: once for all channels with one need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from broadcaster.adapter import Limits, Platform
from broadcaster.config import ChannelSettings, Settings
from broadcaster.model import Conversion, Media, Options
from broadcaster.text.conversion import Need, fitting, need

Convert: TypeAlias = Callable[[Media, Need], Conversion]
"""Makes another picture, and may keep it.  :raises InputError: none can be made."""


def conversions(
    settings: Settings,
    platforms: Mapping[str, Platform],
    media: Iterable[Media],
    options: Options,
    to: Iterable[ChannelSettings],
    convert: Convert,
) -> tuple[Conversion, ...]:
    """All that has to be made of ``media``, so that each channel of ``to`` shows pictures.

    :raises InputError: a picture that some channel would refuse cannot be converted.
    """
    takers = dict.fromkeys(each.account for each in to if _wanted(options, each))
    if not takers:
        return ()
    limits = [_limits(settings, platforms, account) for account in takers]
    made: list[Conversion] = []
    for each in media:
        needs = {(name, asked): found for name, found, asked in _needs(limits, each)}
        for (name, asked), found in sorted(needs.items(), key=lambda item: _leniency(item[0][1])):
            if fitting(platforms[name], found, each, made) is None:
                made.append(convert(each, asked))
    return tuple(made)


def _wanted(options: Options, channel: ChannelSettings) -> bool:
    if options.convert is not None:
        return options.convert
    return channel.channel.options.get("convert") is True


def _limits(
    settings: Settings, platforms: Mapping[str, Platform], account: str
) -> tuple[Platform, Limits]:
    said = settings.accounts[account]
    return platforms[said.adapter], said.limits


def _needs(
    takers: Iterable[tuple[Platform, Limits]], media: Media
) -> Iterable[tuple[str, Limits, Need]]:
    for platform, limits in takers:
        if asked := need(platform, limits, media):
            yield platform.name, limits, asked


def _leniency(asked: Need) -> float:
    """Who takes the most comes first: what is made for them fits most others."""
    return -(asked.size or float("inf"))
