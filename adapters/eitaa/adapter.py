"""Client of Eitaa: Eitaayar posts for us, in three methods, and shows nothing of the channel.

A file goes up anew with every post; what readers see is looked up on the channel's public page.
"""

from __future__ import annotations

import mimetypes
import re
from contextlib import ExitStack
from datetime import datetime
from pathlib import PurePath

from adapters.eitaa.facts import PLATFORM, public_name
from broadcaster import outside
from broadcaster.adapter import Audience, Call, Countable, Found, Probe, Verifiable
from broadcaster.errors import RateLimited, Rejected, SendError, Unauthorized
from broadcaster.kit.botclient import receipt
from broadcaster.kit.client import HttpAdapter
from broadcaster.kit.http import Answer, FilePart
from broadcaster.kit.reader import PublicPages
from broadcaster.kit.refusal import (
    Advice,
    definite,
    foreign,
    is_page,
    named_wait,
    quoted,
    refused,
)
from broadcaster.language import say
from broadcaster.model import Account, Channel, Json, Media, MediaKind, Message, Receipt, Scope

ADVICE = Advice(
    account=say(
        "Eitaayar does not know this token: copy it anew from the Eitaayar "
        'panel, with the letters "bot" it begins with, into the account\'s '
        "token file"
    ),
    rights=say(
        "Eitaayar may not post to this channel: add the channel in the "
        "Eitaayar panel and make Eitaayar's account an administrator of it "
        "with the right to post"
    ),
    address=say(
        "Eitaayar knows no such channel: write the number that the Eitaayar "
        "panel shows as its address, and add the channel in the panel"
    ),
)
BY_NAME = say(
    "Eitaayar often refuses a channel that is addressed by name: write "
    "the number that its panel shows for the channel as the address"
)
NAMELESS = say("Eitaayar says that it is posted, and not under which number")
"""A success may come as ``{"status": "success"}``. :source: F, a client tested live."""

_HASTE = re.compile(r"too many requests|retry after|rate_limited", re.IGNORECASE)
_NO_CHANNEL = re.compile(r"(peer|chat) not found", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,200}>")


class Eitaa(HttpAdapter, Countable, Verifiable):
    platform = PLATFORM

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        # the token itself begins with "bot": nothing is put before it
        self._base = f"{account.base_url}/api/{account.token.reveal()}"
        self._pages = PublicPages(account, prefix="etme_", path="/{name}", name=public_name)

    async def close(self) -> None:
        await super().close()
        await self._pages.close()

    async def send(self, call: Call) -> Receipt:
        message = call.message
        data = {"chat_id": call.channel.address, **_flags(message, call.reply_to)}
        with ExitStack() as opened:
            method, words, files = "sendMessage", "text", {}
            for media in message.media:
                method, words = "sendFile", "caption"
                content = opened.enter_context(call.paths[media.digest].open("rb"))
                files["file"] = FilePart(_name(media), content, media.mime)
            if message.text:
                data[words] = message.text
            answer = await self.http.post(
                f"{self._base}/{method}", data=data, files=files, deadline=call.deadline
            )
        result = self._result(answer, call.channel)
        return receipt(result) if result else Receipt(note=NAMELESS)

    async def probe(self, channel: Channel | None) -> Probe:
        self._result(await self.http.post(f"{self._base}/getMe"), channel)
        if channel is None:
            return Probe(ok=True, verified=("token",), unverified=("right to post",))
        by_number = channel.address.isdecimal()
        return Probe(
            ok=True,
            verified=("token",),
            unverified=("channel", "right to post"),
            advice=say("Eitaayar shows nothing of a channel: send a test post")
            if by_number
            else say("{by_name}, and send a test post", by_name=BY_NAME),
        )

    async def audience(self, channel: Channel) -> Audience:
        return await self._pages.audience(channel)

    def hidden(self, channel: Channel) -> str:
        return self._pages.hidden(channel)

    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        return await self._pages.find(call, since=since, known=known)

    def _result(self, answer: Answer, channel: Channel | None) -> Json:
        """The ``result`` of a good answer; None where it is only said to be one.

        Its body decides; the HTTP status, which need not say the same, counts where the body says
        nothing.

        :raises SendError: what a refusal, or an answer that cannot be read, means.
        """
        parsed = answer.json()
        envelope = parsed if isinstance(parsed, dict) else {}
        ok, result = envelope.get("ok"), envelope.get("result")
        said_to_be_good = ok is None and envelope.get("status") == "success" and answer.status < 300
        if result and (ok is True or said_to_be_good):
            return result
        if said_to_be_good:
            return None
        status, named = answer.status, envelope.get("error_code")
        if ok is True:
            status = 200  # a yes that says no more
        elif ok is False and isinstance(named, int):
            status = named
        description = envelope.get("description") or envelope.get("error")
        own = isinstance(ok, bool) or isinstance(description, str)
        raise self._refusal(status, answer, description if own else answer.text, channel, own=own)

    def _refusal(
        self, status: int, answer: Answer, description: Json, channel: Channel | None, *, own: bool
    ) -> SendError:
        text = outside.said(description)
        page = is_page(text)
        text = text if page else _TAG.sub("", text)
        words = quoted(text, status, self.account.token)
        if definite(status) and (status == 429 or (_HASTE.search(text) and not page)):
            return RateLimited(
                say("Eitaayar asks to slow down ({words})", words=words),
                str(status),
                retry_after=named_wait(text) or answer.retry_after,
            )
        if not own:
            return foreign(status, words, retry_after=answer.retry_after)
        if definite(status):
            if _NO_CHANNEL.search(text):
                return Rejected(
                    say("{address} ({words})", address=ADVICE.address, words=words), str(status)
                )
            if status == 403 and channel and not channel.address.isdecimal():
                detail = say(
                    "{by_name}; or: {rights} ({words})",
                    by_name=BY_NAME,
                    rights=ADVICE.rights,
                    words=words,
                )
                return Unauthorized(detail, str(status), scope=Scope.CHANNEL)
        return refused(status, words, ADVICE, retry_after=answer.retry_after)


def _flags(message: Message, reply_to: str | None) -> dict[str, str]:
    """Switches are the number 1, never a boolean, and are left out where they are off."""
    flags = {"disable_notification": message.silent, "pin": message.pin}
    fields = {name: "1" for name, on in flags.items() if on}
    return fields | ({"reply_to_message_id": reply_to} if reply_to else {})


def _name(media: Media) -> str:
    """Eitaa goes by a file's name: one that hides a picture, film or sound gets a fitting ending.

    A film without sound is shown as an animation if its name ends in .gif. :source: D.
    """
    if media.kind is MediaKind.ANIMATION:
        return str(PurePath(media.name).with_suffix(".gif"))
    told, _ = mimetypes.guess_type(media.name)
    told_kind, kind = (mime.partition("/")[0] for mime in (told or "", media.mime))
    if media.kind is MediaKind.DOCUMENT or told_kind == kind:
        return media.name
    return media.name + (mimetypes.guess_extension(media.mime) or "")


ADAPTER = Eitaa
