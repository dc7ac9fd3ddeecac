"""A fake iGap: protobuf over HTTP, one message in, one message out, chosen by ``actionId``.

The numbers of the fields are those of the app's protobuf files; how an error looks over HTTP is
not documented, so that is on switches.
"""

from __future__ import annotations

import hashlib
import json
import math
import mimetypes
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web
from google.protobuf.message import DecodeError

from adapters.igap.sandbox_messages import MESSAGES
from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import nobody
from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.fields import Upload
from broadcaster.sandbox.ledger import Content, Entry
from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.switches import Switch

TYPES: Mapping[int, tuple[str, bool]] = {
    1: ("photo", False),
    2: ("photo", True),
    3: ("video", False),
    4: ("video", True),
    5: ("audio", False),
    6: ("audio", True),
    7: ("voice", False),
    8: ("animation", False),
    9: ("document", False),
    10: ("document", True),
    14: ("animation", True),
}
"""RoomMessageType -> what it shows, and whether words go with it; 0 is a text."""
TEXT = 0
SHA256_BYTES = 32
STATUS_UPLOADING, STATUS_PROCESSING, STATUS_PROCESSED, STATUS_CORRUPTED = 0, 1, 2, 3
EDGE_BYTES = 1024
"""How much of the head and tail of a file an upload begins with; made up."""


@dataclass(slots=True)
class Ongoing:
    """A file on its way up, and once it is whole."""

    owner: str
    name: str
    size: int
    head: bytes
    tail: bytes
    digest: bytes
    content: bytearray
    asked: int = 0
    """How often its status was asked since the last byte came."""

    @property
    def left(self) -> int:
        return self.size - len(self.content)

    @property
    def whole(self) -> bool:
        content = bytes(self.content)
        return (
            not self.left
            and content.startswith(self.head)
            and content.endswith(self.tail)
            # what else a digest may be is not documented; one client sends none
            and (
                len(self.digest) != SHA256_BYTES or hashlib.sha256(content).digest() == self.digest
            )
        )


@dataclass(frozen=True, slots=True)
class Action:
    """One ``actionId``; ``shape`` is the prefix of its messages in ``SCHEMA``."""

    method: str
    shape: str


ACTIONS: Mapping[str, Action] = {
    "410": Action("ChannelSendMessage", "SendMessage"),
    "310": Action("GroupSendMessage", "SendMessage"),
    "201": Action("ChatSendMessage", "SendMessage"),
    "425": Action("ChannelEditMessage", "EditMessage"),
    "411": Action("ChannelDeleteMessage", "DeleteMessage"),
    "700": Action("FileUploadOption", "UploadOption"),
    "701": Action("FileUploadInit", "UploadInit"),
    "702": Action("FileUpload", "Upload"),
    "703": Action("FileUploadStatus", "UploadStatus"),
}
BAD_TOKEN = Refusal("401.1", "UNAUTHORIZED")
BAD_PAYLOAD = Refusal("400.1", "BAD_PAYLOAD")
FORBIDDEN = Refusal("403.1", "FORBIDDEN")
NOT_FOUND = Refusal("404.1", "PAGE_NOT_FOUND")
NO_FILE = Refusal("404.3", "FILE_NOT_FOUND")
NO_MESSAGE = Refusal("404.2", "MESSAGE_NOT_FOUND")


