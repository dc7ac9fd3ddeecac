"""Facts of Eitaa, whose channels take posts through the service Eitaayar.

Sources are marked: D official documentation, second hand, F public field report, guess = nobody
says.  Nothing here has been checked on the real platform.
"""

from __future__ import annotations

import re

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven, Rate
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import message_ids
from broadcaster.text.encode import plain

DOCS = "D developer.eitaa.com"
FIELD = "F clients in the field; not documented"
FIELD_SIZE = Fact(value=50_000_000, source=FIELD)

_INVITE = re.compile(r"(?:https?://)?(?:www\.)?eitaa\.com/joinchat(?:/.*)?", re.ASCII)
_NAME = re.compile(r"(?:@|(?:https?://)?(?:www\.)?eitaa\.com/)?([A-Za-z]\w{2,31})/?", re.ASCII)


def address(text: str) -> str:
    """The number in the Eitaayar panel -> its digits; ``@name`` or the channel's page -> ``name``.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    if text.isdecimal():
        return str(int(text))
    if _INVITE.fullmatch(text):
        raise ValueError(
            say("an invitation link is no address: write the number that the Eitaayar panel shows")
        )
    if named := _NAME.fullmatch(text):
        return named[1]
    raise ValueError(
        say(
            "{text!r} is no channel of Eitaa: write the number that the Eitaayar "
            "panel shows for it",
            text=text,
        )
    )


def public_name(channel: Channel) -> str:
    """The channel's name in its public address, or nothing."""
    return channel.username or ("" if channel.address.isdecimal() else channel.address)


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name."""
    name = public_name(channel)
    return f"https://eitaa.com/{name}" if name else None


def link(channel: Channel, message_id: str) -> str | None:
    """The post's page."""
    home = page(channel)
    return f"{home}/{message_id}" if home else None


PLATFORM = Platform(
    name="eitaa",
    title="ایتا",
    jurisdiction="domestic",
    limits=Limits(
        # nobody says how it counts; in UTF-16 units the count is never too small
        measure=Measure.UTF16,
        text=Fact(value=4096, source=FIELD),
        caption=Fact(value=1000, source="F clients in the field: 1000 to 1024; not documented"),
        album=Fact(value=(1, 1), source=f"{DOCS}: its three methods know no album"),
        media=dict.fromkeys(MediaKind, FIELD_SIZE),
        tells_kind=True,  # one method for every kind of file
        account_rate=Fact(value=None, source="? not documented"),
        channel_rate=Fact(
            value=Rate(count=1, per_s=0.6), source="F clients in the field pause so; another: 2/s"
        ),
        quiet=Fact(value=30.0, source="guess: how it asks to wait is not documented"),
        edit_within=Fact(value=None, source=f"{DOCS}: there is no edit"),
        recall_within=Fact(value=None, source=f"{DOCS}: there is no deletion"),
        silent=True,
        reply=True,
        pin_at_send=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://eitaayar.ir",
    reader_url="https://eitaa.com",
    senders=4,
    verbs=frozenset({"audience", "find"}),
    encode=plain,
    link=link,
    message_id=message_ids.numbered("eitaa.com", public=public_name),
    page=page,
    address=address,
)
