"""Facts of Soroush Plus's Bot API, which opened in Shahrivar 1405 (late summer 2026).

Sources are marked: D official documentation as client libraries quote it, L+ several of them, L1
one, F public field report, guess = nobody says.  Nothing here has been checked on the real
platform.
"""

from __future__ import annotations

import re
from datetime import timedelta

from broadcaster.adapter import AlbumMix, Fact, Limits, Measure, Platform, Proven
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import links, message_ids
from broadcaster.text.encode import entities_utf16

DOCS = "D splus.ir bot documentation, second hand"
UNKNOWN = "? not documented"

_INVITE = re.compile(r"(?:https?://)?(?:www\.)?splus\.ir/join(?:chat|group)(?:/.*)?", re.ASCII)
_NAME = re.compile(r"(?:@|(?:https?://)?(?:www\.)?splus\.ir/)?([A-Za-z]\w{2,31})/?", re.ASCII)


def address(text: str) -> str:
    """``@name``, the channel's page or a bare name -> ``@name``; a numeric id -> its digits.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    if text.isdecimal():
        return str(int(text))
    if _INVITE.fullmatch(text):
        raise ValueError(say("an invitation link is no address: write @name or the numeric id"))
    if named := _NAME.fullmatch(text):
        return f"@{named[1]}"
    raise ValueError(
        say(
            "{text!r} is no channel of Soroush Plus: write @name, "
            "https://splus.ir/name or the numeric id",
            text=text,
        )
    )


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name."""
    name = channel.username or channel.address.partition("@")[2]
    return f"https://splus.ir/{name}" if name else None


def link(channel: Channel, message_id: str) -> str | None:
    """The post's page. :source: L1; that its number is the Bot API's is not confirmed."""
    home = page(channel)
    return f"{home}/{message_id}" if home else None


PLATFORM = Platform(
    name="soroush",
    title="سروش پلاس",
    jurisdiction="domestic",
    limits=Limits(
        # entities are counted in UTF-16 units; counting the text so as well is never too lenient
        measure=Measure.UTF16,
        text=Fact(value=4096, source=DOCS),
        caption=Fact(value=1024, source="L1 plustik"),
        album=Fact(value=(2, 10), source="guess: as Telegram's, whose shape it has"),
        album_mix=AlbumMix.VISUAL,
        media=dict.fromkeys(MediaKind, Fact(value=None, source=UNKNOWN)),
        account_rate=Fact(value=None, source=UNKNOWN),
        channel_rate=Fact(value=None, source=UNKNOWN),
        quiet=Fact(value=5.0, source="guess: its refusals may name the delay"),
        edit_within=Fact(value=timedelta.max, source="guess: none is documented"),
        recall_within=Fact(value=timedelta.max, source="guess: none is documented"),
        edits_caption=True,
        # editMessageMedia: L+, as Telegram's, which takes all but voices
        edits_media=frozenset(MediaKind) - {MediaKind.VOICE},
        preview_switch=True,
        reply=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://api.splus.ir",
    reader_url="https://splus.ir",
    senders=8,
    verbs=frozenset({"edit", "recall"}),
    encode=entities_utf16,
    links=links.web,
    link=link,
    message_id=message_ids.numbered("splus.ir", public=message_ids.username),
    page=page,
    address=address,
)
