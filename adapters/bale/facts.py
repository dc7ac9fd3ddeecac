"""Facts of Bale: the shape of Telegram's Bot API, but its own dialect (tapi.bale.ai).

Sources are marked: D official documentation, L1 one client library, F public field report,
guess = nobody says.  Nothing here has been checked on the real platform.
"""

from __future__ import annotations

import re
from datetime import timedelta

from broadcaster.adapter import AlbumMix, Fact, Limits, Measure, Platform, Proven, Rate
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import links, message_ids
from broadcaster.text.encode import markdown_spaced

DOCS = "D docs.bale.ai"
MB = 1_000_000

_NAME = re.compile(r"(?:@|(?:https?://)?(?:www\.)?ble\.ir/)?([A-Za-z]\w{2,31})/?", re.ASCII)


def address(text: str) -> str:
    """``@name``, the channel's page or a bare name -> ``@name``; a numeric id -> its digits.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    if text.isdecimal():
        return str(int(text))
    if named := _NAME.fullmatch(text):
        if named[1] == "join":
            raise ValueError(say("an invitation link is no address: write @name or the numeric id"))
        return f"@{named[1]}"
    raise ValueError(
        say(
            "{text!r} is no channel of Bale: write @name, https://ble.ir/name or the numeric id",
            text=text,
        )
    )


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name."""
    name = channel.username or channel.address.partition("@")[2]
    return f"https://ble.ir/{name}" if name else None


def link(channel: Channel, message_id: str) -> str | None:
    """The post's page. :source: F, not confirmed."""
    home = page(channel)
    return f"{home}/{message_id}" if home else None


PLATFORM = Platform(
    name="bale",
    title="بله",
    jurisdiction="domestic",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=4096, source=DOCS),
        # a single file may have 4096, but clients in the field fall back to 1000-1024
        caption=Fact(value=1024, source="F clients in the field; docs.bale.ai of items of albums"),
        album=Fact(value=(2, 10), source=DOCS),
        album_mix=AlbumMix.VISUAL,
        media={
            MediaKind.PHOTO: Fact(value=10 * MB, source=DOCS),
            MediaKind.VIDEO: Fact(value=50 * MB, source=DOCS),
            MediaKind.DOCUMENT: Fact(value=50 * MB, source=DOCS),
            MediaKind.AUDIO: Fact(value=50 * MB, source=DOCS),
            MediaKind.VOICE: Fact(value=50 * MB, source=DOCS),
            MediaKind.ANIMATION: Fact(value=50 * MB, source=DOCS),
        },
        # sendAnimation lists no caption. :source: D
        uncaptioned=frozenset({MediaKind.ANIMATION}),
        # the documentation names no numbers; where the field disagrees, the slower one
        account_rate=Fact(value=Rate(count=20, per_s=1), source="F one reference sheet"),
        channel_rate=Fact(value=Rate(count=20, per_s=60), source="L1 peyk; another says 120/min"),
        quiet=Fact(value=3.0, source="L1 peyk"),
        edit_within=Fact(value=timedelta.max, source="guess: none is documented"),
        recall_within=Fact(value=timedelta(hours=48), source=DOCS),
        edits_caption=True,
        reply=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://tapi.bale.ai",
    reader_url="https://ble.ir",
    senders=8,
    verbs=frozenset({"edit", "recall", "pin", "unpin", "audience"}),
    encode=markdown_spaced,
    links=links.web,
    link=link,
    message_id=message_ids.numbered("ble.ir", public=message_ids.username),
    page=page,
    address=address,
)
