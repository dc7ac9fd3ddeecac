"""The settings of a channel for its texts: the keys of ``Channel.options``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from zoneinfo import ZoneInfo

from broadcaster.model import Channel, Json
from broadcaster.text.parameters import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """``Channel.options``, read; each field is a key of the same name, and all may be absent."""

    signature: str = ""
    """Markdown below each post; variables stand in it as in the text."""
    hashtags: tuple[str, ...] = ()
    """Tags for the last line, with or without ``#``; spaces in one become ``_``."""
    part_marks: bool = False
    """Whether the parts of a long text say (۱/۳)."""
    preview: bool = True
    """Whether previews of links are wanted here."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Name -> Markdown that stands for ``{name}``; it may hold variables of ours."""
    language: str = "fa"
    """``fa`` or ``en``: of dates and numbers."""
    calendar: str = "jalali"
    """``jalali`` or ``gregorian``: of ``{date}``."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tehran"))
    """IANA name of the zone whose clock ``{time}`` shows."""
    convert: bool = False
    """Whether pictures that the platform refuses are converted for it."""
    album: str = ""
    """``first``: of several pictures only the first goes out where there are no albums."""
    link: str = ""
    """``{channel_link}``: the channel's public page."""
    addresses: str = ""
    """``{addresses}``: Markdown of a list of the office's other channels."""
    channel_links: str = ""
    """``{channel_links}``: the same in one line."""
    parameters: Parameters = field(default_factory=lambda: Parameters({}, ()))
    """What links to the office's own hosts get: ``link_parameters``, ``link_hosts``."""

    @classmethod
    def of(cls, channel: Channel) -> Self:
        options = channel.options
        return cls(
            signature=_text(options.get("signature")),
            hashtags=tuple(map(_tag, _texts(options.get("hashtags")))),
            part_marks=options.get("part_marks") is True,
            preview=options.get("preview") is not False,
            variables=_mapping(options.get("variables")),
            language=_text(options.get("language")) or "fa",
            calendar=_text(options.get("calendar")) or "jalali",
            zone=ZoneInfo(_text(options.get("zone")) or "Asia/Tehran"),
            convert=options.get("convert") is True,
            album=_text(options.get("album")),
            link=_text(options.get("link")),
            addresses=_text(options.get("addresses")),
            channel_links=_text(options.get("channel_links")),
            parameters=Parameters(
                _mapping(options.get("link_parameters")), tuple(_texts(options.get("link_hosts")))
            ),
        )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mapping(mapping: Json) -> Mapping[str, str]:
    return (
        {name: str(value) for name, value in mapping.items()} if isinstance(mapping, dict) else {}
    )


def _tag(word: str) -> str:
    return "#" + "_".join(word.removeprefix("#").split())
