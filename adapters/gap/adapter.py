"""Client of Gap: the token in a header, no envelope, and the caption inside the file's own words.

A bad token and a channel that is closed to us share one code, 403, and no method asks for the
token alone.  The channel is held; a second channel that is refused, with no good answer between
them, speaks for the token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from adapters.gap.facts import PLATFORM
from broadcaster import outside
from broadcaster.adapter import Call, Editable, Probe, Recallable, Uploader
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, StaleHandle, Unauthorized
from broadcaster.kit.client import HttpAdapter
from broadcaster.kit.http import Answer, FilePart
from broadcaster.kit.refusal import (
    Advice,
    as_verb,
    file_forgotten,
    foreign,
    message_gone,
    quoted,
    refused,
)
from broadcaster.language import say
from broadcaster.model import (
    Account,
    Channel,
    Handle,
    Json,
    Media,
    MediaKind,
    Receipt,
    Scope,
    Verb,
)

ADVICE = Advice(
    account=say(
        "Gap refuses more than one channel, and so probably the token: take a "
        "new one from its bot platform, put it in the account's token file"
    ),
    rights=say(
        "Gap refuses the bot in this channel: make it an administrator of the "
        "channel with the right to post, check the channel's address and the "
        "token"
    ),
    address=say("Gap knows no such channel: check its address"),
)
TYPE = {
    MediaKind.PHOTO: "image",
    MediaKind.VIDEO: "video",
    MediaKind.DOCUMENT: "file",
    MediaKind.AUDIO: "audio",
    MediaKind.VOICE: "voice",
    MediaKind.ANIMATION: "file",
}
"""Gap's word for a kind of file; it has none for an animation."""
BROKEN = 405
"""Seen when the service itself is broken, so that it is no clear no. :source: F."""


class Gap(HttpAdapter, Uploader, Editable, Recallable):
    platform = PLATFORM

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._refused: set[str] = set()
        """Addresses that were refused since Gap last took our token."""

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        with path.open("rb") as content:
            answer = await self.http.post(
                f"{self.account.base_url}/upload",
                files={TYPE[media.kind]: FilePart(media.name, content, media.mime)},
                headers=self._headers(),
                deadline=deadline,
            )
        if answer.status in (413, 500):
            raise Rejected(
                say(
                    "Gap does not take this file, a {kind} of {size:,} bytes: send a "
                    "smaller one, or another kind",
                    kind=media.kind,
                    size=media.size,
                ),
                str(answer.status),
            )
        descriptor = self._read(answer, channel.address)
        if not isinstance(descriptor, dict) or not descriptor:
            raise OutcomeUnknown(
                say("Gap says that it has the file, but its answer cannot be read")
            )
        descriptor.pop("desc", None)  # a caption is the message's, not the file's
        return Handle(value=json.dumps(descriptor, ensure_ascii=False))

    async def send(self, call: Call) -> Receipt:
        message = call.message
        kind, data = "text", message.text
        for media in message.media:
            kind, data = TYPE[media.kind], _described(call.handles[media.key], media, data)
        failure: SendError
        try:
            body = await self._call(
                "sendMessage", call.channel.address, call.deadline, type=kind, data=data
            )
        except Rejected as error:
            failure = file_forgotten(error, message.media)
        else:
            return Receipt(ids=(_id(body),))
        raise failure

    async def edit(self, call: Call) -> Receipt:
        await self._act(
            Verb.EDIT, "editMessage", call, message_id=call.ids[0], data=call.message.text
        )
        return Receipt(ids=call.ids)

    async def recall(self, call: Call) -> None:
        for message_id in call.ids:
            try:
                await self._act(Verb.RECALL, "deleteMessage", call, message_id=message_id)
            except Rejected as error:
                if not message_gone(error):
                    raise

    async def probe(self, channel: Channel | None) -> Probe:
        if channel is None:
            return await self._probe_again()
        await self._act_in(channel.address)
        return Probe(ok=True, verified=("token", "channel"), unverified=("right to post",))

    async def _probe_again(self) -> Probe:
        """Nothing asks for the token alone: a channel that was refused and is open tells of it."""
        for address in [*self._refused]:
            try:
                await self._act_in(address)
            except Unauthorized:
                continue
            return Probe(ok=True, verified=("token",), unverified=("right to post",))
        if self._refused:
            return Probe(ok=False, advice=ADVICE.account)
        return Probe(
            ok=True, unverified=("token",), advice=say("Gap tells of a token with a channel only")
        )

    async def _act_in(self, address: str) -> None:
        """Seem to be typing there, which posts nothing."""
        await self._call("sendAction", address, None, type="typing")

    async def _act(self, verb: Verb, method: str, call: Call, **fields: str) -> None:
        """One code is for all rights: where the bot may still seem to type, it may post."""
        refusal: SendError
        try:
            await self._call(method, call.channel.address, call.deadline, **fields)
        except Unauthorized as error:
            refusal = error
        else:
            return
        try:
            await self._act_in(call.channel.address)
        except SendError:
            pass
        else:
            refusal = as_verb(refusal, ADVICE, verb)
        raise refusal

    async def _call(self, method: str, address: str, deadline: float | None, **fields: str) -> Json:
        answer = await self.http.post(
            f"{self.account.base_url}/{method}",
            data={"chat_id": address, **fields},
            headers=self._headers(),
            deadline=deadline,
        )
        return self._read(answer, address)

    def _headers(self) -> Mapping[str, str]:
        return {"token": self.account.token.reveal()}

    def _read(self, answer: Answer, address: str) -> Json:
        """The body of a good answer; None where it says nothing.

        :raises SendError: what a refusal, or an answer that cannot be read, means.
        """
        body = answer.json()
        error = body.get("error") if isinstance(body, dict) else None
        words = quoted(outside.said(error or answer.text), answer.status, self.account.token)
        if 200 <= answer.status < 300:
            if error or answer.text.lstrip().startswith("<"):
                raise OutcomeUnknown(say("Gap's answer is no clear yes ({words})", words=words))
            self._refused.clear()
            return body
        if answer.status == BROKEN:
            raise OutcomeUnknown(
                say("Gap's service seems broken ({words})", words=words), str(BROKEN)
            )
        if not error and answer.body.strip():  # Gap says an error or nothing; its code counts
            raise foreign(answer.status, words, retry_after=answer.retry_after)
        if answer.status == 403:
            self._refused.add(address)
            if len(self._refused) > 1:
                raise Unauthorized(
                    say("{account} ({words})", account=ADVICE.account, words=words),
                    "403",
                    scope=Scope.ACCOUNT,
                )
        raise refused(answer.status, words, ADVICE, retry_after=answer.retry_after)


def _described(handle: Handle, media: Media, caption: str) -> str:
    """The uploaded file in Gap's own words, with the caption among them."""
    try:
        descriptor = json.loads(handle.value)
        if caption:
            descriptor["desc"] = caption
    except (ValueError, TypeError):
        raise StaleHandle(say("what is kept of the file is not Gap's"), file=media.key) from None
    return json.dumps(descriptor, ensure_ascii=False)


def _id(body: Json) -> str:
    identifier = outside.identifier(body.get("id") if isinstance(body, dict) else None)
    if not identifier:
        raise OutcomeUnknown(
            say("Gap says that it is posted, but its answer names no message"), said_yes=True
        )
    return identifier


ADAPTER = Gap
