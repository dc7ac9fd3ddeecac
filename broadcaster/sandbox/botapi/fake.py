"""A fake of the family: envelope, dispatch, and what platforms of it differ in."""

from __future__ import annotations

import inspect
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import FakeChannel, nobody
from broadcaster.sandbox.fake import Fake, Refusal
from broadcaster.sandbox.fields import read_fields
from broadcaster.sandbox.ledger import Entry
from broadcaster.sandbox.markup.spans import MarkedText
from broadcaster.sandbox.switches import Switch

Method: TypeAlias = "Callable[[BotApiFake, Backend, ApiCall], Any]"
"""One method: fake, backend and call -> its ``result`` (or a coroutine of it)."""

KICKED = Refusal(403, "Forbidden: bot was kicked from the channel chat")
TOKEN = re.compile(r"(\d+):\S+")
ADDRESS = re.compile(r"-?\d{1,19}|@\w{1,64}")
SWITCHES = (
    Switch("token", "good", "revoked: every token is refused", ("good", "revoked")),
    Switch(
        "rights",
        "admin",
        "what the bot may do in every channel: post, only read, nothing, or it was removed",
        ("admin", "member", "left", "kicked"),
    ),
    Switch("may_pin", "yes", "whether an administrator may also pin", ("yes", "no")),
    Switch("may_edit", "yes", "whether an administrator may also edit", ("yes", "no")),
    Switch("may_delete", "yes", "whether an administrator may also delete", ("yes", "no")),
)


