"""How files reach the fake Rubika: an address is asked for, they go there, and get an id."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.files import Stored
from broadcaster.sandbox.room import Call, Room

TYPES = {
    "File": "document",
    "Image": "photo",
    "Voice": "voice",
    "Video": "video",
    "Music": "audio",
    "Gif": "animation",
}
"""The type of a file, chosen before it goes up, and what readers see."""
FILE_BYTES = 50_000_000
"""What clients in the field cap files at."""


def ticket(room: Room, call: Call) -> dict[str, Any]:
    """An address for one file of the chosen type; it names type and account, not the token."""
    kind = call.fields.text("type")
    if kind == "Photo" and room.switch("type_photo") == "taken":
        kind = "Image"
    if kind not in TYPES:
        raise Refusal("INVALID_INPUT", f"type is one of {', '.join(TYPES)}")
    ticket = f"{kind}-{call.account}-{secrets.token_hex(8)}"
    return {"upload_url": room.elsewhere(call.request, f"upload/{ticket}")}


def uploaded(room: Room, call: Call) -> web.Response:
    """What comes to such an address, once or as often as the switch says."""
    ticket = call.request.match_info["ticket"]
    kind, _, rest = ticket.partition("-")
    upload = call.fields.files.get("file")
    if kind not in TYPES or ticket in room.memory:
        raise Refusal("INVALID_INPUT", "the upload address is not valid")
    if upload is None:
        raise Refusal("INVALID_INPUT", "a part called file is required")
    if len(upload.content) > FILE_BYTES:
        return web.Response(status=413, text="Request Entity Too Large")
    if room.switch("upload_url") == "once":
        room.memory[ticket] = True
    stored = room.store(upload, owner=rest.partition("-")[0], kind=kind)
    where = room.switch("file_id")
    answer: dict[str, Any] = {"status": "OK"}
    if where != "data":
        answer["file_id"] = stored.id
    if where != "top":
        answer["data"] = {"file_id": stored.id}
    return web.json_response(answer)


def stored_file(room: Room, call: Call) -> Stored:
    """The file that a call names.  :raises Refusal: there is none, or it is another account's."""
    stored = room.stored(call.fields.text("file_id"))
    if stored is None or stored.owner != call.account:
        raise Refusal("INVALID_INPUT", "file_id is not valid")
    return stored
