"""A fake Gap, from its bot platform's documents: token in a header, errors by HTTP status."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import nobody
from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.fields import Fields, UnreadableRequest, Upload, read_fields
from broadcaster.sandbox.files import StoredFile
from broadcaster.sandbox.ledger import Content, Entry
from broadcaster.sandbox.switches import Switch

TOKEN = re.compile(r"[A-Za-z0-9]{64}")
ADDRESS = re.compile(r"@\w{3,64}|\+?\d{1,19}", re.ASCII)
"""A conversation's id, a name, or a mobile number."""
PARTS = ("image", "video", "audio", "voice", "file")
"""Kinds of files: the name of the part on upload, and the type of the message."""
SHOWN_AS = {
    "image": "photo",
    "video": "video",
    "audio": "audio",
    "voice": "voice",
    "file": "document",
}
TYPES = ("text", *PARTS, "contact", "location")
METHODS = (
    "sendMessage",
    "upload",
    "editMessage",
    "deleteMessage",
    "sendAction",
    "answerCallback",
    "invoice",
)
KEYBOARDS = ("reply_keyboard", "inline_keyboard", "form")
BEGINNINGS = {
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"ID3": "audio",
    b"fLaC": "audio",
    b"%PDF": "document",
    b"PK\x03\x04": "document",
}
UPLOAD_BYTES = 400_000_000
"""Archive tools split their files here; the documents name no number."""
FORBIDDEN = Refusal(403, "forbidden")
CANNOT_TAKE = Refusal(500)
"""A file of the wrong kind, or one that is too large, on upload."""


