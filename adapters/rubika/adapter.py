"""Client of Rubika's Bot API v3: it refuses with HTTP 200, and files go up in three steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adapters.rubika.facts import FILE_DOMAINS, PLATFORM
from broadcaster import outside
from broadcaster.adapter import Call, Editable, Probe, Recallable, Uploader
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unauthorized, Unavailable
from broadcaster.kit.client import HttpAdapter
from broadcaster.kit.guard import Guard, misfit
from broadcaster.kit.http import Answer, FilePart, Http
from broadcaster.kit.refusal import (
    Advice,
    as_verb,
    definite,
    file_forgotten,
    foreign,
    message_gone,
    quoted,
    refused,
)
from broadcaster.language import say
from broadcaster.model import Account, Channel, Handle, Json, Media, MediaKind, Receipt, Scope, Verb

ADVICE = Advice(
    account=say(
        "Rubika does not know this token: take a new one from @BotFather in "
        "Rubika, put it in the account's token file"
    ),
    rights=say(
        "the bot may not do this in the channel: in Rubika, make it an "
        "administrator of the channel with the right to send messages"
    ),
    address=say(
        "Rubika knows no such channel: check its address, and that the bot was added to it"
    ),
)
MEANS = {
    "INVALID_ACCESS": 403,
    "INVALID_INPUT": 400,
    "TOO_REQUESTS": 429,
    "TOO_REQUEST": 429,
    "SERVER_ERROR": 500,
}
"""Rubika's word -> the HTTP code that another platform would answer with."""
FILE_TYPE = {
    MediaKind.PHOTO: "Image",
    MediaKind.VIDEO: "Video",
    MediaKind.DOCUMENT: "File",
    MediaKind.AUDIO: "Music",
    MediaKind.VOICE: "Voice",
    MediaKind.ANIMATION: "Gif",
}


