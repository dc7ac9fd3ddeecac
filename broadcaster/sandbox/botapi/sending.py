"""Methods that publish."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi import media, words
from broadcaster.sandbox.botapi.fake import BotApiFake, Method
from broadcaster.sandbox.botapi.objects import chat, message
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.ledger import Content, Entry


def send_message(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    fake.writable(backend, call)
    text = words.text(fake, backend, call.fields)
    draft = Content(
        **text.changes(), **words.manner(fake, call), reply_to=words.reply_to(fake, backend, call)
    )
    return _posted(fake, backend, call, [draft])[0]


def sender(kind: str, parameter: str) -> Method:
    """The method that sends a file of ``kind``, given in ``parameter``."""

    def send(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
        fake.writable(backend, call)
        item = media.item(fake, backend, call.account, kind, call.fields, parameter)
        known = kind not in fake.uncaptioned
        caption = words.caption(fake, call.fields).changes() if known else {}
        draft = Content(
            **caption,
            **words.manner(fake, call),
            media=(item,),
            reply_to=words.reply_to(fake, backend, call),
        )
        return _posted(fake, backend, call, [draft])[0]

    return send


def send_media_group(fake: BotApiFake, backend: Backend, call: ApiCall) -> list[dict[str, Any]]:
    fake.writable(backend, call)
    manner, reply_to = words.manner(fake, call), words.reply_to(fake, backend, call)
    contents = []
    for fields, item in media.album(fake, backend, call):
        caption = words.caption(fake, fields, fake.album_caption_limit)
        contents.append(Content(**caption.changes(), **manner, media=(item,), reply_to=reply_to))
    return _posted(fake, backend, call, contents, group=media.group_id(backend))


def copy_message(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    fake.writable(backend, call)
    original = _original(fake, backend, call, call.fields.number("message_id"), "copy")
    content: dict[str, Any] = {
        name: getattr(original, name) for name in ("text", "entities", "raw", "markup", "media")
    }
    if "caption" in call.fields.values and original.media:
        content |= words.caption(fake, call.fields).changes()
    draft = Content(
        **content, **words.manner(fake, call), reply_to=words.reply_to(fake, backend, call)
    )
    return {"message_id": _posted(fake, backend, call, [draft])[0]["message_id"]}


def forward_message(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    fake.writable(backend, call)
    original = _original(fake, backend, call, call.fields.number("message_id"), "forward")
    return _posted(fake, backend, call, [_forwarded(fake, backend, call, original)])[0]


def _copied(fake: BotApiFake, call: ApiCall, original: Entry) -> Content:
    content = {
        name: getattr(original, name) for name in ("text", "entities", "raw", "markup", "media")
    }
    return Content(**content, **words.manner(fake, call))


def _forwarded(fake: BotApiFake, backend: Backend, call: ApiCall, original: Entry) -> Content:
    draft = _copied(fake, call, original)
    origin: Mapping[str, Any] = {
        "type": "channel",
        "date": original.unix,
        "chat": chat(fake, backend.place(original.chat)),
        "message_id": int(original.id),
    }
    return dataclasses.replace(draft, extra={**draft.extra, "forward_origin": origin})


def _original(
    fake: BotApiFake, backend: Backend, call: ApiCall, number: int | None, verb: str
) -> Entry:
    place = fake.place(backend, call.fields.text("from_chat_id"))
    original = backend.find(place.id, number)
    if original is None:
        raise Refusal(400, f"Bad Request: message to {verb} not found")
    return original


def _posted(
    fake: BotApiFake,
    backend: Backend,
    call: ApiCall,
    contents: list[Content],
    group: str | None = None,
) -> list[dict[str, Any]]:
    return [message(backend, fake, entry) for entry in backend.post(call, contents, group=group)]


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
