"""Methods that act on what was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.botapi import media, words
from broadcaster.sandbox.botapi.fake import BotApiFake, Method
from broadcaster.sandbox.botapi.objects import message
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.ledger import Entry
from broadcaster.sandbox.room import Call, Room

NOT_MODIFIED = Refusal(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are"
    " exactly the same as a current content and reply markup of the message",
)
MANY = 100
"""Messages that one deleteMessages takes."""


def edit_text(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    entry = _target(fake, room, call, "edit")
    if entry.media:
        raise Refusal(400, "Bad Request: there is no text in the message to edit")
    said = words.text(fake, call.fields).changes()
    return _edited(
        fake, room, call, entry, {**said, "preview": words.manner(fake, call)["preview"]}
    )


def edit_caption(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    entry = _target(fake, room, call, "edit")
    if not entry.media:
        raise Refusal(400, "Bad Request: there is no caption in the message to edit")
    return _edited(fake, room, call, entry, words.caption(fake, call.fields).changes())


def edit_media(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    entry = _target(fake, room, call, "edit")
    said = call.fields.object("media")
    kind = said.get("type")
    if kind not in (*media.ALBUM_KINDS, "animation"):
        raise Refusal(400, "Bad Request: can't parse InputMedia: type is unknown")
    fields = words.item_fields(call.fields, said)
    item = media.item(fake, room, call.account, str(kind), fields, "media")
    changes = {**words.caption(fake, fields).changes(), "media": (item,)}
    return _edited(fake, room, call, entry, changes)


def edit_markup(fake: BotApiFake, room: Room, call: Call) -> dict[str, Any]:
    return _edited(fake, room, call, _target(fake, room, call, "edit"), {})


def delete(fake: BotApiFake, room: Room, call: Call) -> bool:
    room.delete(_target(fake, room, call, "delete"))
    return True


def delete_several(fake: BotApiFake, room: Room, call: Call) -> bool:
    fake.acts(room, call, "delete")
    numbers = call.fields.json("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MANY:
        raise Refusal(400, f"Bad Request: message_ids holds 1 to {MANY} message identifiers")
    for number in numbers:
        if entry := room.find(call.channel, number):
            room.delete(entry)
    return True


def pin(fake: BotApiFake, room: Room, call: Call) -> bool:
    room.pin(_target(fake, room, call, "pin"))
    return True


def unpin(fake: BotApiFake, room: Room, call: Call) -> bool:
    """The message named, else the one pinned last."""
    place = fake.acts(room, call, "pin")
    if call.fields.number("message_id"):
        room.pin(_target(fake, room, call, "unpin"), pinned=False)
    elif pinned := [entry for entry in room.entries(place) if entry.pinned]:
        room.pin(max(pinned, key=lambda entry: entry.revision), pinned=False)
    return True


def unpin_all(fake: BotApiFake, room: Room, call: Call) -> bool:
    for entry in room.entries(fake.acts(room, call, "pin")):
        room.pin(entry, pinned=False)
    return True


def _target(fake: BotApiFake, room: Room, call: Call, verb: str) -> Entry:
    fake.acts(room, call, verb.removeprefix("un"))
    number = call.fields.number("message_id")
    if not number:
        raise Refusal(400, "Bad Request: message identifier is not specified")
    entry = room.find(call.channel, number)
    if entry is None:
        raise Refusal(400, f"Bad Request: message to {verb} not found")
    return entry


def _edited(
    fake: BotApiFake, room: Room, call: Call, entry: Entry, changes: dict[str, Any]
) -> dict[str, Any]:
    markup = call.fields.object("reply_markup")
    extra = {name: value for name, value in entry.extra.items() if name != "reply_markup"}
    changes["extra"] = {**extra, "reply_markup": markup} if markup else extra
    seen = ("text", "entities", "media", "extra")
    if all(getattr(entry, name) == changes[name] for name in seen if name in changes):
        raise NOT_MODIFIED
    return message(room, fake, room.edit(entry, **changes))


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
