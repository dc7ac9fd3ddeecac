"""A fake Rubika Bot API v3: refusals come with HTTP 200, files go up on a second host."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from adapters.rubika.sandbox_files import TYPES, stored_file, ticket, uploaded
from adapters.rubika.sandbox_styles import entities
from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import nobody
from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.fields import read_fields
from broadcaster.sandbox.ledger import Content, Entry
from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.switches import Switch

TOKENS = {"any": re.compile(r"\S+"), "64": re.compile(r"[A-Z]{64}")}
ADDRESS = re.compile(r"[cgbu]0[A-Za-z0-9]{4,}|@\w{3,64}", re.ASCII)
METHODS = (
    "getMe",
    "getChat",
    "getChatMember",
    "sendMessage",
    "editMessageText",
    "deleteMessage",
    "forwardMessage",
    "requestSendFile",
    "sendFile",
    "getFile",
    "sendPoll",
    "editMessageKeypad",
    "editInlineKeypad",
    "getUpdates",
    "updateBotEndpoints",
    "setCommands",
    "getChatMemberCount",
    "getChatAdministrators",
    "pinChatMessage",
    "unpinChatMessage",
)
UNDOCUMENTED = frozenset(
    {"getChatMemberCount", "getChatAdministrators", "pinChatMessage", "unpinChatMessage"}
)
"""Bound by one library, in no document."""
IDS = ("chat_id", "from_chat_id", "to_chat_id", "message_id", "reply_to_message_id", "file_id")
CHAT_TYPES = {"c": "Channel", "g": "Group", "b": "User", "u": "User"}
RIGHTS = ("SendMessages", "EditAllMessages", "DeleteGlobalAllMessages", "PinMessages")
ACCESS = Refusal("INVALID_ACCESS", "access denied")
NOT_A_MEMBER = Refusal("INVALID_ACCESS", "bot is not a member of the chat")


class RubikaFake(Fake):
    name = "rubika"
    title = "روبیکا"
    colour = "#8e4bb5"
    paths = (
        r"/v3/{token}/{method:\w+}{slash:/?}",
        "/upload/{ticket}",
        "/files/{name}",
    )
    posting = frozenset({"sendMessage", "sendFile", "forwardMessage", "sendPoll"})
    text_limit = 4096
    caption_limit = 4096
    limits: ClassVar = {"text": text_limit, "caption": caption_limit, "album": (1, 1)}
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": Refusal("INVALID_INPUT", "the sandbox was told to refuse this"),
        "401": ACCESS,
        "403": NOT_A_MEMBER,
        "429": Refusal("TOO_REQUESTS", "too many requests"),
    }
    switches = (
        Switch("token", "good", "revoked: every token is refused", ("good", "revoked")),
        Switch(
            "token_shape",
            "any",
            "whether a token must be the 64 capital letters that the documents name",
            ("any", "64"),
        ),
        Switch(
            "ids",
            "any",
            "whether ids in JSON must be strings, as the documents write them",
            ("any", "strings"),
        ),
        Switch(
            "rights",
            "admin",
            "what the bot may do in every channel: post, only read, or nothing",
            ("admin", "member", "none"),
        ),
        Switch(
            "metadata_on_file",
            "taken",
            "metadata of a sendFile: two libraries send it, one project saw it refused",
            ("taken", "refused"),
        ),
        Switch(
            "caption_edit",
            "works",
            "whether editMessageText changes the caption of a file: nobody knows",
            ("works", "refused"),
        ),
        Switch(
            "undocumented",
            "absent",
            "counting members, administrators, pinning: one library binds them",
            ("absent", "there"),
        ),
        Switch(
            "type_photo",
            "refused",
            "whether requestSendFile takes Photo for Image: one library writes it",
            ("refused", "taken"),
        ),
        Switch("usernames", "work", "whether @username is a chat_id", ("work", "refused")),
        Switch(
            "rate_limit",
            "TOO_REQUESTS",
            "how a rate limit is answered: the documented status, the other spelling, or HTTP 429",
            ("TOO_REQUESTS", "TOO_REQUEST", "429"),
        ),
        Switch(
            "server_error",
            "status",
            "how a broken server answers: SERVER_ERROR with HTTP 200, or HTTP 502 in HTML",
            ("status", "502"),
        ),
        Switch(
            "file_id",
            "both",
            "where an upload's answer names the file: in data, at the top, or in both places",
            ("both", "data", "top"),
        ),
        Switch(
            "upload_url",
            "kept",
            "whether an upload address takes a second file: nobody knows",
            ("kept", "once"),
        ),
    )

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        path = request.match_info
        if "name" in path:
            return ApiCall(request=request, method="download")
        if "ticket" in path:
            return ApiCall(request=request, method="upload", fields=await read_fields(request))
        token = path["token"]
        if not TOKENS[backend.switch("token_shape")].fullmatch(token):
            raise ACCESS
        fields = await read_fields(request)
        wanted = path["method"].lower()
        method = next((name for name in METHODS if name.lower() == wanted), path["method"])
        return ApiCall(
            request=request,
            method=method,
            channel=fields.text("to_chat_id" if method == "forwardMessage" else "chat_id"),
            token=token,
            account=str(hashed(token) % 10**12),
            fields=fields,
        )

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        match call.method:
            case "download":
                stored = backend.stored(call.request.match_info["name"])
                return backend.send_file(stored) if stored else web.Response(status=404)
            case "upload":
                return uploaded(backend, call)
        if backend.switch("token") == "revoked":
            raise ACCESS
        if backend.switch("ids") == "strings":
            _check_ids(call)
        data = self._do(backend, call)
        return web.json_response(
            {"status": "OK"} if data is None else {"status": "OK", "data": data}
        )

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        """Every refusal is a good answer to HTTP; no delay is ever named."""
        status, code = 200, refusal.code
        if code == "TOO_REQUESTS" and backend.switch("rate_limit") == "429":
            status = 429
        elif code == "TOO_REQUESTS":
            code = backend.switch("rate_limit")
        return web.json_response({"status": code, "dev_message": refusal.text}, status=status)

    def fail(self, backend: Backend, call: ApiCall, fault: Fault) -> web.StreamResponse:
        broken = fault.kind == "5xx" and call.method != "upload"
        if broken and backend.switch("server_error") == "status":
            return self.refuse(backend, Refusal("SERVER_ERROR", "internal error"))
        return super().fail(backend, call, fault)

    def unreadable(self, why: str) -> Refusal:
        return Refusal("INVALID_INPUT", why)

    def message_id(self, number: int) -> str:
        """Strings everywhere, of digits."""
        return str(776 + number)

    def is_id(self, address: str) -> bool:
        return bool(re.fullmatch(r"[cgbu]0[A-Za-z0-9]{4,}", address))

    def id_of(self, username: str) -> str:
        return f"c0{hashed(username):032x}"[:34]

    def name_of(self, chat: str) -> str:
        return f"c{hashed(chat) % 10**8}"

    def _do(self, backend: Backend, call: ApiCall) -> dict[str, Any] | None:
        match call.method:
            case "getMe":
                return {"bot": _bot(call)}
            case "getChat":
                return {"chat": self._chat(backend, call)}
            case "getChatMember":
                self._address(backend, call)
                return {"chat_member": self._member(backend, call)}
            case "sendMessage":
                return {"message_id": self._send(backend, call, self._text(backend, call)).id}
            case "sendFile":
                return {"message_id": self._send_file(backend, call).id}
            case "sendPoll":
                return {"message_id": self._send(backend, call, _poll(call)).id}
            case "forwardMessage":
                return {"new_message_id": self._forward(backend, call).id}
            case "editMessageText":
                self._edit(backend, call)
                return {}
            case "deleteMessage":
                backend.delete(self._target(backend, call))
                return None
            case "editMessageKeypad" | "editInlineKeypad":
                _json(call, "inline_keypad", required=True)
                self._target(backend, call)
                return {}
            case "requestSendFile":
                return ticket(backend, call)
            case "getFile":
                stored = stored_file(backend, call)
                return {"download_url": backend.elsewhere(call.request, f"files/{stored.id}")}
            case "getUpdates":
                return {"updates": [], "next_offset_id": ""}
            case "updateBotEndpoints" | "setCommands":
                return {}
            case method if method in UNDOCUMENTED and backend.switch("undocumented") == "there":
                return self._beyond(backend, call)
        raise Refusal("INVALID_INPUT", f"method {call.method} not found")

    # --- chats --------------------------------------------------------------------------------

    def _address(self, backend: Backend, call: ApiCall) -> None:
        if not call.channel:
            raise Refusal("INVALID_INPUT", "chat_id is required")
        name = call.channel.startswith("@")
        known = ADDRESS.fullmatch(call.channel) and not nobody(call.channel)
        if not known or (name and backend.switch("usernames") != "work"):
            raise Refusal("INVALID_INPUT", "chat_id is not valid")

    def _writable(self, backend: Backend, call: ApiCall) -> None:
        self._address(backend, call)
        match backend.switch("rights"):
            case "none":
                raise NOT_A_MEMBER
            case "member":
                raise ACCESS

    def _chat(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        self._address(backend, call)
        if backend.switch("rights") == "none":
            raise NOT_A_MEMBER
        place = backend.place(call.channel)
        kind = CHAT_TYPES[place.id[0]]
        named = "first_name" if kind == "User" else "title"
        return {
            "chat_id": place.id,
            "chat_type": kind,
            named: place.title,
            "username": place.username,
        }

    def _member(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        user = call.fields.text("user_id")
        if not user:
            raise Refusal("INVALID_INPUT", "user_id is required")
        match backend.switch("rights"):
            case "none":
                raise NOT_A_MEMBER
            case "member":
                return {"user_id": user, "status": "Member", "access_list": []}
        return {"user_id": user, "status": "Admin", "access_list": list(RIGHTS)}

    def _beyond(self, backend: Backend, call: ApiCall) -> dict[str, Any]:
        self._writable(backend, call)
        match call.method:
            case "getChatMemberCount":
                return {"count": int(backend.number("members"))}
            case "getChatAdministrators":
                return {"chat_members": [{"user_id": _bot(call)["bot_id"], "status": "Admin"}]}
        if call.method == "pinChatMessage":
            backend.pin(self._target(backend, call))
        elif call.fields.text("message_id"):
            backend.pin(self._target(backend, call), pinned=False)
        else:
            for entry in backend.entries(backend.place(call.channel)):
                backend.pin(entry, pinned=False)
        return {}

    # --- messages -----------------------------------------------------------------------------

    def _text(self, backend: Backend, call: ApiCall) -> Content:
        text = call.fields.values.get("text", "")
        if not text.strip():
            raise Refusal("INVALID_INPUT", "text is required")
        if units(text) > backend.longest(self.text_limit):
            raise Refusal("INVALID_INPUT", "text is too long")
        return _styled(call, text)

    def _send(self, backend: Backend, call: ApiCall, draft: Content) -> Entry:
        self._writable(backend, call)
        for keypad in ("chat_keypad", "inline_keypad"):
            _json(call, keypad)
        (entry,) = backend.post(call, [_with_manner(backend, call, draft)])
        return entry

    def _send_file(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        stored = stored_file(backend, call)
        if _json(call, "metadata") and backend.switch("metadata_on_file") == "refused":
            raise Refusal("INVALID_INPUT", "metadata is not allowed here")
        caption = call.fields.values.get("text", "")
        if units(caption) > self.caption_limit:
            raise Refusal("INVALID_INPUT", "text is too long")
        kind = TYPES[stored.kind]
        draft = _styled(call, caption, media=(stored.item(kind),))
        return self._send(backend, call, draft)

    def _edit(self, backend: Backend, call: ApiCall) -> None:
        entry = self._target(backend, call)
        if entry.media and backend.switch("caption_edit") == "refused":
            raise Refusal("INVALID_INPUT", "message has no text")
        draft = self._text(backend, call)
        backend.edit(
            entry, text=draft.text, raw=draft.raw, markup=draft.markup, entities=draft.entities
        )

    def _forward(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        origin, number = call.fields.text("from_chat_id"), call.fields.text("message_id")
        if not origin or not number:
            raise Refusal("INVALID_INPUT", "from_chat_id and message_id are required")
        original = backend.find(origin, number) if ADDRESS.fullmatch(origin) else None
        if original is None:
            raise Refusal("INVALID_INPUT", "message not found")
        copied = ("text", "entities", "raw", "markup", "media")
        draft = Content(**{name: getattr(original, name) for name in copied})
        (entry,) = backend.post(call, [_with_manner(backend, call, draft)])
        return entry

    def _target(self, backend: Backend, call: ApiCall) -> Entry:
        self._writable(backend, call)
        number = call.fields.text("message_id")
        if not number:
            raise Refusal("INVALID_INPUT", "message_id is required")
        entry = backend.find(call.channel, number)
        if entry is None:
            raise Refusal("INVALID_INPUT", "message not found")
        return entry


def _bot(call: ApiCall) -> dict[str, Any]:
    return {
        "bot_id": f"b0{int(call.account):032x}",
        "bot_title": "ربات آزمایش",
        "avatar": {"file_id": "", "file_name": "", "size": "0"},
        "description": "",
        "username": f"sandbox_{call.account}_bot",
        "start_message": "",
        "share_url": f"https://rubika.ir/sandbox_{call.account}_bot",
    }


def _json(call: ApiCall, name: str, *, required: bool = False) -> Any:
    value = call.fields.json(name)
    if required and not value:
        raise Refusal("INVALID_INPUT", f"{name} is required")
    return value


def _check_ids(call: ApiCall) -> None:
    body = call.fields.body
    for name in IDS:
        if isinstance(body, Mapping) and not isinstance(body.get(name, ""), str | None):
            raise Refusal("INVALID_INPUT", f"{name} must be a string")


def _styled(call: ApiCall, text: str, media: tuple[Mapping[str, Any], ...] = ()) -> Content:
    metadata = _json(call, "metadata")
    markup = {"metadata": metadata} if metadata else {}
    styles = entities(metadata, text, group=call.channel.startswith("g0"))
    return Content(text=text, raw=text, markup=markup, entities=styles, media=media)


def _with_manner(backend: Backend, call: ApiCall, draft: Content) -> Content:
    """How it is sent: silently, and as a reply."""
    reply = call.fields.text("reply_to_message_id")
    if reply and backend.find(call.channel, reply) is None:
        raise Refusal("INVALID_INPUT", "reply_to_message_id is not valid")
    silent = call.fields.flag("disable_notification")
    return dataclasses.replace(draft, reply_to=reply or None, silent=silent)


def _poll(call: ApiCall) -> Content:
    options = _json(call, "options", required=True)
    question = call.fields.text("question")
    if not question or not isinstance(options, list) or len(options) < 2:
        raise Refusal("INVALID_INPUT", "question and two options are required")
    return Content(text=question, raw=question, extra={"options": options})


FAKE = RubikaFake()
