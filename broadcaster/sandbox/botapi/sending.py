"""Methods that publish."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.botapi import media, words
from broadcaster.sandbox.botapi.fake import BotApiFake, Method
from broadcaster.sandbox.botapi.objects import chat, message
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.ledger import Draft, Entry
from broadcaster.sandbox.room import Call, Room


def send_message(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    fake.writable(room, call)
    said = words.text(fake, call.fields)
    draft = Draft(
        **said.changes(), **words.manner(fake, call), reply_to=words.reply_to(fake, room, call)
    )
    return _posted(fake, room, call, [draft])[0]


def sender(kind: str, parameter: str) -> Method:
    """The method that sends a file of ``kind``, given in ``parameter``."""

    def send(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
        fake.writable(room, call)
        item = media.item(fake, room, call.account, kind, call.fields, parameter)
        known = kind not in fake.uncaptioned
        said = words.caption(fake, call.fields).changes() if known else {}
        draft = Draft(
            **said,
            **words.manner(fake, call),
            media=(item,),
            reply_to=words.reply_to(fake, room, call),
        )
        return _posted(fake, room, call, [draft])[0]

    return send


def send_media_group(fake: BotApiFake, room: Room, call: Call) -> list[dict[str, Any]]:
    fake.writable(room, call)
    manner, reply_to = words.manner(fake, call), words.reply_to(fake, room, call)
    drafts = []
    for fields, item in media.album(fake, room, call):
        said = words.caption(fake, fields, fake.album_caption_limit)
        drafts.append(Draft(**said.changes(), **manner, media=(item,), reply_to=reply_to))
    return _posted(fake, room, call, drafts, group=media.group_id(room))


def copy_message(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    fake.writable(room, call)
    original = _original(fake, room, call, call.fields.number("message_id"), "copy")
    said: dict[str, Any] = {
        name: getattr(original, name) for name in ("text", "entities", "raw", "markup", "media")
    }
    if "caption" in call.fields.values and original.media:
        said |= words.caption(fake, call.fields).changes()
    draft = Draft(**said, **words.manner(fake, call), reply_to=words.reply_to(fake, room, call))
    return {"message_id": _posted(fake, room, call, [draft])[0]["message_id"]}


def forward_message(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    fake.writable(room, call)
    original = _original(fake, room, call, call.fields.number("message_id"), "forward")
    return _posted(fake, room, call, [_forwarded(fake, room, call, original)])[0]


def _copied(fake: BotApiFake, call: Call, original: Entry) -> Draft:
    said = {
        name: getattr(original, name) for name in ("text", "entities", "raw", "markup", "media")
    }
    return Draft(**said, **words.manner(fake, call))


def _forwarded(fake: BotApiFake, room: Room, call: Call, original: Entry) -> Draft:
    draft = _copied(fake, call, original)
    origin: Mapping[str, Any] = {
        "type": "channel",
        "date": original.unix,
        "chat": chat(fake, room.place(original.chat)),
        "message_id": int(original.id),
    }
    return dataclasses.replace(draft, extra={**draft.extra, "forward_origin": origin})


def _original(fake: BotApiFake, room: Room, call: Call, number: int | None, verb: str) -> Entry:
    place = fake.place(room, call.fields.text("from_chat_id"))
    original = room.find(place.id, number)
    if original is None:
        raise Refusal(400, f"Bad Request: message to {verb} not found")
    return original


def _posted(
    fake: BotApiFake, room: Room, call: Call, drafts: list[Draft], group: str | None = None
) -> list[dict[str, Any]]:
    return [message(room, fake, entry) for entry in room.post(call, drafts, group=group)]


SENDING: Mapping[str, Method] = {
    "sendMessage": send_message,
    "sendPhoto": sender("photo", "photo"),
    "sendVideo": sender("video", "video"),
    "sendDocument": sender("document", "document"),
    "sendAudio": sender("audio", "audio"),
    "sendVoice": sender("voice", "voice"),
    "sendAnimation": sender("animation", "animation"),
    "sendVideoNote": sender("video_note", "video_note"),
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
