"""Client of iGap: text first; files go up in chunks, behind the switch ``media``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from adapters.igap import messages
from adapters.igap.botland import Botland
from adapters.igap.facts import PLATFORM
from broadcaster import outside
from broadcaster.adapter import Call, Editable, Probe, Recallable, Uploader
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unavailable
from broadcaster.kit.client import HttpAdapter
from broadcaster.kit.refusal import file_forgotten, message_gone
from broadcaster.language import say
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Receipt

SEND, EDIT, DELETE = 410, 425, 411
UPLOAD_OPTION, UPLOAD_INIT, UPLOAD_CHUNK, UPLOAD_STATUS = 700, 701, 702, 703
"""``actionId`` of each call. :source: L+."""

MESSAGE_TYPE = {
    MediaKind.PHOTO: (1, 2),
    MediaKind.VIDEO: (3, 4),
    MediaKind.AUDIO: (5, 6),
    MediaKind.VOICE: (7, 6),
    MediaKind.ANIMATION: (8, 14),
    MediaKind.DOCUMENT: (9, 10),
}
"""Without words and with: a voice has no type with words, and goes as audio then. :source: P."""

PROCESSED, CORRUPTED = 2, 3
RECHECK_S = 0.5
"""Shortest wait before a file in processing is asked for again."""


class IGap(HttpAdapter, Uploader, Editable, Recallable):
    platform = PLATFORM

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._botland = Botland(self.http, account)

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        with path.open("rb") as file:
            token = await self._upload_chunks(media, file, deadline)
        await self._wait_until_processed(token, deadline)
        return Handle(value=token)

    async def send(self, call: Call) -> Receipt:
        message = call.message
        request = messages.ChannelSendMessage(
            room_id=int(call.channel.address),
            message=message.text,
            reply_to=int(call.reply_to or 0),
            random_id=random_id(call.key),
        )
        for media in message.media:
            request.message_type = MESSAGE_TYPE[media.kind][bool(message.text)]
            request.attachment = _attachment(call.handles[media.key].value, media)
        failure: SendError
        try:
            answer = await self._botland.ask(
                SEND,
                request,
                messages.ChannelSendMessageResponse,
                lambda response: response.room_message.message_id,
                deadline=call.deadline,
            )
        except Rejected as error:
            failure = file_forgotten(error, message.media)
        else:
            posted = answer.room_message
            posted_at = outside.moment(posted.create_time)
            return Receipt(ids=(str(posted.message_id),), at=posted_at)
        raise failure

    async def edit(self, call: Call) -> Receipt:
        await self._act(
            EDIT, call, call.ids[0], messages.ChannelEditMessage(message=call.message.text)
        )
        return Receipt(ids=call.ids)

    async def recall(self, call: Call) -> None:
        for message_id in call.ids:
            try:
                await self._act(DELETE, call, message_id, messages.ChannelDeleteMessage(both=True))
            except Rejected as error:
                if not message_gone(error):
                    raise

    async def probe(self, channel: Channel | None) -> Probe:
        return Probe(
            ok=True,
            unverified=("token",) if channel is None else ("token", "channel", "right to post"),
            advice=say("iGap tells nothing to a bot that does not post: send a test post"),
        )

    async def _act(self, action: int, call: Call, message_id: str, request: Any) -> None:
        request.room_id, request.message_id = int(call.channel.address), int(message_id)
        await self._botland.ask(
            action,
            request,
            messages.ChannelMessageResponse,
            lambda response: (
                (response.room_id, response.message_id) == (request.room_id, request.message_id)
            ),
            deadline=call.deadline,
            verb=call.message.verb,
        )

    async def _upload_chunks(self, media: Media, file: BinaryIO, deadline: float) -> str:
        """The file's token; the server says which bytes it wants next, and may know the file."""
        ask = partial(self._botland.ask, deadline=deadline)
        option = await ask(
            UPLOAD_OPTION,
            messages.FileUploadOption(size=media.size),
            messages.FileUploadOptionResponse,
            _no_error,
        )
        last = max(0, media.size - option.last_bytes_limit)
        begun = await ask(
            UPLOAD_INIT,
            messages.FileUploadInit(
                first_bytes=_bytes(file, 0, option.first_bytes_limit),
                last_bytes=_bytes(file, last, option.last_bytes_limit),
                size=media.size,
                file_hash=bytes.fromhex(media.digest),
                file_name=media.name,
            ),
            messages.FileUploadInitResponse,
            lambda response: response.token,
        )
        progress, offset, limit = begun.progress, begun.offset, begun.limit
        while progress < 100:
            chunk = _bytes(file, offset, limit)
            if not chunk:
                raise OutcomeUnknown(say("iGap asks for bytes that the file does not have"))
            done = await ask(
                UPLOAD_CHUNK,
                messages.FileUpload(token=begun.token, offset=offset, bytes=chunk),
                messages.FileUploadResponse,
                _no_error,
            )
            progress, offset, limit = done.progress, done.next_offset, done.next_limit
        token: str = begun.token
        return token

    async def _wait_until_processed(self, token: str, deadline: float) -> None:
        while True:
            state = await self._botland.ask(
                UPLOAD_STATUS,
                messages.FileUploadStatus(token=token),
                messages.FileUploadStatusResponse,
                _no_error,
                deadline=deadline,
            )
            if state.status == PROCESSED:
                return
            if state.status == CORRUPTED:
                raise Unavailable(say("iGap got the file damaged; it is uploaded again"))
            wait = max(RECHECK_S, state.recheck_delay_ms / 1000)
            await asyncio.sleep(min(wait, max(0.0, deadline - time.monotonic())))


def _attachment(token: str, media: Media) -> str:
    """The uploaded file as an object with token, size and name. :source: D doc.igap.net."""
    attachment = {"token": token, "size": media.size, "name": media.name}
    return json.dumps(attachment, ensure_ascii=False)


def random_id(key: str) -> int:
    """The same at each attempt at a message; 63 bits, for the app reads it as a signed number."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 1 or 1


def _no_error(response: Any) -> bool:
    return not response.error


def _bytes(file: BinaryIO, offset: int, limit: int) -> bytes:
    file.seek(offset)
    return file.read(max(0, limit))


ADAPTER = IGap
