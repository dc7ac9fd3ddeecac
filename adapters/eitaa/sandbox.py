"""A fake Eitaayar, the service that posts to Eitaa: three methods, many spellings of options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import nobody
from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.fields import TRUE, Fields, read_fields
from broadcaster.sandbox.ledger import Content, Entry
from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.switches import Switch

TOKENS = {"any": re.compile(r"(?!botbot|app$)\S+"), "bot": re.compile(r"bot\d+:\S+")}
"""The letters ``bot`` are part of the token: glued in front of it once more, they are too many.

Under ``app`` stands another service, which writes to users of mini apps only.
"""
ADDRESS = re.compile(r"@?[A-Za-z]\w{2,63}|\d{1,19}|https?://eitaa\.com/joinchat/\S+", re.ASCII)
METHODS = ("getMe", "sendMessage", "sendFile", "sendDocument")
ABSENT = {"", "0", "-1", "off", "false", "null", "none"}
"""What clients write where they mean nothing."""
NUMBERS = ("date", "viewCountForDelete")
NUMBER = re.compile(r"\d{1,12}(\.\d*)?", re.ASCII)
FILE_BYTES = 50 * 2**20
NO_PEER = Refusal(400, "Bad Request: peer not found")
NOT_FOUND = Refusal(404, "Not Found: method not found!")
NO_ACCESS = Refusal(403, "Forbidden: user not access of channel chat")
TOKEN_ERRORS = {"401": Refusal(401, "Unauthorized"), "404": NOT_FOUND}
KINDS = {"image/gif": "animation", "image": "photo", "video": "video", "audio": "audio"}


class EitaaFake(Fake):
    name = "eitaa"
    title = "ایتا"
    colour = "#d9782d"
    paths = (r"/api/{token}/{method:\w+}{slash:/?}",)
    posting = frozenset({"sendMessage", "sendFile", "sendDocument"})
    page_class = "etme"
    text_limit = 4096
    caption_limit = 1024
    limits: ClassVar = {"text": text_limit, "caption": caption_limit}
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": NO_PEER,
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
        Switch(
            "rights",
            "admin",
            "where the account may post: everywhere, nowhere, or it knows no destination at all",
            ("admin", "none", "unknown"),
        ),
        Switch(
            "flags",
            "any",
            "whether pin and disable_notification are on by 1 only, as documented, or by true, too",
            ("any", "1"),
        ),
        Switch(
            "send_document",
            "absent",
            "whether sendDocument is another name of sendFile: one summary says so, a live call"
            " found no such method",
            ("absent", "there"),
        ),
        Switch(
            "error_text",
            "description",
            "where a refusal says why: in description, or also in Persian, with HTML, in error",
            ("description", "both"),
        ),
        Switch(
            "success",
            "ok",
            'how a success is told: with its result, or as {"status": "success"} alone',
            ("ok", "status"),
        ),
        Switch("chat_type", "channel", "what chat.type says", ("channel", "public", "private")),
        Switch("status", "code", "HTTP status of a refusal: its code, or 200", ("code", "200")),
    )

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        path = request.match_info
        token = path["token"]
        if not TOKENS[backend.switch("token_shape")].fullmatch(token):
            raise self._bad_token(backend)
        fields = await read_fields(request)
        wanted = path["method"].lower()
        return ApiCall(
            request=request,
            method=next((name for name in METHODS if name.lower() == wanted), path["method"]),
            channel=fields.text("chat_id"),
            token=token,
            account=str(hashed(token) % 10**9),
            fields=fields,
        )

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        if backend.switch("token") == "revoked":
            raise self._bad_token(backend)
        match call.method:
            case "getMe":
                return _good(backend, _owner(call))
            case "sendMessage":
                return _good(
                    backend, self._posted(backend, call, text=self._text(backend, call.fields))
                )
            case "sendFile":
                return _good(backend, self._file_posted(backend, call))
            case "sendDocument" if backend.switch("send_document") == "there":
                return _good(backend, self._file_posted(backend, call))
        raise NOT_FOUND

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        code = int(refusal.code)
        text = refusal.text
        if code == 429 and refusal.wait is not None:
            text = f"{text}: retry after {refusal.wait:g}"
        envelope = {"ok": False, "error_code": code, "description": text}
        if backend.switch("error_text") == "both":
            envelope["error"] = f"<b>خطا</b>: درخواست انجام نشد ({text})"
        return web.json_response(
            envelope, status=200 if backend.switch("status") == "200" else code
        )

    def id_of(self, username: str) -> str:
        """As the panel shows them: 10525463."""
        return str(10_000_000 + hashed(username) % 90_000_000)

    def _text(self, backend: Backend, fields: Fields) -> str:
        text = fields.values.get("text", "")
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if units(text) > backend.longest(self.text_limit):
            raise Refusal(400, "Bad Request: message is too long")
        return text

    def _caption(self, fields: Fields) -> str:
        caption = fields.values.get("caption", "")
        if units(caption) > self.caption_limit:
            raise Refusal(400, "Bad Request: caption is too long")
        return caption

    def _file_posted(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        return self._posted(backend, call, text=self._caption(call.fields), file=True)

    def _posted(
        self, backend: Backend, call: ApiCall, *, text: str, file: bool = False
    ) -> dict[str, Any]:
        self._check_address(backend, call)
        fields = call.fields
        media = (self._file(backend, call),) if file else ()
        named = ["disable_notification"]
        if backend.switch("notification_disable") == "works":
            named.append("notification_disable")
        (entry,) = backend.post(
            call,
            [
                Content(
                    text=text,
                    raw=text,
                    media=media,
                    silent=any(_on(backend, fields, name) for name in named),
                    pinned=_on(backend, fields, "pin"),
                    reply_to=_reply_to(backend, call),
                    extra=_extra(fields),
                )
            ],
        )
        return _message(backend, call, entry)

    def _check_address(self, backend: Backend, call: ApiCall) -> None:
        rights = backend.switch("rights")
        known = ADDRESS.fullmatch(call.channel) and not nobody(call.channel)
        if not known or rights == "unknown":
            raise NO_PEER
        refused = backend.switch("usernames") == "403" and not call.channel.isdecimal()
        if refused or rights == "none":
            raise NO_ACCESS

    def _file(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        """A file comes as the part ``file``; no address and no earlier name of one is taken."""
        files = call.fields.files
        upload = files.get("document" if call.method == "sendDocument" else "file")
        if upload is None:
            raise Refusal(400, "Bad Request: file invalid")
        if len(upload.content) > FILE_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        main = upload.mime.partition("/")[0]
        kind = KINDS.get(upload.mime) or KINDS.get(main, "document")
        return backend.store(upload, owner=call.account, kind=kind).item(kind)

    def _bad_token(self, backend: Backend) -> Refusal:
        return TOKEN_ERRORS[backend.switch("token_error")]


def _given(fields: Fields, name: str) -> bool:
    """Whether an option is there: what is empty or a "no" is not."""
    return fields.text(name).strip().lower() not in ABSENT


def _on(backend: Backend, fields: Fields, name: str) -> bool:
    """Whether a flag is on.  Anything but 1 (or true) leaves it off."""
    value = fields.text(name).strip().lower()
    return value == "1" or (value in TRUE and backend.switch("flags") == "any")


def _extra(fields: Fields) -> dict[str, Any]:
    """What only this platform has.  :raises Refusal: a number is none."""
    extra = {name: fields.text(name) for name in ("title", *NUMBERS) if _given(fields, name)}
    for name in NUMBERS:
        if not NUMBER.fullmatch(extra.get(name, "1")):
            raise Refusal(400, f"Bad Request: {name} is not a number")
    return extra


def _reply_to(backend: Backend, call: ApiCall) -> str | None:
    for name in ("reply_to_message_id", "id_message_to_reply"):
        if _given(call.fields, name):
            value = call.fields.text(name).strip()
            if backend.find(call.channel, value) is None:
                raise Refusal(400, "Bad Request: reply message not found")
            return value
    return None


def _owner(call: ApiCall) -> dict[str, Any]:
    return {
        "id": int(call.account),
        "is_bot": False,
        "first_name": "روابط عمومی",
        "last_name": "",
        "username": f"sandbox_{call.account}",
    }


def _message(backend: Backend, call: ApiCall, entry: Entry) -> dict[str, Any]:
    place = backend.place(entry.chat)
    message: dict[str, Any] = {
        "message_id": int(entry.id),
        "from": _owner(call),
        "chat": {
            "id": int(place.id),
            "type": backend.switch("chat_type"),
            "title": place.title,
            "username": place.username,
        },
        "date": entry.unix,
    }
    words = "caption" if entry.media else "text"
    return message | ({words: entry.text} if entry.text else {})


def _good(backend: Backend, result: dict[str, Any]) -> web.Response:
    if backend.switch("success") == "status":
        return web.json_response({"status": "success"})
    return web.json_response({"ok": True, "result": result})


FAKE = EitaaFake()
