"""Facts of iGap's bot wire; there is no official public document of it.

Sources are marked: P the app and its protobuf files, L+ several clients, guess = nobody says.
Nothing here has been checked on the real platform, and no public project is seen to post a file to
a channel: text is the way, media are behind a switch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import message_ids
from broadcaster.text.encode import plain

APP = "P the app's own constant"
UNKNOWN = "? nobody says"

_ROOM = re.compile(r"\d{1,20}")
_NAME = re.compile(r"@.+|(?:https?://)?(?:www\.|profile\.)?igap\.net/.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Config:
    """Keys of ``[platforms.igap]`` that only iGap has."""

    media: bool = False
    """Send files as well, although nobody has shown that a channel takes them from a bot."""


def narrow(limits: Limits, config: Config) -> Limits:
    """Without the switch ``media`` there is nothing but text."""
    return limits if config.media else replace(limits, media={})


def address(text: str) -> str:
    """A channel's room id, its digits.

    :raises ValueError: it is none, with what to write instead.
    """
    text = text.strip()
    if _ROOM.fullmatch(text) and 0 < int(text) < 2**64:
        return str(int(text))
    if _NAME.fullmatch(text):
        raise ValueError(
            say(
                "iGap's bots know a channel by its room id only: write the number as "
                "the address, and the name as username"
            )
        )
    raise ValueError(say("{text!r} is no channel of iGap: write its room id, a number", text=text))


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name. :source: F."""
    name = channel.username or channel.address.partition("@")[2]
    return f"https://iGap.net/{name}" if name else None


def link(_channel: Channel, _message_id: str) -> str | None:
    """No public form of a post's address is known."""
    return None


PLATFORM = Platform(
    name="igap",
    title="آی‌گپ",
    jurisdiction="domestic",
    limits=Limits(
        # the app counts in UTF-16 units
        measure=Measure.UTF16,
        text=Fact(value=4096, source=APP),
        caption=Fact(value=1024, source=APP),
        album=Fact(value=(1, 1), source="P its protobuf files know no album"),
        media=dict.fromkeys(MediaKind, Fact(value=None, source=UNKNOWN)),
        account_rate=Fact(value=None, source=UNKNOWN),
        channel_rate=Fact(value=None, source=UNKNOWN),
        quiet=Fact(value=30.0, source="guess: its refusals may name the delay"),
        edit_within=Fact(value=timedelta.max, source="guess: none is known"),
        recall_within=Fact(value=timedelta.max, source="guess: none is known"),
        reply=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://api.igap.net",
    senders=4,
    config=Config,
    verbs=frozenset({"upload", "edit", "recall"}),
    encode=plain,
    narrow=narrow,
    link=link,
    # no form of a post's link is known; should it end with the number, it is taken
    message_id=message_ids.numbered("igap.net", "profile.igap.net", public=message_ids.username),
    page=page,
    address=address,
)
