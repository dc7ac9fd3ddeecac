"""Facts of Gap's bot platform (api.gap.im).

Sources are marked: D official documentation, F public field report, guess = nobody says.  Nothing
here has been checked on the real platform.
"""

from __future__ import annotations

import re
from datetime import timedelta

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import message_ids
from broadcaster.text.encode import plain

DOCS = "D developer.gap.im"
UNKNOWN = "? not documented"

_INVITE = re.compile(r"(?:https?://)?(?:www\.)?gap\.im/join(?:/.*)?", re.ASCII)
_NAME = re.compile(r"(?:@|(?:https?://)?(?:www\.)?gap\.im/)?([A-Za-z]\w{2,31})/?", re.ASCII)


def address(text: str) -> str:
    """``@name``, the channel's page or a bare name -> ``@name``; a conversation's id -> its digits.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    if text.isdecimal():
        if not text.startswith(("0", "۰", "٠")):
            return str(int(text))
        raise ValueError(
            say("{text} is a person's telephone number: write the channel's @name", text=text)
        )
    if _INVITE.fullmatch(text):
        raise ValueError(say("an invitation link is no address: write the channel's @name"))
    if named := _NAME.fullmatch(text):
        return f"@{named[1]}"
    raise ValueError(
        say("{text!r} is no channel of Gap: write @name or https://gap.im/name", text=text)
    )


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name."""
    name = channel.username or channel.address.partition("@")[2]
    return f"https://gap.im/{name}" if name else None


def link(channel: Channel, message_id: str) -> str | None:
    """The post's page. :source: F; that its number is the API's id is not confirmed."""
    home = page(channel)
    return f"{home}/{message_id}" if home else None


PLATFORM = Platform(
    name="gap",
    title="گپ",
    jurisdiction="domestic",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=4096, source="guess: not documented"),
        caption=Fact(value=1000, source="guess: not documented"),
        album=Fact(value=(1, 1), source=f"{DOCS}: its methods know no album"),
        media=dict.fromkeys(MediaKind, Fact(value=None, source=UNKNOWN)),
        account_rate=Fact(value=None, source=UNKNOWN),
        channel_rate=Fact(value=None, source=UNKNOWN),
        quiet=Fact(value=30.0, source="guess: how it asks to wait is not documented"),
        edit_within=Fact(value=timedelta.max, source="guess: none is documented"),
        recall_within=Fact(value=timedelta.max, source="guess: none is documented"),
    ),
    proven=Proven.SANDBOX,
    base_url="https://api.gap.im",
    reader_url="https://gap.im",
    senders=4,
    verbs=frozenset({"upload", "edit", "recall"}),
    encode=plain,
    link=link,
    message_id=message_ids.numbered("gap.im", public=message_ids.username),
    page=page,
    address=address,
)
