"""A fake Rubika Bot API v3: refusals come with HTTP 200, files go up on a second host."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.fake import Fake, Refusal, hashed
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.fields import read_fields
from broadcaster.sandbox.files import Stored
from broadcaster.sandbox.ledger import Draft, Entry
from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.room import Call, Room
from broadcaster.sandbox.switches import Switch

TOKEN = re.compile(r"\S{8,}")
ADDRESS = re.compile(r"[cgbu]0[A-Za-z0-9]{4,}|@\w{3,64}", re.ASCII)
TYPES = {
    "File": "document",
    "Image": "photo",
    "Voice": "voice",
    "Video": "video",
    "Music": "audio",
    "Gif": "animation",
}
"""The type of a file, chosen before it goes up, and what readers see."""
STYLES = {
    "Bold": "bold",
    "Italic": "italic",
    "Mono": "code",
    "Underline": "underline",
    "Strike": "strikethrough",
    "Spoiler": "spoiler",
    "Link": "text_link",
    "MentionText": "text_mention",
    "Pre": "pre",
    "Quote": "blockquote",
}
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
FILE_BYTES = 50_000_000
"""What clients in the field cap files at."""
RIGHTS = ("SendMessages", "EditAllMessages", "DeleteGlobalAllMessages", "PinMessages")
ACCESS = Refusal("INVALID_ACCESS", "access denied")
NOT_A_MEMBER = Refusal("INVALID_ACCESS", "bot is not a member of the chat")


class Rubika(Fake):
    name = "rubika"
    title = "روبیکا"
    colour = "#8e4bb5"
    paths = (
        r"/v3/{token}/{method:\w+}",
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
        Switch("usernames", "work", "whether @username is a chat_id", ("work", "refused")),
        Switch("haste", "200", "how haste is refused: TOO_REQUESTS, or HTTP 429", ("200", "429")),
        Switch("file_id", "data", "where an upload's answer names the file", ("data", "top")),
        Switch("members", "1204", "what counting the members of a channel says"),
    )

    async def read(self, room: Room, request: web.Request) -> Call:
        said = request.match_info
        if "name" in said:
            return Call(request=request, method="download")
        if "ticket" in said:
            return Call(request=request, method="upload", fields=await read_fields(request))
        token = said["token"]
        if not TOKEN.fullmatch(token):
            raise ACCESS
        fields = await read_fields(request)
        wanted = said["method"].lower()
        return Call(
            request=request,
            method=next((name for name in METHODS if name.lower() == wanted), said["method"]),
            channel=fields.text("chat_id", "to_chat_id"),
            token=token,
            account=str(hashed(token) % 10**12),
            fields=fields,
        )

    async def act(self, room: Room, call: Call) -> web.StreamResponse:
        match call.method:
            case "download":
                stored = room.stored(call.request.match_info["name"])
                return room.send_file(stored) if stored else web.Response(status=404)
            case "upload":
                return self._uploaded(room, call)
        if room.switch("token") == "revoked":
            raise ACCESS
        data = self._do(room, call)
        return web.json_response(
            {"status": "OK"} if data is None else {"status": "OK", "data": data}
        )

    def refuse(self, room: Room, refusal: Refusal) -> web.StreamResponse:
        """Every refusal is a good answer to HTTP; no delay is ever named."""
        status = 429 if refusal.code == "TOO_REQUESTS" and room.switch("haste") == "429" else 200
        said = {"status": refusal.code, "dev_message": refusal.text}
        return web.json_response(said, status=status)

    def fail(self, room: Room, call: Call, fault: Fault) -> web.StreamResponse:
        if fault.kind == "5xx" and call.method != "upload":
            return self.refuse(room, Refusal("SERVER_ERROR", "internal error"))
        return super().fail(room, call, fault)

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

    def _do(self, room: Room, call: Call) -> dict[str, Any] | None:
        match call.method:
            case "getMe":
                return {"bot": _bot(call)}
            case "getChat":
                return {"chat": self._chat(room, call)}
            case "getChatMember":
                self._address(room, call)
                return {"chat_member": self._member(room, call)}
            case "sendMessage":
                return {"message_id": self._send(room, call, self._text(call)).id}
            case "sendFile":
                return {"message_id": self._send_file(room, call).id}
            case "sendPoll":
                return {"message_id": self._send(room, call, _poll(call)).id}
            case "forwardMessage":
                return {"new_message_id": self._forward(room, call).id}
            case "editMessageText":
                self._edit(room, call)
                return {}
            case "deleteMessage":
                room.delete(self._target(room, call))
                return None
            case "editMessageKeypad" | "editInlineKeypad":
                _json(call, "inline_keypad", required=True)
                self._target(room, call)
                return {}
            case "requestSendFile":
                return self._ticket(room, call)
            case "getFile":
                stored = self._stored(room, call)
                return {"download_url": room.elsewhere(call.request, f"files/{stored.id}")}
            case "getUpdates":
                return {"updates": [], "next_offset_id": ""}
            case "updateBotEndpoints" | "setCommands":
                return {}
            case method if method in UNDOCUMENTED and room.switch("undocumented") == "there":
                return self._beyond(room, call)
        raise Refusal("INVALID_INPUT", f"method {call.method} not found")

    # --- chats --------------------------------------------------------------------------------

    def _address(self, room: Room, call: Call) -> None:
        if not call.channel:
            raise Refusal("INVALID_INPUT", "chat_id is required")
        name = call.channel.startswith("@")
        if not ADDRESS.fullmatch(call.channel) or (name and room.switch("usernames") != "work"):
            raise Refusal("INVALID_INPUT", "chat_id is not valid")

    def _writable(self, room: Room, call: Call) -> None:
        self._address(room, call)
        match room.switch("rights"):
            case "none":
                raise NOT_A_MEMBER
            case "member":
                raise ACCESS

    def _chat(self, room: Room, call: Call) -> dict[str, Any]:
        self._address(room, call)
        if room.switch("rights") == "none":
            raise NOT_A_MEMBER
        place = room.place(call.channel)
        return {
            "chat_id": place.id,
            "chat_type": "Channel",
            "title": place.title,
            "username": place.username,
        }

    def _member(self, room: Room, call: Call) -> dict[str, Any]:
        if not call.fields.text("user_id"):
            raise Refusal("INVALID_INPUT", "user_id is required")
        match room.switch("rights"):
            case "none":
                raise NOT_A_MEMBER
            case "member":
                return {"status": "Member", "access_list": []}
        return {"status": "Admin", "access_list": list(RIGHTS)}

    def _beyond(self, room: Room, call: Call) -> dict[str, Any]:
        self._writable(room, call)
        match call.method:
            case "getChatMemberCount":
                return {"count": int(room.number("members"))}
            case "getChatAdministrators":
                return {"chat_members": [{"user_id": _bot(call)["bot_id"], "status": "Admin"}]}
        room.pin(self._target(room, call), pinned=call.method == "pinChatMessage")
        return {}

    # --- messages -----------------------------------------------------------------------------

    def _text(self, call: Call) -> Draft:
        text = call.fields.values.get("text", "")
        if not text.strip():
            raise Refusal("INVALID_INPUT", "text is required")
        if units(text) > self.text_limit:
            raise Refusal("INVALID_INPUT", "text is too long")
        return _styled(call, text)

    def _send(self, room: Room, call: Call, draft: Draft) -> Entry:
        self._writable(room, call)
        for keypad in ("chat_keypad", "inline_keypad"):
            _json(call, keypad)
        (entry,) = room.post(call, [_with_manner(room, call, draft)])
        return entry

    def _send_file(self, room: Room, call: Call) -> Entry:
        self._writable(room, call)
        stored = self._stored(room, call)
        if _json(call, "metadata") and room.switch("metadata_on_file") == "refused":
            raise Refusal("INVALID_INPUT", "metadata is not allowed here")
        caption = call.fields.values.get("text", "")
        if units(caption) > self.caption_limit:
            raise Refusal("INVALID_INPUT", "text is too long")
        kind = TYPES[stored.kind]
        draft = _styled(call, caption, media=(stored.item(kind),))
        return self._send(room, call, draft)

    def _edit(self, room: Room, call: Call) -> None:
        entry = self._target(room, call)
        if entry.media and room.switch("caption_edit") == "refused":
            raise Refusal("INVALID_INPUT", "message has no text")
        draft = self._text(call)
        room.edit(
            entry, text=draft.text, raw=draft.raw, markup=draft.markup, entities=draft.entities
        )

    def _forward(self, room: Room, call: Call) -> Entry:
        self._writable(room, call)
        fields = call.fields
        original = room.find(fields.text("from_chat_id"), fields.text("message_id"))
        if original is None:
            raise Refusal("INVALID_INPUT", "message not found")
        copied = ("text", "entities", "raw", "markup", "media")
        draft = Draft(**{name: getattr(original, name) for name in copied})
        (entry,) = room.post(call, [_with_manner(room, call, draft)])
        return entry

    def _target(self, room: Room, call: Call) -> Entry:
        self._writable(room, call)
        number = call.fields.text("message_id")
        if not number:
            raise Refusal("INVALID_INPUT", "message_id is required")
        entry = room.find(call.channel, number)
        if entry is None:
            raise Refusal("INVALID_INPUT", "message not found")
        return entry

    # --- files --------------------------------------------------------------------------------

    def _ticket(self, room: Room, call: Call) -> dict[str, Any]:
        """An address for one file of the chosen type; it names type and account, not the token."""
        kind = call.fields.text("type")
        if kind not in TYPES:
            raise Refusal("INVALID_INPUT", f"type is one of {', '.join(TYPES)}")
        ticket = f"{kind}-{call.account}-{secrets.token_hex(8)}"
        return {"upload_url": room.elsewhere(call.request, f"upload/{ticket}")}

    def _uploaded(self, room: Room, call: Call) -> web.Response:
        kind, _, rest = call.request.match_info["ticket"].partition("-")
        upload = call.fields.files.get("file")
        if kind not in TYPES or upload is None:
            raise Refusal("INVALID_INPUT", "a part called file is required")
        if len(upload.content) > FILE_BYTES:
            return web.Response(status=413, text="Request Entity Too Large")
        stored = room.store(upload, owner=rest.partition("-")[0], kind=kind)
        named = {"file_id": stored.id}
        if room.switch("file_id") == "top":
            return web.json_response({"status": "OK", **named})
        return web.json_response({"status": "OK", "data": named})

    def _stored(self, room: Room, call: Call) -> Stored:
        stored = room.stored(call.fields.text("file_id"))
        if stored is None or stored.owner != call.account:
            raise Refusal("INVALID_INPUT", "file_id is not valid")
        return stored


def _bot(call: Call) -> dict[str, Any]:
    return {
        "bot_id": f"b0{int(call.account):032x}",
        "bot_title": "ربات آزمایش",
        "avatar": {"file_id": ""},
        "description": "",
        "username": f"sandbox_{call.account}_bot",
        "start_message": "",
        "share_url": f"https://rubika.ir/sandbox_{call.account}_bot",
    }


def _json(call: Call, name: str, *, required: bool = False) -> Any:
    found = call.fields.json(name)
    if required and not found:
        raise Refusal("INVALID_INPUT", f"{name} is required")
    return found


def _styled(call: Call, text: str, media: tuple[Mapping[str, Any], ...] = ()) -> Draft:
    """A text with its ``metadata``, whose numbers count UTF-16 units.

    :raises Refusal: a part has an unknown type or lies outside the text.
    """
    metadata = _json(call, "metadata")
    parts = metadata.get("meta_data_parts") if isinstance(metadata, Mapping) else None
    entities = []
    for part in parts or ():
        kind, start, length = part.get("type"), part.get("from_index"), part.get("length")
        whole = isinstance(start, int) and isinstance(length, int) and start >= 0 < length
        if kind not in STYLES or not whole or start + length > units(text):
            raise Refusal("INVALID_INPUT", "metadata is not valid")
        entity = {"type": STYLES[kind], "offset": start, "length": length}
        if kind == "Link":
            if not part.get("link_url"):
                raise Refusal("INVALID_INPUT", "link_url is required")
            entity["url"] = part["link_url"]
        entities.append(entity)
    markup = {"metadata": metadata} if metadata else {}
    return Draft(text=text, raw=text, markup=markup, entities=tuple(entities), media=media)


def _with_manner(room: Room, call: Call, draft: Draft) -> Draft:
    """How it is sent: silently, and as a reply."""
    reply = call.fields.text("reply_to_message_id")
    if reply and room.find(call.channel, reply) is None:
        raise Refusal("INVALID_INPUT", "reply_to_message_id is not valid")
    silent = call.fields.flag("disable_notification")
    return Draft(
        text=draft.text,
        raw=draft.raw,
        markup=draft.markup,
        entities=draft.entities,
        media=draft.media,
        reply_to=reply or None,
        silent=silent,
        extra=draft.extra,
    )


def _poll(call: Call) -> Draft:
    options = _json(call, "options", required=True)
    question = call.fields.text("question")
    if not question or not isinstance(options, list) or len(options) < 2:
        raise Refusal("INVALID_INPUT", "question and two options are required")
    return Draft(text=question, raw=question, extra={"options": options})


FAKE = Rubika()