class GapFake(Fake):
    name = "gap"
    title = "گپ"
    colour = "#5a67c9"
    paths = (r"/{method:\w+}{slash:/?}", "/files/{name}")
    posting = frozenset({"sendMessage"})
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": Refusal(400, "invalid parameters"),
        "401": FORBIDDEN,  # a bad token is a 403, too
        "403": FORBIDDEN,
        "429": Refusal(429, "too many requests"),
    }
    switches = (
        Switch("token", "good", "revoked: every token is refused", ("good", "revoked")),
        Switch(
            "token_length",
            "any",
            "whether a token must have the 64 letters and digits that the documents name",
            ("any", "64"),
        ),
        Switch("rights", "admin", "what the bot may do in every channel", ("admin", "none")),
        Switch("text_limit", "4096", "longest text or caption in characters; nobody knows it"),
        Switch(
            "caption_edit",
            "works",
            "whether editMessage takes a descriptor with a new caption: nobody knows",
            ("works", "refused"),
        ),
        Switch(
            "rate_limit",
            "429",
            "how a rate limit is answered, which no document says: 429 without a delay, 429 with"
            " Retry-After, or the 403 that much else gets",
            ("429", "retry-after", "403"),
        ),
        Switch("upload", "works", "refuses: every file is answered by 500", ("works", "refuses")),
        Switch("service", "works", "broken: every call is answered by 405", ("works", "broken")),
    )

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        if "name" in request.match_info:
            return ApiCall(request=request, method="download")
        fields = await read_fields(request)
        token = request.headers.get("token", "")
        wanted = request.match_info["method"].lower()
        return ApiCall(
            request=request,
            method=next((name for name in METHODS if name.lower() == wanted), wanted),
            channel=fields.text("chat_id"),
            token=token,
            account=str(hashed(token)),
            fields=fields,
        )

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        if call.method == "download":
            stored = backend.stored(call.request.match_info["name"])
            return backend.send_file(stored) if stored else web.Response(status=404)
        self._check(backend, call)
        match call.method:
            case "upload":
                return web.json_response(self._upload(backend, call))
            case "sendMessage":
                return web.json_response({"id": int(self._post(backend, call).id)})
            case "editMessage":
                self._edit(backend, call)
            case "deleteMessage":
                backend.delete(self._target(backend, call))
            case "sendAction":
                self._writable(backend, call)
                if call.fields.text("type") != "typing":
                    raise Refusal(400, "invalid type")
            case "answerCallback" | "invoice":
                pass
            case _:
                raise Refusal(404, "method not found")
        return web.json_response({})

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        status = int(refusal.code)
        form = backend.switch("rate_limit") if status == 429 else ""
        if form == "403":
            status = 403
        headers = {"Retry-After": f"{refusal.wait or 1:g}"} if form == "retry-after" else {}
        if not refusal.text:
            return web.Response(status=status)
        return web.json_response({"error": refusal.text}, status=status, headers=headers)

    def unreadable(self, why: str) -> Refusal:
        return Refusal(400, why)

    def _check(self, backend: Backend, call: ApiCall) -> None:
        if backend.switch("service") == "broken" or call.request.method != "POST":
            raise Refusal(405)
        strict = backend.switch("token_length") == "64"
        good = TOKEN.fullmatch(call.token) if strict else call.token
        if not good or backend.switch("token") == "revoked":
            raise FORBIDDEN

    def _writable(self, backend: Backend, call: ApiCall) -> None:
        if not call.channel:
            raise Refusal(400, "chat_id is required")
        known = ADDRESS.fullmatch(call.channel) and not nobody(call.channel)
        if not known or backend.switch("rights") == "none":
            raise FORBIDDEN

    def _upload(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        """The file's descriptor: what a message of this file is made of."""
        parts = [(kind, call.fields.files[kind]) for kind in PARTS if kind in call.fields.files]
        if len(parts) != 1:
            raise Refusal(400, "one file is required, in a part named after its kind")
        kind, upload = parts[0]
        if (
            backend.switch("upload") == "refuses"
            or len(upload.content) > UPLOAD_BYTES
            or not _fits(kind, upload)
        ):
            raise CANNOT_TAKE
        stored = backend.store(upload, owner=call.account, kind=kind)
        where = backend.elsewhere(call.request, f"files/{stored.id}")
        return _descriptor(stored, where, call.fields.text("desc"))

    def _post(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        draft = self._content(backend, call, call.fields.text("type"))
        (entry,) = backend.post(call, [draft])
        return entry

    def _edit(self, backend: Backend, call: ApiCall) -> None:
        entry = self._target(backend, call)
        if entry.media and backend.switch("caption_edit") == "refused":
            raise Refusal(400, "invalid type")
        draft = self._content(backend, call, str(entry.extra["type"]))
        backend.edit(
            entry,
            text=draft.text,
            raw=draft.raw,
            media=draft.media or entry.media,
            extra=draft.extra,
        )

    def _target(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        number = call.fields.number("message_id")
        if number is None:
            raise Refusal(400, "invalid message_id")
        entry = backend.find(call.channel, number)
        if entry is None:
            raise Refusal(400, "message not found")
        return entry

    def _content(self, backend: Backend, call: ApiCall, kind: str) -> Content:
        """What ``data`` says: a text, or the descriptor of a file with its caption inside."""
        data = call.fields.values.get("data", "")
        if kind not in TYPES or not data.strip():
            raise Refusal(400, "invalid type or data")
        for name in KEYBOARDS:
            call.fields.json(name)  # JSON text, or it is refused
        extra = {"type": kind}
        if kind == "text":
            _check_length(backend, data)
            return Content(text=data, raw=data, extra=extra)
        content = _object(call.fields)
        if kind not in PARTS:
            return Content(text=data, raw=data, extra=extra)
        stored = backend.stored(str(content.get("SID")))
        if stored is None or stored.owner != call.account or stored.kind != kind:
            raise Refusal(400, "invalid file")
        caption = str(content.get("desc") or "")
        _check_length(backend, caption)
        return Content(text=caption, raw=data, media=(stored.item(SHOWN_AS[kind]),), extra=extra)


def _check_length(backend: Backend, text: str) -> None:
    if len(text) > backend.longest(int(backend.number("text_limit"))):
        raise Refusal(400, "data is too long")


def _fits(kind: str, upload: Upload) -> bool:
    """Whether a file is of the kind that its part is named after.

    What nobody can tell is taken: one client sends files without a name and without a type.
    """
    shown = _shown(upload)
    return kind == "file" or shown in ("", {"voice": "audio"}.get(kind, kind))


def _shown(upload: Upload) -> str:
    """Image, video, audio or something else by the first bytes or the type, "" where neither says.

    Ogg and Matroska hold sound or pictures, so that their beginning tells nothing.
    """
    for begins, kind in BEGINNINGS.items():
        if upload.content.startswith(begins):
            return kind
    main = upload.mime.partition("/")[0]
    return main if main in {"image", "video", "audio", "text"} else ""


def _object(fields: Fields) -> dict[str, Any]:
    value = fields.json("data")
    if not isinstance(value, dict):
        raise UnreadableRequest("data is no JSON object")
    return value


def _descriptor(stored: StoredFile, where: str, desc: str) -> dict[str, Any]:
    """Which keys there are depends on the kind."""
    descriptor: dict[str, Any] = {
        "SID": stored.id,
        "type": stored.kind,
        "path": where,
        "filename": stored.name,
        "filesize": stored.size,
    }
    if stored.kind in {"image", "video"}:
        descriptor |= {"width": stored.width, "height": stored.height}
        descriptor["screenshots"] = {str(edge): where for edge in (64, 128, 256, 512)}
    if stored.kind in {"video", "audio", "voice"}:
        descriptor["duration"] = None
    if stored.kind == "voice":
        descriptor["wavebytes"] = json.dumps([])
    if stored.kind == "audio":
        descriptor["tags"] = {}
    return descriptor | ({"desc": desc} if desc else {})


FAKE = GapFake()
