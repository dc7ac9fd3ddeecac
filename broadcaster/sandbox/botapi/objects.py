"""Users, chats and messages as the family's JSON shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.backend import Backend
from broadcaster.sandbox.botapi.fake import BotApiFake
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.ledger import Entry, Item

UNKNOWN_SIZE = (640, 360)
"""Pixels of a picture or film whose size nobody can read."""
THUMBNAIL_EDGE = 320
SIZES = {"s": 90, "m": 320}
"""Longest edge in pixels of the small forms of a photo."""


def bot_user(account: str) -> dict[str, Any]:
    """The bot that a token belongs to."""
    return {
        "id": int(account) if account.isdecimal() else 1,
        "is_bot": True,
        "first_name": "ربات آزمایش",
        "username": f"sandbox_{account}_bot",
    }


def chat(fake: BotApiFake, place: FakeChannel) -> dict[str, Any]:
    kind = fake.chat_type(place)
    result: dict[str, Any] = {"id": int(place.id), "type": kind}
    if kind == "private":
        return {**result, "first_name": place.title, "username": place.username}
    return {**result, "title": place.title, "username": place.username}


def message(backend: Backend, fake: BotApiFake, entry: Entry) -> dict[str, Any]:
    """A message as it stands now, with what it replies to."""
    result = _bare(backend, fake, entry)
    replied = entry.reply_to and backend.find(entry.chat, entry.reply_to)
    if replied:
        result["reply_to_message"] = _bare(backend, fake, replied)
    return result


def _bare(backend: Backend, fake: BotApiFake, entry: Entry) -> dict[str, Any]:
    place = backend.place(entry.chat)
    here = chat(fake, place)
    result: dict[str, Any] = {"message_id": int(entry.id), "date": entry.unix, "chat": here}
    if fake.signs_as_channel and here["type"] == "channel":
        result["sender_chat"] = here
    else:
        result["from"] = bot_user(entry.author)
    if entry.edited_at:
        result["edit_date"] = int(entry.edited_at.timestamp())
    if entry.group:
        result["media_group_id"] = entry.group
    result |= entry.extra
    entities = fake.shown_entities(entry)
    if not entry.media:
        result["text"] = entry.text
        return result | ({"entities": entities} if entities else {})
    result |= media(entry.media[0])
    if entry.text:
        result["caption"] = entry.text
        result |= {"caption_entities": entities} if entities else {}
    return result


def media(item: Item) -> dict[str, Any]:
    """The part of a message that describes its file."""
    kind = item["kind"]
    if kind == "photo":
        return {"photo": photo_sizes(item)}
    result = _file(item)
    if kind in ("video", "animation", "video_note"):
        width, height = _size(item)
        result |= {"width": width, "height": height}
    if kind not in ("document", "photo"):
        result["duration"] = int(item.get("seconds") or 0)
    result |= {name: item[name] for name in ("performer", "title") if item.get(name)}
    if kind == "video_note":
        result["length"] = result["width"]
    if kind == "animation":
        return {"animation": result, "document": result}
    return {kind: result}


def photo_sizes(item: Item) -> list[dict[str, Any]]:
    """A photo in several sizes, the largest last; each can be sent again."""
    width, height = _size(item)
    sizes = []
    for letter, edge in SIZES.items():
        if max(width, height) > edge:
            scale = edge / max(width, height)
            sizes.append(
                {
                    "file_id": f"{item['file_id']}{letter}",
                    "file_unique_id": f"{unique_id(item)}{letter}",
                    "width": max(1, round(width * scale)),
                    "height": max(1, round(height * scale)),
                    "file_size": max(1, round((item.get("size") or 1) * scale * scale)),
                }
            )
    whole = {
        "file_id": item["file_id"],
        "file_unique_id": unique_id(item),
        "width": width,
        "height": height,
        "file_size": item.get("size") or 1,
    }
    return [*sizes, whole]


def unique_id(item: Mapping[str, Any]) -> str:
    """The same for the same content, whatever names a platform has for it."""
    return str(item.get("sha256") or item["file_id"])[:15]


def _file(item: Item) -> dict[str, Any]:
    return {
        "file_id": item["file_id"],
        "file_unique_id": unique_id(item),
        "file_name": item["name"],
        "mime_type": item["mime"],
        "file_size": item.get("size") or 0,
    }


def _size(item: Item) -> tuple[int, int]:
    return item.get("width") or UNKNOWN_SIZE[0], item.get("height") or UNKNOWN_SIZE[1]
