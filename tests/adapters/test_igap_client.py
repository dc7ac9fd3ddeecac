"""What iGap's client puts on the wire, byte for byte where it is known, and what answers mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.igap import messages as wire
from adapters.igap.adapter import IGap, random_id
from broadcaster.adapter import Call
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
    Unavailable,
)
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Message, Scope
from broadcaster.testing.loopback import Loopback, answer

ROOM = 12345
REQUESTS = {
    410: wire.ChannelSendMessage,
    425: wire.ChannelEditMessage,
    411: wire.ChannelDeleteMessage,
    700: wire.FileUploadOption,
    701: wire.FileUploadInit,
    702: wire.FileUpload,
    703: wire.FileUploadStatus,
}
CONTENT = bytes(range(256)) * 40
MakeCall = Callable[..., Call]


class Server(Loopback):
    """Gives each action its answers in turn, the last one again and again."""

    def __init__(self) -> None:
        super().__init__(self._say)
        self.says: dict[int, list[Any]] = {}
        self.asked_for: list[tuple[int, Any]] = []

    def _say(self, raw: bytes) -> bytes:
        head, _, body = raw.partition(b"\r\n\r\n")
        action = int(head.split(b"actionId=")[1].split()[0])
        self.asked_for.append((action, REQUESTS[action].FromString(body)))
        left = self.says[action]
        said = left.pop(0) if len(left) > 1 else left[0]
        return said if isinstance(said, bytes) else answer(200, said.SerializeToString())

    def requests(self, action: int) -> list[Any]:
        return [request for asked, request in self.asked_for if asked == action]


def posted(message_id: int = 7, **more: Any) -> Any:
    return wire.ChannelSendMessageResponse(
        room_id=ROOM, room_message={"message_id": message_id, **more}
    )


def error(status: int = 200, **fields: Any) -> bytes:
    return answer(status, wire.ErrorResponse(**fields).SerializeToString())


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        running.says[410] = [posted()]
        yield running


@pytest.fixture
async def igap(server: Server, account: Callable[[str], Account]) -> AsyncIterator[IGap]:
    client = IGap(account(server.url))
    yield client
    await client.close()


@pytest.fixture
def at_room(call: MakeCall) -> MakeCall:
    channel = Channel(name="news", account="acc", address=str(ROOM))
    return lambda message, **more: replace(call(message), channel=channel, **more)


@pytest.fixture
def blob(tmp_path: Path) -> tuple[Media, Path]:
    digest = hashlib.sha256(CONTENT).hexdigest()
    path = tmp_path / digest
    path.write_bytes(CONTENT)
    media = Media(
        digest=digest, kind=MediaKind.PHOTO, name="عکسِ روز.png", mime="", size=len(CONTENT)
    )
    return media, path


async def refused(igap: IGap, call: Call, kind: type[SendError]) -> Any:
    with watch(Wire()) as seen, pytest.raises(SendError) as raised:
        await igap.send(call)
    assert type(raised.value) is kind
    assert seen.touched
    return raised.value


async def test_a_text_is_the_known_bytes(
    igap: IGap, server: Server, at_room: MakeCall, account: Callable[[str], Account]
) -> None:
    server.says[410] = [posted(7, create_time=1_700_000_000)]
    receipt = await igap.send(at_room(Message(index=0, text="salam")))
    assert (receipt.ids, receipt.at and receipt.at.timestamp()) == (("7",), 1_700_000_000)
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /botland/v1/api?actionId=410 HTTP/1.1")
    assert b"Authorization: Bearer " + account("").token.reveal().encode() in head
    assert b"Content-Type: application/octet-stream" in head
    assert body.startswith(bytes.fromhex("18b960220573616c616d50"))


async def test_a_reply_and_the_same_number_at_each_attempt(
    igap: IGap, server: Server, at_room: MakeCall
) -> None:
    made = at_room(Message(index=0, text="می‌گوید"), reply_to="41")
    await igap.send(made)
    await igap.send(made)
    await igap.send(replace(made, key="another"))
    first, again, other = server.requests(410)
    assert (first.message, first.reply_to) == ("می‌گوید", 41)
    assert first.random_id == again.random_id != other.random_id
    assert 0 < random_id("k") < 2**63


@pytest.mark.parametrize(
    ("kind", "bare", "with_words"),
    [
        (MediaKind.PHOTO, 1, 2),
        (MediaKind.VIDEO, 3, 4),
        (MediaKind.AUDIO, 5, 6),
        (MediaKind.VOICE, 7, 6),
        (MediaKind.ANIMATION, 8, 14),
        (MediaKind.DOCUMENT, 9, 10),
    ],
)
async def test_a_file_has_the_type_of_its_kind_and_words(
    igap: IGap,
    server: Server,
    at_room: MakeCall,
    blob: tuple[Media, Path],
    kind: MediaKind,
    bare: int,
    with_words: int,
) -> None:
    media = replace(blob[0], kind=kind)
    handles = {media.key: Handle(value="token-1")}
    for text in ("", "شرح"):
        await igap.send(at_room(Message(index=0, text=text, media=(media,)), handles=handles))
    first, second = server.requests(410)
    assert (first.message_type, second.message_type) == (bare, with_words)
    said = {"token": "token-1", "size": media.size, "name": media.name}
    assert (json.loads(first.attachment), second.message) == (said, "شرح")


async def test_a_file_goes_up_in_the_chunks_that_are_asked_for(
    igap: IGap, server: Server, at_room: MakeCall, blob: tuple[Media, Path]
) -> None:
    media, path = blob
    server.says |= {
        700: [wire.FileUploadOptionResponse(first_bytes_limit=100, last_bytes_limit=50)],
        701: [wire.FileUploadInitResponse(token="t-1", offset=100, limit=6000)],
        702: [
            wire.FileUploadResponse(progress=60, next_offset=6100, next_limit=4090),
            wire.FileUploadResponse(progress=100),
        ],
        703: [
            wire.FileUploadStatusResponse(status=1, recheck_delay_ms=1),
            wire.FileUploadStatusResponse(status=2),
        ],
    }
    made = at_room(Message(index=0, media=(media,)))
    handle = await igap.upload(media, path, made.channel, deadline=made.deadline)
    assert handle.value == "t-1"
    assert [action for action, _ in server.asked_for] == [700, 701, 702, 702, 703, 703]
    (init,) = server.requests(701)
    assert (init.first_bytes, init.last_bytes) == (CONTENT[:100], CONTENT[-50:])
    assert (init.size, init.file_name) == (len(CONTENT), "عکسِ روز.png")
    assert init.file_hash.hex() == media.digest
    chunks = server.requests(702)
    assert [(chunk.token, chunk.offset) for chunk in chunks] == [("t-1", 100), ("t-1", 6100)]
    assert CONTENT[:100] + b"".join(chunk.bytes for chunk in chunks) + CONTENT[-50:] == CONTENT


async def test_a_file_that_is_known_already_is_not_sent_again(
    igap: IGap, server: Server, at_room: MakeCall, blob: tuple[Media, Path]
) -> None:
    media, path = blob
    server.says |= {
        700: [wire.FileUploadOptionResponse()],
        701: [wire.FileUploadInitResponse(token="t-1", progress=100)],
        703: [wire.FileUploadStatusResponse(status=2)],
    }
    made = at_room(Message(index=0, media=(media,)))
    await igap.upload(media, path, made.channel, deadline=made.deadline)
    assert [action for action, _ in server.asked_for] == [700, 701, 703]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({700: [error(major_code=403, message="no")]}, Unauthorized),
        ({701: [error(major_code=5, minor_code=1, message="too big")]}, Rejected),
        ({702: [error(major_code=5, minor_code=1, message="bad chunk")]}, Rejected),
        (
            {702: [wire.FileUploadResponse(progress=50, next_offset=10**6, next_limit=9)]},
            OutcomeUnknown,
        ),
        ({702: [wire.FileUploadResponse(progress=50, next_offset=5)]}, OutcomeUnknown),
        ({703: [wire.FileUploadStatusResponse(status=3)]}, Unavailable),
        ({703: [error(major_code=429, message="slow", wait=9)]}, RateLimited),
        ({703: [answer(502, b"<html>")]}, OutcomeUnknown),
    ],
)
async def test_an_upload_that_fails_says_how(
    igap: IGap,
    server: Server,
    at_room: MakeCall,
    blob: tuple[Media, Path],
    says: dict[int, list[Any]],
    kind: type[SendError],
) -> None:
    media, path = blob
    server.says |= {
        700: [wire.FileUploadOptionResponse(first_bytes_limit=100, last_bytes_limit=50)],
        701: [wire.FileUploadInitResponse(token="t-1", offset=100, limit=6000)],
        702: [wire.FileUploadResponse(progress=100)],
        **says,
    }
    made = at_room(Message(index=0, media=(media,)))
    with pytest.raises(SendError) as raised:
        await igap.upload(media, path, made.channel, deadline=made.deadline)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error(major_code=5, minor_code=1, message="bad"), Rejected),
        (error(400, major_code=5, minor_code=1), Rejected),
        (error(major_code=9, message="PAGE_NOT_FOUND"), Rejected),
        (error(404, major_code=9, message="PAGE_NOT_FOUND"), Rejected),
        (error(404, major_code=404, message="room not found"), Rejected),
        (error(401, major_code=9), Unauthorized),
        (error(major_code=401), Unauthorized),
        (error(major_code=403), Unauthorized),
        (error(400, major_code=403), Unauthorized),
        (error(major_code=429), RateLimited),
        (error(429, major_code=1), RateLimited),
        (error(major_code=500), OutcomeUnknown),
        (error(502, major_code=400, wait=9), OutcomeUnknown),
        (answer(413, b"<html>"), Rejected),
        (answer(200, b""), OutcomeUnknown),
        (answer(200, b'{"ok": true}'), OutcomeUnknown),
        (wire.ChannelSendMessageResponse(room_id=ROOM), OutcomeUnknown),
        (wire.ChannelSendMessageResponse(room_id=ROOM, room_message={}), OutcomeUnknown),
    ],
)
async def test_what_is_no_receipt_has_its_one_meaning(
    igap: IGap, server: Server, at_room: MakeCall, said: Any, kind: type[SendError]
) -> None:
    server.says[410] = [said]
    await refused(igap, at_room(Message(index=0, text="x")), kind)


async def test_a_refusal_names_scope_code_and_wait(
    igap: IGap, server: Server, at_room: MakeCall
) -> None:
    made = at_room(Message(index=0, text="x"))
    server.says[410] = [error(major_code=401, minor_code=2, message="نشست پایان یافته")]
    lost = await refused(igap, made, Unauthorized)
    assert (lost.scope, lost.code) == (Scope.ACCOUNT, "401.2")
    assert "نشست پایان یافته" in lost.detail
    assert "token file" in lost.detail
    server.says[410] = [error(major_code=8, wait=17)]
    assert (await refused(igap, made, RateLimited)).retry_after == 17.0


async def test_a_forgotten_file_is_stale(
    igap: IGap, server: Server, at_room: MakeCall, blob: tuple[Media, Path]
) -> None:
    media = blob[0]
    made = at_room(Message(index=0, media=(media,)), handles={media.key: Handle(value="token-1")})
    server.says[410] = [error(major_code=400, message="ATTACHMENT_NOT_FOUND")]
    assert (await refused(igap, made, StaleHandle)).file == media.key
    server.says[410] = [error(major_code=400, message="too long")]
    await refused(igap, made, Rejected)


async def test_an_edit_is_done_when_the_answer_names_the_message(
    igap: IGap, server: Server, at_room: MakeCall
) -> None:
    server.says[425] = [wire.ChannelMessageResponse(room_id=ROOM, message_id=7, version=2)]
    made = at_room(Message(index=0, text="نو"), ids=("7",))
    assert (await igap.edit(made)).ids == ("7",)
    (request,) = server.requests(425)
    assert (request.room_id, request.message_id, request.message) == (ROOM, 7, "نو")
    for said, kind in (
        (error(major_code=7, minor_code=7), Rejected),
        (wire.ChannelMessageResponse(room_id=ROOM, message_id=8), OutcomeUnknown),
    ):
        server.says[425] = [said]
        with pytest.raises(kind):
            await igap.edit(made)


async def test_already_gone_is_recalled(igap: IGap, server: Server, at_room: MakeCall) -> None:
    server.says[411] = [
        wire.ChannelMessageResponse(room_id=ROOM, message_id=7, version=2),
        error(major_code=404, message="message not found"),
    ]
    made = at_room(Message(index=0), ids=("7", "8"))
    await igap.recall(made)
    assert [(request.message_id, request.both) for request in server.requests(411)] == [
        (7, True),
        (8, True),
    ]
    server.says[411] = [error(major_code=400, message="PAGE_NOT_FOUND")]
    with pytest.raises(Rejected):
        await igap.recall(made)


async def test_a_probe_asks_nothing_and_says_so(
    igap: IGap, server: Server, at_room: MakeCall
) -> None:
    probe = await igap.probe(at_room(Message(index=0)).channel)
    assert (probe.verified, "right to post" in probe.unverified) == ((), True)
    assert "test post" in probe.advice
    assert server.received == []
