"""Facts of Telegram's Bot API.

Sources are marked: D official documentation, L+ several client libraries, guess = nobody says.
Nothing here has been checked by us on the real platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from broadcaster.adapter import (
    AlbumMix,
    Fact,
    Limits,
    Measure,
    Platform,
    Proven,
    Rate,
    Shape,
)
from broadcaster.language import say
from broadcaster.model import Channel, MediaKind
from broadcaster.text import links, message_ids
from broadcaster.text.encode import entities_utf16

DOCS = "D core.telegram.org/bots/api"
FAQ = "D core.telegram.org/bots/faq"
LOCAL = f"{DOCS}#using-a-local-bot-api-server"
MB = 2**20
"""Its megabytes are binary. :source: MAX_PHOTO_SIZE of its own server code, telegram-bot-api."""

_HOST = r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me)/"
_HOSTS = ("t.me", "telegram.me", "telegram.dog")
_NAME = re.compile(rf"(?:@|{_HOST}(?:s/)?)?([A-Za-z]\w{{3,31}})/?", re.ASCII)
_PRIVATE = re.compile(rf"{_HOST}c/(\d+)(?:/\d+)?/?", re.ASCII)
_WHOLE = 13
"""Digits of a channel's id with its 100."""
_INVITE = re.compile(rf"{_HOST}(?:\+|joinchat/).+")


@dataclass(frozen=True, slots=True)
class Config:
    """Keys of ``[platforms.telegram]`` that only Telegram has."""

    local_server: bool = False
    """``base_url`` is a Bot API server of our own, which takes larger files."""


def narrow(limits: Limits, config: Config) -> Limits:
    """A local Bot API server takes files of 2000 MB; a photo stays a photo."""
    if not config.local_server:
        return limits
    large = Fact(value=2000 * MB, source=LOCAL)
    photo = limits.media[MediaKind.PHOTO]
    return replace(limits, media={**dict.fromkeys(limits.media, large), MediaKind.PHOTO: photo})


def address(text: str) -> str:
    """``@name``, a t.me address or a bare name -> ``@name``; ``-100…`` and t.me/c -> ``-100…``.

    :raises ValueError: it is none of these, with what to write instead.
    """
    text = text.strip()
    number = text.removeprefix("-")
    if number.isdecimal():
        digits = str(int(number))
        if text == number:
            whole = digits if len(digits) >= _WHOLE and digits.startswith("100") else f"100{digits}"
            raise ValueError(
                say("the id of a channel begins with -100: write -{whole}", whole=whole)
            )
        if not digits.startswith("100"):
            raise ValueError(
                say(
                    "-{digits} is the id of a basic group, and a channel's begins with "
                    "-100: make it a supergroup, which gives it a new id, or write the id "
                    "of a channel",
                    digits=digits,
                )
            )
        return f"-{digits}"
    if private := _PRIVATE.fullmatch(text):
        return f"-100{private[1]}"
    if _INVITE.fullmatch(text):
        raise ValueError(say("an invitation link is no address: write the channel's id, -100…"))
    if named := _NAME.fullmatch(text):
        return f"@{named[1]}"
    raise ValueError(
        say(
            "{text!r} is no channel of Telegram: write @name, https://t.me/name or the id, -100…",
            text=text,
        )
    )


def public_name(channel: Channel) -> str:
    """The channel's name in its public address, or nothing."""
    return channel.username or channel.address.partition("@")[2]


def page(channel: Channel) -> str | None:
    """The channel's page, if it has a public name."""
    name = public_name(channel)
    return f"https://t.me/{name}" if name else None


def link(channel: Channel, message_id: str) -> str | None:
    """The post's page; of a private channel, the one its members can open."""
    if home := page(channel):
        return f"{home}/{message_id}"
    return f"https://t.me/c/{channel.address.removeprefix('-100')}/{message_id}"


def message_id(channel: Channel, typed: str) -> str:
    """A number, or ``t.me/name/45``, ``t.me/c/123/45``, ``tg://…``, each with what an app adds.

    :raises ValueError: it is none of these, or belongs to another channel.
    """
    text = message_ids.typed(typed)
    if text.lower().startswith("tg:"):
        return _of_app_link(channel, text)
    path = message_ids.parts(text, _HOSTS)
    if path is None:
        return message_ids.number(text)
    if path[:1] == ["c"] and len(path) in {3, 4}:  # with a topic between, it is four
        _same_number(channel, path[1])
    elif len(path) in {2, 3} and path[0] not in {"c", "joinchat", "s"}:
        message_ids.same_channel(path[0], public_name(channel))
    elif path[:1] == ["s"] and len(path) == 3:
        message_ids.same_channel(path[1], public_name(channel))
    else:
        raise ValueError(
            f"{text[:80]!r} is no link of a message: it looks like t.me/NAME/4711 or"
            " t.me/c/1234567890/4711, or give the number alone"
        )
    return message_ids.number(path[-1])


def _of_app_link(channel: Channel, text: str) -> str:
    """``tg://resolve?domain=name&post=45`` or ``tg://privatepost?channel=123&post=45``."""
    said = dict(parse_qsl(urlsplit(text).query))
    if "channel" in said:
        _same_number(channel, said["channel"])
    else:
        message_ids.same_channel(said.get("domain", ""), public_name(channel))
    return message_ids.number(said.get("post", ""))


def _same_number(channel: Channel, number: str) -> None:
    """:raises ValueError: a private link names another channel; that of an @name is not known."""
    own = channel.address.removeprefix("-100")
    if own.isdecimal() and number != own:
        raise ValueError(
            f"that link belongs to the channel -100{number}, and this one is -100{own}"
        )


PLATFORM = Platform(
    name="telegram",
    title="تلگرام",
    jurisdiction="foreign",
    limits=Limits(
        # entities are counted in UTF-16 units; counting the text so as well is never too lenient
        measure=Measure.UTF16,
        text=Fact(value=4096, source=DOCS),
        caption=Fact(value=1024, source=DOCS),
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
        photo=Fact(value=Shape(sides=10_000, ratio=20), source=f"{DOCS}, sendPhoto"),
        account_rate=Fact(value=Rate(count=30, per_s=1), source=FAQ),
        # named for groups; channels are seen to be held to the same
        channel_rate=Fact(value=Rate(count=20, per_s=60), source=FAQ),
        quiet=Fact(value=5.0, source="guess: its refusals name the delay"),
        edit_within=Fact(value=timedelta.max, source=DOCS),
        recall_within=Fact(value=timedelta(hours=48), source=DOCS),
        edits_caption=True,
        edits_media=frozenset(MediaKind) - {MediaKind.VOICE},
        silent=True,
        preview_switch=True,
        reply=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://api.telegram.org",
    reader_url="https://t.me",
    senders=16,
    config=Config,
    verbs=frozenset({"edit", "recall", "pin", "unpin", "audience", "find"}),
    encode=entities_utf16,
    links=links.telegram,
    narrow=narrow,
    link=link,
    message_id=message_id,
    page=page,
    address=address,
)