class Rubika(HttpAdapter, Uploader, Editable, Recallable):
    platform = PLATFORM

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._base = f"{account.base_url}/v3/{account.token.reveal()}"
        self._files = Http(account.proxy, guard=Guard(account.base_url))

    async def close(self) -> None:
        await super().close()
        await self._files.close()

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        asked = await self._call("requestSendFile", {"type": FILE_TYPE[media.kind]}, deadline)
        url = _word(asked, "upload_url")
        if flaw := misfit(url, base_url=self.account.base_url, domains=FILE_DOMAINS):
            raise Unavailable(
                say("the address that was named for the file is not Rubika's: {flaw}", flaw=flaw)
            )
        # another host: nothing but the file goes there
        with path.open("rb") as content:
            part = FilePart(media.name, content, media.mime)
            answer = await self._files.post(url, files={"file": part}, deadline=deadline)
        return Handle(value=self._file_id(answer))

    async def send(self, call: Call) -> Receipt:
        message, method = call.message, "sendMessage"
        params: dict[str, Json] = {"chat_id": call.channel.address, **message.markup}
        if message.text:
            params["text"] = message.text
        if message.silent:
            params["disable_notification"] = True
        if call.reply_to:
            params["reply_to_message_id"] = call.reply_to
        for media in message.media:
            method, params["file_id"] = "sendFile", call.handles[media.key].value
        failure: SendError
        try:
            data = await self._call(method, params, call.deadline)
        except Rejected as error:
            failure = file_forgotten(error, message.media)
        else:
            return Receipt(ids=(_id(data),))
        raise failure

    async def edit(self, call: Call) -> Receipt:
        message = call.message
        words = {"text": message.text, **message.markup}
        params = {**_where(call, call.ids[0]), **words}
        await self._call("editMessageText", params, call.deadline, Verb.EDIT)
        return Receipt(ids=call.ids)

    async def recall(self, call: Call) -> None:
        for message_id in call.ids:
            try:
                where = _where(call, message_id)
                await self._call("deleteMessage", where, call.deadline, Verb.RECALL)
            except Rejected as error:
                if not message_gone(error):
                    raise

    async def probe(self, channel: Channel | None) -> Probe:
        bot = _inner(await self._call("getMe", {}), "bot")
        if channel is None:
            return Probe(ok=True, verified=("token",), unverified=("right to post",))
        chat: dict[str, Json] = {"chat_id": channel.address}
        await self._call("getChat", chat)
        try:
            member = await self._call("getChatMember", {**chat, "user_id": bot.get("bot_id")})
        except Rejected:  # not in Rubika's own documentation
            member = {}
        match _inner(member, "chat_member").get("status"):
            case "Admin" | "Creator":
                return Probe(ok=True, verified=("token", "channel", "right to post"))
            case None:
                return Probe(ok=True, verified=("token", "channel"), unverified=("right to post",))
        return Probe(ok=False, verified=("token", "channel"), advice=ADVICE.rights)

    async def _call(
        self,
        method: str,
        params: Mapping[str, Json],
        deadline: float | None = None,
        verb: Verb = Verb.SEND,
    ) -> Mapping[str, Json]:
        """The ``data`` of a good answer.

        A bad token and a missing right share one word; getMe, which needs no right, tells them
        apart.  Where it cannot be asked, the smaller scope is held.
        """
        refusal: SendError
        try:
            return await self._ask(method, params, deadline)
        except Unauthorized as error:
            refusal = error
        try:
            await self._ask("getMe", {}, deadline)
        except Unauthorized:
            refusal = Unauthorized(ADVICE.account, refusal.code, scope=Scope.ACCOUNT)
        except SendError:
            pass
        raise as_verb(refusal, ADVICE, verb)

    async def _ask(
        self, method: str, params: Mapping[str, Json], deadline: float | None
    ) -> Mapping[str, Json]:
        url = f"{self._base}/{method}"
        return self._data(await self.http.post(url, body={**params}, deadline=deadline))

    def _data(self, answer: Answer) -> Mapping[str, Json]:
        envelope, good = _envelope(answer), 200 <= answer.status < 300
        word = outside.said(envelope.get("status"), longest=64)
        if good and word == "OK":
            return _inner(envelope, "data")
        status = answer.status
        if good or definite(status):
            status = MEANS.get(word, status)
        shown = outside.said(envelope.get("dev_message") or word or answer.text)
        words = quoted(shown, answer.status, self.account.token)
        if not word:
            raise foreign(status, words, retry_after=answer.retry_after)
        if status == 400 and "chat" in shown.casefold():
            raise Rejected(say("{address} ({words})", address=ADVICE.address, words=words), word)
        raise refused(status, words, ADVICE, code=word, retry_after=answer.retry_after)

    def _file_id(self, answer: Answer) -> str:
        if answer.status == 413:
            raise Rejected(say("the file is larger than Rubika takes: send a smaller one"), "413")
        envelope = _envelope(answer)
        for body in (_inner(envelope, "data"), envelope):
            if isinstance(file_id := body.get("file_id"), str) and file_id:
                return file_id
        # in no words of its own: it is whoever the address has led to
        raise OutcomeUnknown(
            say(
                "Rubika's upload server did not take the file (HTTP {status})", status=answer.status
            )
        )


def _where(call: Call, message_id: str) -> dict[str, Json]:
    return {"chat_id": call.channel.address, "message_id": message_id}


def _envelope(answer: Answer) -> Mapping[str, Json]:
    envelope = answer.json()
    return envelope if isinstance(envelope, dict) else {}


def _inner(envelope: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    inner = envelope.get(name)
    return inner if isinstance(inner, dict) else {}


def _id(data: Mapping[str, Json]) -> str:
    identifier = outside.identifier(data.get("message_id"))
    if not identifier:
        raise OutcomeUnknown(
            say("Rubika says yes, but its answer names no message_id"), said_yes=True
        )
    return identifier


def _word(data: Mapping[str, Json], name: str) -> str:
    """What a good answer must name; all of Rubika's ids are strings, but a number is one too."""
    word = data.get(name)
    if isinstance(word, bool) or not isinstance(word, int | str) or not word:
        raise OutcomeUnknown(say("Rubika says yes, but its answer names no {name}", name=name))
    return str(word)


ADAPTER = Rubika
