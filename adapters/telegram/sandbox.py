"""A fake Telegram, from its Bot API's documents."""

from __future__ import annotations

from typing import Any, ClassVar

from broadcaster.sandbox.botapi.acting import ACTING
from broadcaster.sandbox.botapi.asking import ASKING, STARTING, count_members
from broadcaster.sandbox.botapi.fake import SWITCHES, BotApiFake
from broadcaster.sandbox.botapi.sending import SENDING
from broadcaster.sandbox.fake import hashed
from broadcaster.sandbox.markup.html import parse_html
from broadcaster.sandbox.markup.markdown import parse_markdown, parse_markdown_v2
from broadcaster.sandbox.markup.spans import CannotParse, Marked, from_entities, units
from broadcaster.sandbox.places import Place

MB = 2**20
FILE = 50 * MB
PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


class Telegram(BotApiFake):
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
    signs_as_channel = True
    switches = SWITCHES
    methods: ClassVar = {
        **SENDING,
        **ACTING,
        **ASKING,
        **STARTING,
        "getChatMemberCount": count_members,
        "getChatMembersCount": count_members,  # the old name, still answered
    }

    def marked(self, text: str, parse_mode: str, entities: Any) -> Marked:
        if not parse_mode or parse_mode.lower() == "none":
            return from_entities(text, entities or [])
        parser = PARSERS.get(parse_mode.lower())
        if parser is None:
            raise CannotParse("unsupported parse_mode")
        return parser(text)

    def measure(self, marked: Marked, raw: str) -> int:
        return units(marked.text)

    def id_of(self, username: str) -> str:
        return f"-100{1_000_000_000 + hashed(username) % 3_000_000_000}"

    def chat_type(self, place: Place) -> str:
        """Users have positive ids, groups small negative ones."""
        if not place.id.startswith("-"):
            return "private"
        return "channel" if place.id.startswith("-100") else "group"


FAKE = Telegram()
