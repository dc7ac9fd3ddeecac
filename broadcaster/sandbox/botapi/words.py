"""Texts and captions of calls: read, marked up, measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi.fake import BotApiFake
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.fields import Fields, as_text
from broadcaster.sandbox.markup.spans import CannotParse, MarkedText

_SHOWN = {
    "protect_content": "has_protected_content",
    "show_caption_above_media": "show_caption_above_media",
    "has_spoiler": "has_media_spoiler",
}
"""Flags of a call that its message shows, and their names there."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text as readers see it, and as it came."""

    marked: MarkedText
    raw: str
    markup: Mapping[str, Any]

    def changes(self) -> dict[str, Any]:
        """Fields of a draft or of an edit."""
        return {
            "text": self.marked.text,
            "entities": self.marked.entities(),
            "raw": self.raw,
            "markup": self.markup,
        }


def text(fake: BotApiFake, backend: Backend, fields: Fields) -> Words:
    """The ``text`` of a call.  :raises Refusal: empty, too long, or with broken markup."""
    words = _words(fake, fields, "text", "entities")
    if not words.marked.text:
        raise Refusal(400, "Bad Request: message text is empty")
    if fake.measure(words.marked, words.raw) > backend.longest(fake.text_limit):
        raise Refusal(400, "Bad Request: message is too long")
    return words


def caption(fake: BotApiFake, fields: Fields, most: int | None = None) -> Words:
    """The ``caption`` of a call, which may be empty.  :raises Refusal: too long, or broken."""
    words = _words(fake, fields, "caption", "caption_entities")
    if fake.measure(words.marked, words.raw) > (most or fake.caption_limit):
        raise Refusal(400, "Bad Request: message caption is too long")
    return words


def item_fields(fields: Fields, item: Mapping[str, Any]) -> Fields:
    """An object inside a call (an item of an album), as if it were a call of its own."""
    values = {name: as_text(value) for name, value in item.items() if value is not None}
    return Fields(values, fields.files)


def _words(fake: BotApiFake, fields: Fields, name: str, entities_name: str) -> Words:
    raw = fields.values.get(name, "")
    parse_mode, entities = fields.text("parse_mode"), fields.json(entities_name)
    try:
        marked = fake.marked(raw, parse_mode, entities).trimmed()
    except CannotParse as error:
        why = str(error)
        prefix = "" if why[0].islower() else "can't parse entities: "
        raise Refusal(400, f"Bad Request: {prefix}{why}") from None
    markup: dict[str, Any] = {}
    if parse_mode:
        markup["parse_mode"] = parse_mode
    elif entities:
        markup[entities_name] = entities
    return Words(marked, raw, markup)


def reply_to(fake: BotApiFake, backend: Backend, call: ApiCall) -> str | None:
    """The message a call replies to.  :raises Refusal: it is not there, and has to be."""
    fields = call.fields
    parameters = fields.object("reply_parameters")
    number = parameters.get("message_id") or fields.number("reply_to_message_id")
    if not number:
        return None
    if backend.find(call.channel, number):
        return str(number)
    if parameters.get("allow_sending_without_reply") or fields.flag("allow_sending_without_reply"):
        return None
    raise Refusal(400, "Bad Request: message to be replied not found")


def manner(fake: BotApiFake, call: ApiCall) -> dict[str, Any]:
    """How a message is sent: fields of its draft."""
    fields = call.fields
    options = fields.object("link_preview_options")
    extra: dict[str, Any] = {}
    extra |= {shown: True for name, shown in _SHOWN.items() if fields.flag(name)}
    if markup := fields.object("reply_markup"):
        extra["reply_markup"] = markup
    return {
        "silent": fake.silent and fields.flag("disable_notification"),
        "preview": not (options.get("is_disabled") or fields.flag("disable_web_page_preview")),
        "extra": extra,
    }
