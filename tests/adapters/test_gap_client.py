"""What Gap's client puts on the wire, and how it tells Gap's few codes apart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.gap.adapter import Gap
from broadcaster.adapter import Call
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
)
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Message, Scope
from broadcaster.testing.loopback import Loopback, answer

DESCRIPTOR = {"SID": "s-1", "type": "image", "path": "https://cdn/پرونده", "duration": None}
FORBIDDEN = answer(403, b'{"error": "access denied"}')
MakeCall = Callable[..., Call]


def good(said: object) -> bytes:
    return answer(200, json.dumps(said).encode())


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback(good({"id": 55})) as running:
        yield running


@pytest.fixture
async def gap(server: Loopback, account: Callable[[str], Account]) -> AsyncIterator[Gap]:
    client = Gap(account(server.url))
    yield client
    await client.close()


@pytest.fixture
def post(call: MakeCall) -> MakeCall:
    """A call to a channel, by default the same one."""

    def of(message: Message, address: str = "@akhbar", **more: Any) -> Call:
        return replace(call(message, **more), channel=at(address))

    return of


def at(address: str) -> Channel:
    return Channel(name=address, account="acc", address=address)


def form(raw: bytes) -> dict[str, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/x-www-form-urlencoded" in head
    return {name: value[0] for name, value in parse_qs(body.decode()).items()}


def method(raw: bytes) -> str:
    return raw.split(b" ", 2)[1].decode()


async def refused(calling: Any, kind: type[SendError]) -> Any:
    with pytest.raises(SendError) as raised:
        await calling
    assert type(raised.value) is kind
    return raised.value


async def test_the_token_is_a_header_and_the_text_is_data(
    gap: Gap, server: Loopback, post: MakeCall, account: Callable[[str], Account]
) -> None:
    receipt = await gap.send(post(Message(index=0, text="می‌گوید", silent=True)))
    assert receipt.ids == ("55",)
    (asked,) = server.received
    token = account("").token.reveal()
    assert f"\r\ntoken: {token}\r\n".encode() in asked
    assert method(asked) == "/sendMessage"
    assert form(asked) == {"chat_id": "@akhbar", "type": "text", "data": "می‌گوید"}


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (MediaKind.PHOTO, "image"),
        (MediaKind.VIDEO, "video"),
        (MediaKind.DOCUMENT, "file"),
        (MediaKind.AUDIO, "audio"),
        (MediaKind.VOICE, "voice"),
        (MediaKind.ANIMATION, "file"),
    ],
)
async def test_a_file_goes_up_first_and_its_caption_stands_in_its_descriptor(
    gap: Gap,
    server: Loopback,
    post: MakeCall,
    media: Callable[..., Media],
    kind: MediaKind,
    word: str,
) -> None:
    file = media("d", kind)
    made = post(Message(index=0, text="شرحِ «روز»", media=(file,)))
    server.answer = good({**DESCRIPTOR, "desc": "of another time"})
    handle = await gap.upload(file, made.paths["d"], made.channel, deadline=made.deadline)
    assert json.loads(handle.value) == DESCRIPTOR
    assert method(server.received[0]) == "/upload"
    assert f'name="{word}"; filename="پرونده‌ی d.bin"'.encode() in server.received[0]
    assert b"bytes of d" in server.received[0]
    server.answer = good({"id": 56})
    receipt = await gap.send(replace(made, handles={file.key: handle}))
    assert receipt.ids == ("56",)
    sent = form(server.received[1])
    assert json.loads(sent.pop("data")) == {**DESCRIPTOR, "desc": "شرحِ «روز»"}
    assert sent == {"chat_id": "@akhbar", "type": word}
    wordless = Message(index=0, media=(file,))
    await gap.send(replace(made, message=wordless, handles={file.key: handle}))
    assert json.loads(form(server.received[2])["data"]) == DESCRIPTOR


@pytest.mark.parametrize("status", [500, 413])
async def test_a_file_that_gap_does_not_take_is_never_tried_again(
    gap: Gap, server: Loopback, post: MakeCall, media: Callable[..., Media], status: int
) -> None:
    file = media("d", MediaKind.VIDEO)
    made = post(Message(index=0, media=(file,)))
    server.answer = answer(status, b"<html>Internal Server Error</html>")
    uploading = gap.upload(file, made.paths["d"], made.channel, deadline=made.deadline)
    error = await refused(uploading, Rejected)
    assert "video of 10 bytes" in error.detail


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (answer(502, b"<html>Bad Gateway</html>"), OutcomeUnknown),
        (answer(200, b"<html>"), OutcomeUnknown),
        (answer(200, b"{}"), OutcomeUnknown),
        (answer(200, b""), OutcomeUnknown),
        (answer(400, b'{"error": "no file"}'), Rejected),
        (FORBIDDEN, Unauthorized),
        (b"", OutcomeUnknown),
    ],
)
async def test_an_upload_that_fails_says_how(
    gap: Gap,
    server: Loopback,
    post: MakeCall,
    media: Callable[..., Media],
    said: bytes,
    kind: type[SendError],
) -> None:
    file = media("d")
    made = post(Message(index=0, media=(file,)))
    server.answer = said
    uploading = gap.upload(file, made.paths["d"], made.channel, deadline=made.deadline)
    await refused(uploading, kind)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (answer(400, b'{"error": "data is empty"}'), Rejected),
        (answer(401, b""), Unauthorized),
        (FORBIDDEN, Unauthorized),
        (answer(429, b""), RateLimited),
        (answer(405, b""), OutcomeUnknown),
        (answer(500, b""), OutcomeUnknown),
        (answer(502, b"<html>"), OutcomeUnknown),
        (answer(302, b""), OutcomeUnknown),
        (answer(200, b""), OutcomeUnknown),
        (answer(200, b"<html>"), OutcomeUnknown),
        (good({}), OutcomeUnknown),
        (good({"id": None}), OutcomeUnknown),
        (good({"id": True}), OutcomeUnknown),
        (good({"error": "x", "id": 5}), OutcomeUnknown),
        (good([5]), OutcomeUnknown),
    ],
)
async def test_the_status_is_all_there_is(
    gap: Gap, server: Loopback, post: MakeCall, said: bytes, kind: type[SendError]
) -> None:
    server.answer = said
    error = await refused(gap.send(post(Message(index=0, text="x"))), kind)
    if isinstance(error, RateLimited):
        assert error.retry_after is None


async def test_one_refused_channel_is_held_and_a_second_holds_the_account(
    gap: Gap, server: Loopback, post: MakeCall
) -> None:
    message = Message(index=0, text="x")
    server.answer = FORBIDDEN
    for _ in range(2):
        error = await refused(gap.send(post(message, "@one")), Unauthorized)
        assert error.scope is Scope.CHANNEL
        assert "administrator" in error.detail
    error = await refused(gap.send(post(message, "@two")), Unauthorized)
    assert error.scope is Scope.ACCOUNT
    assert "token" in error.detail


async def test_a_good_answer_between_two_refusals_speaks_for_the_token(
    gap: Gap, server: Loopback, post: MakeCall
) -> None:
    message = Message(index=0, text="x")
    for address, said in (("@one", FORBIDDEN), ("@good", good({"id": 5})), ("@two", FORBIDDEN)):
        server.answer = said
        if said is FORBIDDEN:
            error = await refused(gap.send(post(message, address)), Unauthorized)
            assert error.scope is Scope.CHANNEL
        else:
            await gap.send(post(message, address))


async def test_a_forgotten_file_is_stale(
    gap: Gap, server: Loopback, post: MakeCall, media: Callable[..., Media]
) -> None:
    file = media("d")
    made = post(Message(index=0, media=(file,)))
    known = replace(made, handles={file.key: Handle(value=json.dumps(DESCRIPTOR))})
    server.answer = answer(400, b'{"error": "file not found"}')
    assert (await refused(gap.send(known), StaleHandle)).file == file.key
    server.answer = answer(400, b'{"error": "data is too long"}')
    await refused(gap.send(known), Rejected)
    odd = replace(made, handles={file.key: Handle(value="of-another-time")})
    await refused(gap.send(odd), StaleHandle)
    assert len(server.received) == 2


@pytest.mark.parametrize("said", [good({"id": 55}), answer(200, b""), answer(200, b"OK")])
async def test_an_edit_and_a_recall_are_done_by_their_status(
    gap: Gap, server: Loopback, post: MakeCall, said: bytes
) -> None:
    server.answer = said
    receipt = await gap.edit(post(Message(index=0, text="نو"), ids=("55",)))
    await gap.recall(post(Message(index=0), ids=("55", "56")))
    assert receipt.ids == ("55",)
    assert [method(raw) for raw in server.received] == [
        "/editMessage",
        "/deleteMessage",
        "/deleteMessage",
    ]
    assert form(server.received[0]) == {"chat_id": "@akhbar", "message_id": "55", "data": "نو"}
    assert form(server.received[2]) == {"chat_id": "@akhbar", "message_id": "56"}
    server.answer = answer(200, b"<html>login</html>")
    await refused(gap.edit(post(Message(index=0, text="نو"), ids=("55",))), OutcomeUnknown)


async def test_already_gone_is_recalled_and_too_old_is_not(
    gap: Gap, server: Loopback, post: MakeCall
) -> None:
    made = post(Message(index=0), ids=("55",))
    server.answer = answer(400, b'{"error": "message not found"}')
    await gap.recall(made)
    server.answer = answer(400, b'{"error": "message is too old"}')
    await refused(gap.recall(made), Rejected)


async def test_a_probe_seems_to_type_and_posts_nothing(gap: Gap, server: Loopback) -> None:
    server.answer = answer(200, b"")
    probe = await gap.probe(at("@akhbar"))
    assert (probe.ok, probe.verified) == (True, ("token", "channel"))
    assert probe.unverified == ("right to post",)
    assert method(server.received[0]) == "/sendAction"
    assert form(server.received[0]) == {"chat_id": "@akhbar", "type": "typing"}
    assert (await gap.probe(None)).verified == ()
    assert len(server.received) == 1


async def test_a_held_account_is_well_when_one_of_its_refused_channels_is(
    gap: Gap, server: Loopback, post: MakeCall
) -> None:
    server.answer = FORBIDDEN
    for address in ("@one", "@two"):
        await refused(gap.send(post(Message(index=0, text="x"), address)), Unauthorized)
    assert not (await gap.probe(None)).ok
    server.answer = answer(200, b"")
    assert (await gap.probe(None)).verified == ("token",)
    server.answer = FORBIDDEN
    error = await refused(gap.send(post(Message(index=0, text="x"), "@three")), Unauthorized)
    assert error.scope is Scope.CHANNEL
