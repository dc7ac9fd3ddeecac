"""A fake Soroush Plus, from its bot platform's documents; the API is new: much is on switches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi.acting import ACTING
from broadcaster.sandbox.botapi.asking import ASKING, STARTING, count_members
from broadcaster.sandbox.botapi.fake import SWITCHES, BotApiFake, Method
from broadcaster.sandbox.botapi.sending import SENDING
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.fake import Refusal, hashed
from broadcaster.sandbox.markup.modes import read_markup
from broadcaster.sandbox.markup.spans import MarkedText, units
from broadcaster.sandbox.switches import Switch

UNKNOWN_METHOD = Refusal(404, "Not Found: method not found")


NEWER = ("reply_parameters", "link_preview_options")
"""Names of Telegram's that are younger than the interface copied here."""


def switched(switch: str) -> Method:
    """A method that is absent unless its switch says that it is there."""

    def act(fake: BotApiFake, backend: Backend, call: ApiCall) -> Any:
        if backend.switch(switch) == "absent":
            raise UNKNOWN_METHOD
        return {**ACTING, **ASKING}[call.method](fake, backend, call)

    return act


def members(fake: BotApiFake, backend: Backend, call: ApiCall) -> int:
    """Two clients know a name for it each, and no document knows one."""
    if backend.switch("count") != call.method:
        raise UNKNOWN_METHOD
    return count_members(fake, backend, call)


class SoroushFake(BotApiFake):
    name = "soroush"
    title = "سروش پلاس"
    colour = "#2f7f95"
    text_limit = 4096
    caption_limit = 1024
    album_limit = (2, 10)
    limits: ClassVar = {"text": text_limit, "caption": caption_limit, "album": album_limit}
    silent = False
    switches = (
        *SWITCHES,
        Switch(
            "channel_posts",
            "allowed",
            "whether a bot may post to a channel at all: one project saw it refused",
            ("allowed", "refused"),
        ),
        Switch(
            "coming_soon",
            "absent",
            "methods announced for later: pinChatMessage, unpinChatMessage",
            ("absent", "there"),
        ),
        Switch(
            "chat_action",
            "absent",
            "sendChatAction: announced for later, yet one project calls it",
            ("absent", "there"),
        ),
        Switch(
            "get_chat",
            "there",
            "getChat: all libraries have it, nobody has shown an answer",
            ("there", "absent"),
        ),
        Switch(
            "newer_names",
            "ignored",
            "whether reply_parameters and link_preview_options mean something",
            ("ignored", "known"),
        ),
        Switch(
            "count",
            "none",
            "the name under which members are counted, if they are",
            ("none", "getChatMemberCount", "getChatMembersCount"),
        ),
    )
    methods: ClassVar = {
        **SENDING,
        **{
            name: ACTING[name]
            for name in (
                "editMessageText",
                "editMessageCaption",
                "editMessageMedia",
                "editMessageReplyMarkup",
                "deleteMessage",
            )
        },
        **{name: ASKING[name] for name in ("getMe", "getFile")},
        **STARTING,
        **dict.fromkeys(("pinChatMessage", "unpinChatMessage"), switched("coming_soon")),
        "sendChatAction": switched("chat_action"),
        "getChat": switched("get_chat"),
        **dict.fromkeys(("getChatMemberCount", "getChatMembersCount"), members),
    }

    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        call = await super().read(backend, request)
        if backend.switch("newer_names") == "known":
            return call
        fields = call.fields
        values = {name: value for name, value in fields.values.items() if name not in NEWER}
        return replace(call, fields=replace(fields, values=values))

    def odd_token(self, backend: Backend) -> Refusal:
        return self.bad_token(backend)

    def marked(self, text: str, parse_mode: str, entities: Any) -> MarkedText:
        return read_markup(text, parse_mode, entities)

    def measure(self, marked: MarkedText, raw: str) -> int:
        return units(marked.text)

    def id_of(self, username: str) -> str:
        """A channel looks like 10024428989: positive, and no -100."""
        return str(10_000_000_000 + hashed(username) % 100_000_000)

    def chat_type(self, place: FakeChannel) -> str:
        """A user looks like 69…, a channel like 100…."""
        return "private" if place.id.startswith("69") else "channel"

    def writable(self, backend: Backend, call: ApiCall) -> FakeChannel:
        place = super().writable(backend, call)
        if backend.switch("channel_posts") == "refused" and self.chat_type(place) == "channel":
            raise Refusal(403, "Forbidden: bot can't send messages to channels")
        return place


FAKE = SoroushFake()
