"""A fake Eitaayar, the service that posts to Eitaa: three methods, many spellings of options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.fields import Fields, read_fields
from broadcaster.sandbox.ledger import Draft, Entry
from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.room import Call, Room
from broadcaster.sandbox.switches import Switch

TOKENS = {"any": re.compile(r"(?!botbot)\S+"), "bot": re.compile(r"bot\d+:\S+")}
"""The letters ``bot`` are part of the token: glued in front of it once more, they are too many."""
ADDRESS = re.compile(r"@?[A-Za-z]\w{2,63}|\d{1,19}|https?://eitaa\.com/joinchat/\S+", re.ASCII)
METHODS = ("getMe", "sendMessage", "sendFile")
ABSENT = {"", "0", "-1", "off", "false", "null", "none"}
"""What clients write where they mean nothing."""
FILE_BYTES = 50 * 2**20
NOT_FOUND = Refusal(404, "Not Found: method not found!")
NO_ACCESS = Refusal(403, "Forbidden: user not access of channel chat")
TOKEN_ERRORS = {"401": Refusal(401, "Unauthorized"), "404": NOT_FOUND}
KINDS = {"image": "photo", "video": "video", "audio": "audio"}


class Eitaa(Fake):
    name = "eitaa"
    title = "ایتا"
    colour = "#d9782d"
    paths = (r"/api/{token}/{method:\w+}", r"/api/{token}/{method:\w+}/")
    posting = frozenset({"sendMessage", "sendFile"})
    page_class = "etme"
    text_limit = 4096
    caption_limit = 1024
    limits: ClassVar = {"text": text_limit, "caption": caption_limit}
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": Refusal(400, "Bad Request: peer not found"),
        "401": Refusal(401, "Unauthorized"),
        "403": NO_ACCESS,
        "429": Refusal(429, "Too Many Requests"),
    }
    switches = (
        Switch("token", "good", "revoked: every token is refused", ("good", "revoked")),
        Switch(
            "token_shape",
            "any",
            "whether a token must be of the documented shape, bot<digits>:<word>",
            ("any", "bot"),
        ),
        Switch(
            "token_error",
            "401",
            "how a bad token is refused: reports differ",
            ("401", "404"),
        ),
        Switch(
            "usernames",
            "work",
            "whether a username may be posted to; a live test saw 403",
            ("work", "403"),
        ),
        Switch(
            "notification_disable",
            "works",
            "whether the name that most clients send for disable_notification has an effect",
            ("works", "ignored"),
        ),
        Switch("chat_type", "channel", "what chat.type says", ("channel", "public", "private")),
        Switch("status", "code", "HTTP status of a refusal: its code, or 200", ("code", "200")),
    )

    async def read(self, room: Room, request: web.Request) -> Call:
        said = request.match_info
        token = said["token"]
        if not TOKENS[room.switch("token_shape")].fullmatch(token):
            raise self._bad_token(room)
        fields = await read_fields(request)
        wanted = said["method"].lower()
        return Call(
            request=request,
            method=next((name for name in METHODS if name.lower() == wanted), said["method"]),
            channel=fields.text("chat_id"),
            token=token,
            account=str(hashed(token) % 10**9),
            fields=fields,
        )

    async def act(self, room: Room, call: Call) -> web.StreamResponse:
        if room.switch("token") == "revoked":
            raise self._bad_token(room)
        match call.method:
            case "getMe":
                return _good(_owner(call))
            case "sendMessage":
                return _good(self._posted(room, call, text=self._text(call.fields)))
            case "sendFile":
                return _good(self._posted(room, call, text=self._caption(call.fields), file=True))
        raise NOT_FOUND

    def refuse(self, room: Room, refusal: Refusal) -> web.StreamResponse:
        code = int(refusal.code)
        text = refusal.text
        if code == 429 and refusal.wait is not None:
            text = f"{text}: retry after {refusal.wait:g}"
        said = {"ok": False, "error_code": code, "description": text}
        return web.json_response(said, status=200 if room.switch("status") == "200" else code)

    def id_of(self, username: str) -> str:
        """As the panel shows them: 10525463."""
        return str(10_000_000 + hashed(username) % 90_000_000)

    def _text(self, fields: Fields) -> str:
        text = fields.values.get("text", "")
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if units(text) > self.text_limit:
            raise Refusal(400, "Bad Request: message is too long")
        return text

    def _caption(self, fields: Fields) -> str:
        caption = fields.values.get("caption", "")
        if units(caption) > self.caption_limit:
            raise Refusal(400, "Bad Request: caption is too long")
        return caption

    def _posted(self, room: Room, call: Call, *, text: str, file: bool = False) -> dict[str, Any]:
        self._check_address(room, call)
        fields = call.fields
        media = (self._file(room, call),) if file else ()
        (entry,) = room.post(
            call,
            [
                Draft(
                    text=text,
                    raw=text,
                    media=media,
                    silent=_given(fields, "disable_notification")
                    or (
                        _given(fields, "notification_disable")
                        and room.switch("notification_disable") == "works"
                    ),
                    pinned=_given(fields, "pin"),
                    reply_to=_reply_to(room, call),
                    extra=_extra(fields),
                )
            ],
        )
        return _message(room, call, entry)

    def _check_address(self, room: Room, call: Call) -> None:
        if not ADDRESS.fullmatch(call.channel):
            raise Refusal(400, "Bad Request: peer not found")
        if not call.channel.isdecimal() and room.switch("usernames") == "403":
            raise NO_ACCESS

    def _file(self, room: Room, call: Call) -> dict[str, Any]:
        """A file comes as the part ``file``; no address and no earlier name of one is taken."""
        upload = call.fields.files.get("file")
        if upload is None:
            raise Refusal(400, "Bad Request: file invalid")
        if len(upload.content) > FILE_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        kind = KINDS.get(upload.mime.partition("/")[0], "document")
        return room.store(upload, owner=call.account, kind=kind).item(kind)

    def _bad_token(self, room: Room) -> Refusal:
        return TOKEN_ERRORS[room.switch("token_error")]


def _given(fields: Fields, name: str) -> bool:
    """Whether an option is on: ``1`` means on, and so does what is neither empty nor a "no"."""
    return fields.text(name).strip().lower() not in ABSENT


def _extra(fields: Fields) -> dict[str, Any]:
    names = ("title", "date", "viewCountForDelete")
    return {name: fields.text(name) for name in names if _given(fields, name)}


def _reply_to(room: Room, call: Call) -> str | None:
    for name in ("reply_to_message_id", "id_message_to_reply"):
        if _given(call.fields, name):
            said = call.fields.text(name)
            if room.find(call.channel, said) is None:
                raise Refusal(400, "Bad Request: reply message not found")
            return said
    return None


def _owner(call: Call) -> dict[str, Any]:
    return {
        "id": int(call.account),
        "is_bot": False,
        "first_name": "روابط عمومی",
        "last_name": "",
        "username": f"sandbox_{call.account}",
    }


def _message(room: Room, call: Call, entry: Entry) -> dict[str, Any]:
    place = room.place(entry.chat)
    said: dict[str, Any] = {
        "message_id": int(entry.id),
        "from": _owner(call),
        "chat": {
            "id": int(place.id),
            "type": room.switch("chat_type"),
            "title": place.title,
            "username": place.username,
        },
        "date": entry.unix,
    }
    words = "caption" if entry.media else "text"
    return said | ({words: entry.text} if entry.text else {})


def _good(result: dict[str, Any]) -> web.Response:
    return web.json_response({"ok": True, "result": result})


FAKE = Eitaa()
