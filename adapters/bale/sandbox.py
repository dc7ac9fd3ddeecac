"""A fake Bale, from its bot documents; what they leave open is on switches."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi.acting import ACTING
from broadcaster.sandbox.botapi.asking import ASKING, STARTING, count_members
from broadcaster.sandbox.botapi.fake import SWITCHES, BotApiFake
from broadcaster.sandbox.botapi.sending import SENDING
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.ledger import Entry
from broadcaster.sandbox.markup.spans import MarkedText, MarkupSpan, link_mark
from broadcaster.sandbox.switches import Switch

MB = 2**20
MEDIA = {
    f"send{kind.title()}": kind
    for kind in ("photo", "video", "document", "audio", "voice", "animation")
}
_EDGE_BEFORE, _EDGE_AFTER = r"(?:(?<=\s)|(?<![^\n]))", r"(?=\s|$)"
_MARKUP = re.compile(
    rf"```\[(?P<title>[^\]\n]*)\](?P<body>.*?)```"
    rf"|\[(?P<words>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    rf"|{_EDGE_BEFORE}\*(?P<bold>[^*\n]+)\*{_EDGE_AFTER}"
    rf"|{_EDGE_BEFORE}_(?P<italic>[^_\n]+)_{_EDGE_AFTER}",
    re.DOTALL,
)
TOKEN_ERRORS = {
    "401": Refusal(401, "Unauthorized"),
    "403": Refusal(403, "Forbidden"),
    "400": Refusal(400, "Bad Request: Token not found"),
}
CHAT_ERRORS = {
    "404": Refusal(404, "Not Found: no such group or user"),
    "400": Refusal(400, "Bad Request: chat not found"),
}


class BaleFake(BotApiFake):
    name = "bale"
    title = "بله"
    colour = "#2fa08a"
    paths = (*BotApiFake.paths, "/business/bot{token}/{method}")
    text_limit = 4096
    caption_limit = 4096
    album_caption_limit = 1024
    uncaptioned = frozenset({"animation"})
    album_limit = (2, 10)
    limits: ClassVar = {"text": text_limit, "caption": caption_limit, "album": album_limit}
    file_limits: ClassVar = {
        "photo": 10 * MB,
        **dict.fromkeys(("video", "document", "audio", "voice", "animation"), 50 * MB),
    }
    silent = False
    invite = "https://ble.ir/join/"
    no_chat = Refusal(400, "Bad Request: chat_id: must be a valid value")
    no_rights = Refusal(403, "Forbidden: permission_denied")
    no_act: ClassVar = dict.fromkeys(("pin", "edit", "delete"), no_rights)
    switches = (
        *SWITCHES,
        Switch("token_error", "401", "how a bad token is refused", ("401", "403", "400")),
        Switch("unknown_chat", "404", "how an unknown chat is refused", ("404", "400")),
        Switch(
            "reject_string_media_in_json",
            "off",
            "refuse a file_id or URL of a file in a JSON body as malformed",
            ("off", "on"),
        ),
        Switch(
            "member_count_alias",
            "on",
            "answer getChatMemberCount, which only one client calls",
            ("on", "off"),
        ),
        Switch(
            "null_parameters",
            "off",
            'refusals carry "parameters": null instead of leaving it out',
            ("off", "on"),
        ),
        Switch(
            "gateway_429", "off", "rate limits are answered in plain text, not JSON", ("off", "on")
        ),
    )
    methods: ClassVar = {
        **{name: method for name, method in SENDING.items() if name != "sendVideoNote"},
        **{
            name: ACTING[name]
            for name in (
                "editMessageText",
                "editMessageCaption",
                "editMessageReplyMarkup",
                "deleteMessage",
                "pinChatMessage",
                "unpinAllChatMessages",
            )
        },
        "unPinChatMessage": ACTING["unpinChatMessage"],
        **ASKING,
        **STARTING,
        "getChatMembersCount": count_members,
        "getChatMemberCount": count_members,
    }

    def marked(self, text: str, parse_mode: str, entities: Any) -> MarkedText:
        """Its own Markdown, which nothing switches off; ``parse_mode`` is unknown here."""
        return parse_own_markdown(text)

    def measure(self, marked: MarkedText, raw: str) -> int:
        return len(raw)

    def shown_entities(self, entry: Entry) -> list[Mapping[str, Any]]:
        """Answers carry none of the markup."""
        return []

    def unknown_chat(self, backend: Backend) -> Refusal:
        return CHAT_ERRORS[backend.switch("unknown_chat")]

    def bad_token(self, backend: Backend) -> Refusal:
        return TOKEN_ERRORS[backend.switch("token_error")]

    def odd_token(self, backend: Backend) -> Refusal:
        return self.bad_token(backend)

    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        if backend.switch("null_parameters") == "off" or refusal.wait is not None:
            return super().refuse(backend, refusal)
        code, text = int(refusal.code), refusal.text
        envelope = {"ok": False, "error_code": code, "description": text, "parameters": None}
        return web.json_response(envelope, status=code)

    def fail(self, backend: Backend, call: ApiCall, fault: Fault) -> web.StreamResponse:
        if fault.kind == "401":
            return self.refuse(backend, self.bad_token(backend))
        if fault.kind == "429" and backend.switch("gateway_429") == "on":
            return web.Response(status=429, text="local_rate_limited")
        return super().fail(backend, call, fault)

    def page_data(self, place: FakeChannel) -> str:
        """The channel's type, title and description, as programs read them from ``ble.ir``."""
        group = {"nick": place.username, "title": place.title, "description": "", "isChannel": True}
        props = {"peer": {"type": 2, "id": int(place.id)}, "group": group}
        data = json.dumps({"props": {"pageProps": props}, "query": {"nick": place.username}})
        safe = data.replace("<", "\\u003c")
        return f'<script id="__NEXT_DATA__" type="application/json">{safe}</script>'

    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        if call.method == "getChatMemberCount" and backend.switch("member_count_alias") == "off":
            raise Refusal(404, "Not Found")
        kind = MEDIA.get(call.method)
        if (
            kind
            and backend.switch("reject_string_media_in_json") == "on"
            and isinstance(call.fields.body, Mapping)
            and isinstance(call.fields.body.get(kind), str)
        ):
            raise Refusal(400, "Bad Request: malformed request")
        return await super().act(backend, call)


def parse_own_markdown(source: str) -> MarkedText:
    """Bale's Markdown: ``*bold*`` and ``_italic_`` need space or a line edge around them."""
    out: list[str] = []
    marks: list[MarkupSpan] = []
    offset = length = 0
    for match in _MARKUP.finditer(source):
        plain = source[offset : match.start()]
        inside = _inside(match)
        start = length + len(plain)
        out += plain, inside
        length = start + len(inside)
        offset = match.end()
        match match.lastgroup:
            case "url":
                marks += link_mark(match["url"], start, length)
            case "body":
                marks.append(MarkupSpan("blockquote", start, length))
            case kind:
                marks.append(MarkupSpan(str(kind), start, length))
    return MarkedText("".join([*out, source[offset:]]), tuple(marks))


def _inside(match: re.Match[str]) -> str:
    if match.lastgroup == "body":
        return "\n".join(filter(None, (match["title"].strip(), match["body"].strip())))
    return match["words"] or match["bold"] or match["italic"]


FAKE = BaleFake()