class BotApiFake(Fake):
    """``{"ok": true, "result": …}`` over ``/bot<token>/<method>``."""

    paths: ClassVar[tuple[str, ...]] = ("/bot{token}/{method}", "/file/bot{token}/{path:.+}")
    switches: ClassVar[tuple[Switch, ...]] = SWITCHES
    posting = frozenset(
        {
            "sendMessage",
            "sendPhoto",
            "sendVideo",
            "sendDocument",
            "sendAudio",
            "sendVoice",
            "sendAnimation",
            "sendVideoNote",
            "sendMediaGroup",
            "copyMessage",
            "forwardMessage",
        }
    )
    refusals: ClassVar[Mapping[str, Refusal]] = {
        "400": Refusal(400, "Bad Request: the sandbox was told to refuse this"),
        "401": Refusal(401, "Unauthorized"),
        "403": Refusal(403, "Forbidden: bot is not a member of the channel chat"),
        "429": Refusal(429, "Too Many Requests"),
    }
    methods: ClassVar[Mapping[str, Method]]
    """By their documented spelling; any case is taken."""
    text_limit: ClassVar[int]
    caption_limit: ClassVar[int]
    album_limit: ClassVar[tuple[int, int]] = (2, 10)
    file_limits: ClassVar[Mapping[str, int]] = {}
    """Kind -> most bytes of an upload."""
    album_caption_limit: ClassVar[int | None] = None
    """Of each item of an album, where it is not ``caption_limit``."""
    uncaptioned: ClassVar[frozenset[str]] = frozenset()
    """Kinds whose methods know no ``caption``: it is passed over like any unknown parameter."""
    photo_sides: ClassVar[int | None] = None
    """Most pixels of a photo's width and height together."""
    photo_ratio: ClassVar[int | None] = None
    """Most times that its longer side may have the shorter one."""
    download_limit: ClassVar[int] = 20 * 2**20
    silent: ClassVar[bool] = True
    """Whether ``disable_notification`` means something."""
    no_chat: ClassVar[Refusal] = Refusal(400, "Bad Request: chat_id is empty")
    no_rights: ClassVar[Refusal] = Refusal(
        400, "Bad Request: need administrator rights in the channel chat"
    )
    """How a bot that may only read is refused."""
    no_act: ClassVar[Mapping[str, Refusal]] = {
        "pin": Refusal(400, "Bad Request: not enough rights to manage pinned messages in the chat"),
        "edit": Refusal(400, "Bad Request: CHAT_ADMIN_REQUIRED"),
        "delete": Refusal(400, "Bad Request: CHAT_ADMIN_REQUIRED"),
    }
    """How a bot is refused that may post, and not do this: each is a right of its own."""
    invite: ClassVar[str] = ""
    """Beginning of a channel's invite link, "" where getChat names none."""
    chat_details: ClassVar[Mapping[str, Any]] = {}
    """What else getChat tells."""
    signs_as_channel: ClassVar[bool] = False
    """Whether a channel's message has ``sender_chat`` instead of ``from``."""

    @abstractmethod
    def marked(self, text: str, parse_mode: str, entities: Any) -> MarkedText:
        """What readers see of a text.  :raises CannotParse: its markup is broken."""

    @abstractmethod
    def measure(self, marked: MarkedText, raw: str) -> int:
        """A text's length, as the limits count it."""

    def chat_type(self, place: FakeChannel) -> str:
        return "channel"

    def shown_entities(self, entry: Entry) -> list[Mapping[str, Any]]:
        """Those that answers carry."""
        return list(entry.entities)

    def unknown_chat(self, backend: Backend) -> Refusal:
        return Refusal(400, "Bad Request: chat not found")

    def bad_token(self, backend: Backend) -> Refusal:
        return self.refusals["401"]

    def odd_token(self, backend: Backend) -> Refusal:
        """How a token of impossible shape is refused."""
        return Refusal(404, "Not Found")

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        path = request.match_info
        owner = TOKEN.fullmatch(path["token"])
        if owner is None:
            raise self.odd_token(backend)
        account = owner[1]
        if "path" in path:
            return ApiCall(request=request, method="download", token=path["token"], account=account)
        method = self._spelled(path["method"])
        fields = await read_fields(request)
        return ApiCall(
            request=request,
            method=method,
            channel=fields.text("chat_id"),
            token=path["token"],
            account=account,
            fields=fields,
        )

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        if backend.switch("token") == "revoked":
            raise self.bad_token(backend)
        if call.method == "download":
            stored = backend.stored(file_of(call.request.match_info["path"]))
            if stored is None or stored.owner != call.account:
                raise Refusal(404, "Not Found")
            return backend.send_file(stored)
        method = self.methods.get(call.method)
        if method is None:
            raise Refusal(404, "Not Found")
        result = method(self, backend, call)
        if inspect.isawaitable(result):
            result = await result
        return web.json_response({"ok": True, "result": result})

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        code = int(refusal.code)
        text = refusal.text
        envelope: dict[str, Any] = {"ok": False, "error_code": code, "description": text}
        if refusal.wait is not None:
            wait = int(refusal.wait) if refusal.wait == int(refusal.wait) else refusal.wait
            envelope["description"] = f"{text}: retry after {wait}"
            envelope["parameters"] = {"retry_after": wait}
        return web.json_response(envelope, status=code)

    def place(self, backend: Backend, address: str) -> FakeChannel:
        """The chat of an address.  :raises Refusal: it cannot be one."""
        if not address:
            raise self.no_chat
        if not ADDRESS.fullmatch(address) or nobody(address):
            raise self.unknown_chat(backend)
        return backend.place(address)

    def writable(self, backend: Backend, call: ApiCall) -> FakeChannel:
        """The chat of a call that changes something there.  :raises Refusal: the bot may not."""
        place = self.place(backend, call.channel)
        match backend.switch("rights"):
            case "member":
                raise self.no_rights
            case "left":
                raise self.refusals["403"]
            case "kicked":
                raise KICKED
        return place

    def acts(self, backend: Backend, call: ApiCall, act: str) -> FakeChannel:
        """The chat of a call that pins, edits or deletes there.  :raises Refusal: it may not."""
        place = self.writable(backend, call)
        if backend.switch(f"may_{act}") == "no":
            raise self.no_act[act]
        return place

    def _spelled(self, method: str) -> str:
        wanted = method.lower()
        return next((name for name in self.methods if name.lower() == wanted), method)


def file_of(path: str) -> str:
    """The name of a file whose download path ends with it: ``photos/<name>.jpg``."""
    return path.rpartition("/")[2].partition(".")[0]