class IGapFake(Fake):
    name = "igap"
    title = "آی‌گپ"
    colour = "#37964a"
    paths = ("/botland/v1/api",)
    posting = frozenset({"ChannelSendMessage", "GroupSendMessage", "ChatSendMessage"})
    text_limit = 4096
    caption_limit = 1024
    limits: ClassVar = {"text": text_limit, "caption": caption_limit}
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": BAD_PAYLOAD,
        "401": BAD_TOKEN,
        "403": FORBIDDEN,
        "429": Refusal("429.1", "FLOOD"),
    }
    switches = (
        Switch("token", "good", "revoked: every token is refused", ("good", "revoked")),
        Switch("rights", "admin", "what the bot may do in every channel", ("admin", "none")),
        Switch(
            "error_status",
            "200",
            "HTTP status of an ErrorResponse: always 200, or its major code",
            ("200", "code"),
        ),
        Switch(
            "attachment",
            "object",
            "form of the field: the documented object with token, size and name, the bare token of"
            " the app, any JSON with a token as of one library, or all of these",
            ("object", "token", "json", "any"),
        ),
        Switch("media", "taken", "whether a channel takes files from a bot", ("taken", "refused")),
        Switch("processing", "0", "how often the upload's status says: not yet"),
        Switch("chunk_bytes", "524288", "most bytes of a piece of a file; nobody knows it"),
        Switch(
            "upload_start",
            "beginning",
            "where the pieces of a file begin: at its first byte, or after the head given before",
            ("beginning", "after-head"),
        ),
    )

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        if request.method != "POST":
            raise NOT_FOUND
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise BAD_TOKEN
        action = ACTIONS.get(request.query.get("actionId", ""))
        if action is None:
            raise NOT_FOUND
        try:
            body = MESSAGES[action.shape].FromString(await request.read())
        except DecodeError:
            raise BAD_PAYLOAD from None
        room_id = getattr(body, "room_id", 0)
        return ApiCall(
            request=request,
            method=action.method,
            channel=str(room_id) if room_id else "",
            token=token.strip(),
            account=str(hashed(token) % 10**12),
            body=body,
        )

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        if backend.switch("token") == "revoked":
            raise BAD_TOKEN
        acts: Mapping[str, Callable[[Backend, ApiCall], Any]] = {
            "ChannelSendMessage": self._send,
            "GroupSendMessage": self._send,
            "ChatSendMessage": self._send,
            "ChannelEditMessage": self._edit,
            "ChannelDeleteMessage": self._delete,
            "FileUploadOption": self._option,
            "FileUploadInit": self._begin,
            "FileUpload": self._chunk,
            "FileUploadStatus": self._status,
        }
        return _answer(acts[call.method](backend, call))

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        major, _, minor = str(refusal.code).partition(".")
        error = MESSAGES["ErrorResponse"](
            major_code=int(major),
            minor_code=int(minor or 0),
            wait=math.ceil(refusal.wait or 0),
            message=refusal.text,
        )
        return _answer(
            error, status=int(major) if backend.switch("error_status") == "code" else 200
        )

    def fail(self, backend: Backend, call: ApiCall, fault: Fault) -> web.StreamResponse:
        if fault.kind == "5xx":
            return web.Response(status=502, text="Bad Gateway")
        return super().fail(backend, call, fault)

    def unreadable(self, why: str) -> Refusal:
        return BAD_PAYLOAD

    def message_id(self, number: int) -> str:
        """Large and growing, as the app's."""
        return str(1_700_000_000_000_000_000 + number)

    def id_of(self, username: str) -> str:
        return str(6_000_000_000_000_000_000 + hashed(username) % 10**17)

    # --- messages -----------------------------------------------------------------------------

    def _writable(self, backend: Backend, call: ApiCall) -> None:
        if not call.channel:
            raise BAD_PAYLOAD
        if backend.switch("rights") == "none" or nobody(call.channel):
            raise FORBIDDEN

    def _send(self, backend: Backend, call: ApiCall) -> Any:
        self._writable(backend, call)
        body = call.body
        reply = str(body.reply_to) if body.reply_to else None
        if reply and backend.find(call.channel, reply) is None:
            raise NO_MESSAGE
        media = self._attached(backend, call)
        (entry,) = backend.post(
            call,
            [
                Content(
                    text=body.message,
                    raw=body.message,
                    media=media,
                    reply_to=reply,
                    extra={"message_type": body.message_type, "random_id": str(body.random_id)},
                )
            ],
        )
        return MESSAGES["SendMessageResponse"](
            response=_response(entry),
            room_id=body.room_id,
            room_message=_room_message(entry, body),
        )

    def _attached(self, backend: Backend, call: ApiCall) -> tuple[Mapping[str, Any], ...]:
        """The file of a message, none for a text.  :raises Refusal: type and content differ."""
        body = call.body
        if body.message_type == TEXT:
            if (
                body.attachment
                or not body.message
                or units(body.message) > backend.longest(self.text_limit)
            ):
                raise BAD_PAYLOAD
            return ()
        if body.message_type not in TYPES or backend.switch("media") == "refused":
            raise BAD_PAYLOAD
        kind, captioned = TYPES[body.message_type]
        if bool(body.message) is not captioned or units(body.message) > self.caption_limit:
            raise BAD_PAYLOAD
        upload = backend.memory.get(_token(body.attachment, backend.switch("attachment")))
        if upload is None or upload.owner != call.account or not _processed(backend, upload):
            raise NO_FILE
        file = Upload(upload.name, _mime(upload.name), bytes(upload.content))
        return (backend.store(file, owner=call.account, kind=kind).item(kind),)

    def _edit(self, backend: Backend, call: ApiCall) -> Any:
        entry = self._target(backend, call)
        text = call.body.message
        limit = self.caption_limit if entry.media else backend.longest(self.text_limit)
        if not text or units(text) > limit:
            raise BAD_PAYLOAD
        changed = backend.edit(entry, text=text, raw=text)
        return MESSAGES["EditMessageResponse"](
            response=_response(changed),
            room_id=call.body.room_id,
            message_id=int(entry.id),
            message_version=changed.revision,
            message=text,
            message_type=entry.extra.get("message_type", TEXT),
        )

    def _delete(self, backend: Backend, call: ApiCall) -> Any:
        entry = self._target(backend, call)
        backend.delete(entry)
        return MESSAGES["DeleteMessageResponse"](
            response=_response(entry),
            room_id=call.body.room_id,
            message_id=int(entry.id),
            delete_version=entry.revision + 1,
        )

    def _target(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        entry = backend.find(call.channel, call.body.message_id)
        if entry is None:
            raise NO_MESSAGE
        return entry

    # --- uploads ------------------------------------------------------------------------------

    def _option(self, backend: Backend, call: ApiCall) -> Any:
        if call.body.size <= 0:
            raise BAD_PAYLOAD
        return MESSAGES["UploadOptionResponse"](
            response=_response(),
            first_bytes_limit=EDGE_BYTES,
            last_bytes_limit=EDGE_BYTES,
            max_connection=1,
        )

    def _begin(self, backend: Backend, call: ApiCall) -> Any:
        """Head and tail are given; the rest is asked for piece by piece."""
        body = call.body
        if not (body.first_bytes and body.last_bytes and body.size >= len(body.first_bytes)):
            raise BAD_PAYLOAD
        token = secrets.token_hex(24)
        begun = body.first_bytes if backend.switch("upload_start") == "after-head" else b""
        upload = backend.memory[token] = Ongoing(
            owner=call.account,
            name=body.file_name or "file",
            size=body.size,
            head=body.first_bytes,
            tail=body.last_bytes,
            digest=body.file_hash,
            content=bytearray(begun),
        )
        return MESSAGES["UploadInitResponse"](
            response=_response(),
            token=token,
            progress=_progress(upload),
            offset=len(begun),
            limit=_limit(backend, upload),
        )

    def _chunk(self, backend: Backend, call: ApiCall) -> Any:
        """The next piece, from where the last one ended.  :raises Refusal: it is another one."""
        body, upload = call.body, _upload(backend, call)
        if body.offset != len(upload.content) or not 0 < len(body.bytes) <= _limit(backend, upload):
            raise BAD_PAYLOAD
        upload.content += body.bytes
        return MESSAGES["UploadResponse"](
            response=_response(),
            progress=_progress(upload),
            next_offset=len(upload.content),
            next_limit=_limit(backend, upload),
        )

    def _status(self, backend: Backend, call: ApiCall) -> Any:
        upload = _upload(backend, call)
        if upload.left:
            status = STATUS_UPLOADING
        elif upload.asked < backend.number("processing"):
            upload.asked += 1
            status = STATUS_PROCESSING
        else:
            status = STATUS_PROCESSED if _processed(backend, upload) else STATUS_CORRUPTED
        return MESSAGES["UploadStatusResponse"](
            response=_response(),
            status=status,
            progress=_progress(upload),
            recheck_delay_ms=50 if status in (STATUS_UPLOADING, STATUS_PROCESSING) else 0,
        )


def _processed(backend: Backend, upload: Ongoing) -> bool:
    return upload.whole and upload.asked >= backend.number("processing")


def _progress(upload: Ongoing) -> float:
    return 100.0 * len(upload.content) / upload.size


def _limit(backend: Backend, upload: Ongoing) -> int:
    return min(int(backend.number("chunk_bytes")), upload.left)


def _upload(backend: Backend, call: ApiCall) -> Ongoing:
    upload = backend.memory.get(call.body.token)
    if not isinstance(upload, Ongoing) or upload.owner != call.account:
        raise NO_FILE
    return upload


def _token(field: str, form: str) -> str:
    """The token in the field ``attachment``: as it is, or inside JSON."""
    if not field.lstrip().startswith("{"):
        return field if form in ("token", "any") else ""
    try:
        parsed = json.loads(field)
    except ValueError:
        return ""
    whole = isinstance(parsed.get("name"), str) and type(parsed.get("size")) is int
    if form == "token" or (form == "object" and not whole):
        return ""
    return str(parsed.get("token", ""))


def _mime(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _response(entry: Entry | None = None) -> Any:
    stamp = entry.unix if entry else int(time.time())
    return MESSAGES["Response"](id=secrets.token_hex(8), timestamp=stamp)


def _room_message(entry: Entry, fields: Any) -> Any:
    message = MESSAGES["RoomMessage"](
        message_id=int(entry.id),
        message_version=entry.revision,
        message_type=fields.message_type,
        message=entry.text,
        create_time=entry.unix,
        update_time=entry.unix,
        random_id=fields.random_id,
    )
    for item in entry.media:
        message.attachment.token = _token(fields.attachment, "any")
        for name in ("name", "size", "mime", "width", "height"):
            if item[name]:
                setattr(message.attachment, name, item[name])
    return message


def _answer(message: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        body=message.SerializeToString(),
        content_type="application/octet-stream",
    )


FAKE = IGapFake()
