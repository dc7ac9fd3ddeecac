"""Methods that act on what was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi import media, words
from broadcaster.sandbox.botapi.fake import BotApiFake, Method
from broadcaster.sandbox.botapi.objects import message
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.ledger import Entry

NOT_MODIFIED = Refusal(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are"
    " exactly the same as a current content and reply markup of the message",
)
MANY = 100
"""Messages that one deleteMessages takes."""


def edit_text(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    entry = _target(fake, backend, call, "edit")
    if entry.media:
        raise Refusal(400, "Bad Request: there is no text in the message to edit")
    text = words.text(fake, backend, call.fields).changes()
    return _edited(
        fake, backend, call, entry, {**text, "preview": words.manner(fake, call)["preview"]}
    )


def edit_caption(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    entry = _target(fake, backend, call, "edit")
    if not entry.media:
        raise Refusal(400, "Bad Request: there is no caption in the message to edit")
    return _edited(fake, backend, call, entry, words.caption(fake, call.fields).changes())


def edit_media(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    entry = _target(fake, backend, call, "edit")
    description = call.fields.object("media")
    kind = description.get("type")
    if kind not in (*media.ALBUM_KINDS, "animation"):
        raise Refusal(400, "Bad Request: can't parse InputMedia: type is unknown")
    fields = words.item_fields(call.fields, description)
    item = media.item(fake, backend, call.account, str(kind), fields, "media")
    changes = {**words.caption(fake, fields).changes(), "media": (item,)}
    return _edited(fake, backend, call, entry, changes)


def edit_markup(fake: BotApiFake, backend: Backend, call: ApiCall) -> dict[str, Any]:
    return _edited(fake, backend, call, _target(fake, backend, call, "edit"), {})


def delete(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    backend.delete(_target(fake, backend, call, "delete"))
    return True


def delete_several(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    fake.acts(backend, call, "delete")
    numbers = call.fields.json("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MANY:
        raise Refusal(400, f"Bad Request: message_ids holds 1 to {MANY} message identifiers")
    for number in numbers:
        if entry := backend.find(call.channel, number):
            backend.delete(entry)
    return True


def pin(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    backend.pin(_target(fake, backend, call, "pin"))
    return True


def unpin(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    """The message named, else the one pinned last."""
    place = fake.acts(backend, call, "pin")
    if call.fields.number("message_id"):
        backend.pin(_target(fake, backend, call, "unpin"), pinned=False)
    elif pinned := [entry for entry in backend.entries(place) if entry.pinned]:
        backend.pin(max(pinned, key=lambda entry: entry.revision), pinned=False)
    return True


def unpin_all(fake: BotApiFake, backend: Backend, call: ApiCall) -> bool:
    for entry in backend.entries(fake.acts(backend, call, "pin")):
        backend.pin(entry, pinned=False)
    return True


def _target(fake: BotApiFake, backend: Backend, call: ApiCall, verb: str) -> Entry:
    fake.acts(backend, call, verb.removeprefix("un"))
    number = call.fields.number("message_id")
    if not number:
        raise Refusal(400, "Bad Request: message identifier is not specified")
    entry = backend.find(call.channel, number)
    if entry is None:
        raise Refusal(400, f"Bad Request: message to {verb} not found")
    return entry


def _edited(
    fake: BotApiFake, backend: Backend, call: ApiCall, entry: Entry, changes: dict[str, Any]
) -> dict[str, Any]:
    markup = call.fields.object("reply_markup")
    extra = {name: value for name, value in entry.extra.items() if name != "reply_markup"}
    changes["extra"] = {**extra, "reply_markup": markup} if markup else extra
    seen = ("text", "entities", "media", "extra")
    if all(getattr(entry, name) == changes[name] for name in seen if name in changes):
        raise NOT_MODIFIED
    return message(backend, fake, backend.edit(entry, **changes))


ACTING: Mapping[str, Method] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete,
    "deleteMessages": delete_several,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "unpinAllChatMessages": unpin_all,
}
