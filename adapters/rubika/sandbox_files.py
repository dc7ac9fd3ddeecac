"""How files reach the fake Rubika: an address is asked for, they go there, and get an id."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.files import StoredFile

TYPES = {
    "File": "document",
    "Image": "photo",
    "Voice": "voice",
    "Video": "video",
    "Music": "audio",
    "Gif": "animation",
}
"""The type of a file, chosen before it goes up, and what readers see."""
FILE_BYTES, IMAGE_BYTES = 50_000_000, 10_000_000


def _is_picture(head: bytes) -> bool:
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8"))


def _is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")


FORMATS = {
    "Image": (_is_picture, "jpg, gif, png, webp"),
    "Video": (_is_mp4, "mp4"),
    "Gif": (_is_mp4, "mp4"),  # without sound, but nobody looks into it here
    "Music": (_is_mp3, "mp3"),
    "Voice": (_is_mp3, "mp3"),
}
"""What each type may hold; a File may hold anything."""


def ticket(backend: Backend, call: ApiCall) -> dict[str, Any]:
    """An address for one file of the chosen type; it names type and account, not the token."""
    kind = call.fields.text("type")
    if kind == "Photo" and backend.switch("type_photo") == "taken":
        kind = "Image"
    if kind not in TYPES:
        raise Refusal("INVALID_INPUT", f"type is one of {', '.join(TYPES)}")
    ticket = f"{kind}-{call.account}-{secrets.token_hex(8)}"
    return {"upload_url": backend.elsewhere(call.request, f"upload/{ticket}")}


def uploaded(backend: Backend, call: ApiCall) -> web.Response:
    """What comes to such an address, once or as often as the switch says."""
    ticket = call.request.match_info["ticket"]
    kind, _, rest = ticket.partition("-")
    upload = call.fields.files.get("file")
    if kind not in TYPES or ticket in backend.memory:
        raise Refusal("INVALID_INPUT", "the upload address is not valid")
    if upload is None:
        raise Refusal("INVALID_INPUT", "a part called file is required")
    if len(upload.content) > (IMAGE_BYTES if kind == "Image" else FILE_BYTES):
        return web.Response(status=413, text="Request Entity Too Large")
    is_one, formats = FORMATS.get(kind, (None, ""))
    if is_one and not is_one(upload.content[:16]):
        raise Refusal("INVALID_INPUT", f"a file of the type {kind} is one of {formats}")
    if backend.switch("upload_url") == "once":
        backend.memory[ticket] = True
    stored = backend.store(upload, owner=rest.partition("-")[0], kind=kind)
    where = backend.switch("file_id")
    answer: dict[str, Any] = {"status": "OK"}
    if where != "data":
        answer["file_id"] = stored.id
    if where != "top":
        answer["data"] = {"file_id": stored.id}
    return web.json_response(answer)


def stored_file(backend: Backend, call: ApiCall) -> StoredFile:
    """The file that a call names.  :raises Refusal: there is none, or it is another account's."""
    stored = backend.stored(call.fields.text("file_id"))
    if stored is None or stored.owner != call.account:
        raise Refusal("INVALID_INPUT", "file_id is not valid")
    return stored
