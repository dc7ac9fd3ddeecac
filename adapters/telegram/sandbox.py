"""A fake Telegram, from its Bot API's documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from broadcaster.sandbox.botapi.acting import ACTING
from broadcaster.sandbox.botapi.asking import ASKING, STARTING, count_members
from broadcaster.sandbox.botapi.fake import SWITCHES, BotApiFake
from broadcaster.sandbox.botapi.sending import SENDING
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.fake import hashed
from broadcaster.sandbox.markup.modes import read_markup
from broadcaster.sandbox.markup.spans import CannotParse, MarkedText, MarkupSpan, units
from broadcaster.sandbox.markup.urls import checked_url

MB = 2**20
FILE = 50 * MB
GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
"""What a full description of a chat must speak of, or clients cannot read it."""


class TelegramFake(BotApiFake):
    name = "telegram"
    title = "تلگرام"
    page_class = "tgme"
    page_folder = "s"
    colour = "#2a9fd8"
    text_limit = 4096
    caption_limit = 1024
    album_limit = (2, 10)
    limits: ClassVar = {"text": text_limit, "caption": caption_limit, "album": album_limit}
    file_limits: ClassVar = {
        "photo": 10 * MB,
        **dict.fromkeys(("video", "document", "audio", "voice", "animation", "video_note"), FILE),
    }
    photo_sides = 10_000
    photo_ratio = 20
    invite = "https://t.me/+"
    chat_details: ClassVar = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    signs_as_channel = True
    switches = SWITCHES
    methods: ClassVar = {
        **SENDING,
        **ACTING,
        **ASKING,
        **STARTING,
        "getChatMemberCount": count_members,
    }

    def marked(self, text: str, parse_mode: str, entities: Any) -> MarkedText:
        marked = read_markup(text, parse_mode, entities)
        if parse_mode.lower() not in ("", "none"):
            return marked  # markup with a wrong address loses its link in silence
        return replace(marked, marks=tuple(map(_checked, marked.marks)))

    def measure(self, marked: MarkedText, raw: str) -> int:
        return units(marked.text)

    def id_of(self, username: str) -> str:
        return f"-100{1_000_000_000 + hashed(username) % 3_000_000_000}"

    def chat_type(self, place: FakeChannel) -> str:
        """Users have positive ids, groups small negative ones."""
        if not place.id.startswith("-"):
            return "private"
        return "channel" if place.id.startswith("-100") else "group"


def _checked(mark: MarkupSpan) -> MarkupSpan:
    """``mark``, whose address the server takes.  :raises CannotParse: it does not."""
    if mark.kind != "text_link":
        return mark
    url = mark.more.get("url")
    if not isinstance(url, str):
        raise CannotParse("can't parse MessageEntity: Can't find field \"url\"")
    return replace(mark, more={**mark.more, "url": checked_url(url)})


FAKE = TelegramFake()
