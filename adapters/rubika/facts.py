"""Facts of Rubika's Bot API v3.

Sources are marked: D official documentation, F public field report, guess = nobody says.
Nothing here has been checked on the real platform.
"""

from __future__ import annotations

import re
from datetime import timedelta

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import links, message_ids
from broadcaster.text.encode import metadata

DOCS = "D rubika.ir/botapi"
UNKNOWN = "? not documented"
FIELD_SIZE = Fact(value=50_000_000, source="F clients in the field; not documented")
LARGE = Fact(value=50_000_000, source=DOCS)
MP3 = Fact(value=frozenset({"audio/mpeg"}), source=DOCS)
MP4 = Fact(value=frozenset({"video/mp4"}), source=DOCS)
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

FILE_DOMAINS = ("rubika.ir", "iranlms.ir")
"""Where it may ask for files: its own domain, and that of its servers. :source: F, clients in the
field; which host it is, is not documented."""

_GUID = re.compile(r"[cg]0[A-Za-z0-9]+", re.ASCII)
_PERSON = re.compile(r"[bu]0[A-Za-z0-9]{20,}", re.ASCII)
_INVITE = re.compile(r"(?:https?://)?(?:www\.)?rubika\.ir/join[cg]/.+")
_NAME = re.compile(r"(?:@|(?:https?://)?(?:www\.)?rubika\.ir/)?([A-Za-z]\w{2,31})/?", re.ASCII)


def address(text: str) -> str:
    """A channel's ``c0…`` id as it is; ``@name``, the channel's page or a bare name -> ``@name``.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    if _GUID.fullmatch(text):
        return text
    if _PERSON.fullmatch(text):
        raise ValueError(
            say("{text} is the id of a person or bot: a channel's begins with c0", text=text)
        )
    if _INVITE.fullmatch(text):
        raise ValueError(
            say("an invitation link is no address: write the channel's id, c0…, or @name")
        )
    if named := _NAME.fullmatch(text):
        return f"@{named[1]}"
    raise ValueError(
        say("{text!r} is no channel of Rubika: write its id, c0…, or @name", text=text)
    )


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name. :source: F, widely used."""
    name = channel.username or channel.address.partition("@")[2]
    return f"https://rubika.ir/{name}" if name else None


def link(_channel: Channel, _message_id: str) -> str | None:
    """No public form of a post's address is known."""
    return None


PLATFORM = Platform(
    name="rubika",
    title="روبیکا",
    jurisdiction="domestic",
    limits=Limits(
        # styling is counted in UTF-16 units; counting the text so as well is never too lenient
        measure=Measure.UTF16,
        text=Fact(value=3500, source="guess: clients in the field cut at 3500 to 4096"),
        caption=Fact(value=1000, source="guess: not documented"),
        album=Fact(value=(1, 1), source=f"{DOCS}: no album is documented"),
        media={
            MediaKind.PHOTO: Fact(value=10_000_000, source=DOCS),
            MediaKind.VIDEO: LARGE,
            MediaKind.DOCUMENT: LARGE,
            MediaKind.AUDIO: FIELD_SIZE,
            MediaKind.VOICE: FIELD_SIZE,
            MediaKind.ANIMATION: FIELD_SIZE,
        },
        formats={
            MediaKind.PHOTO: Fact(value=PICTURES, source=DOCS),
            MediaKind.VIDEO: MP4,
            MediaKind.AUDIO: MP3,
            MediaKind.VOICE: MP3,
            MediaKind.ANIMATION: MP4,  # without sound
        },
        account_rate=Fact(value=None, source=UNKNOWN),
        channel_rate=Fact(value=None, source=UNKNOWN),
        quiet=Fact(value=60.0, source="F clients in the field; it names no delay"),
        edit_within=Fact(value=timedelta.max, source="guess: none is documented"),
        recall_within=Fact(value=timedelta.max, source="guess: none is documented"),
        silent=True,
        reply=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://botapi.rubika.ir",
    senders=4,
    verbs=frozenset({"upload", "edit", "recall"}),
    encode=metadata,
    links=links.web,
    link=link,
    # no form of a post's link is known; should it end with the number, it is taken
    message_id=message_ids.numbered("rubika.ir", public=message_ids.username),
    page=page,
    address=address,
)
