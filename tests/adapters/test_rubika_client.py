"""What Rubika's client puts on the wire, and what it makes of refusals that come with HTTP 200."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.rubika.adapter import Rubika
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
from broadcaster.model import Account, Media, MediaKind, Message, Scope
from broadcaster.testing.loopback import Loopback, answer, refused_port

Answers = dict[str, tuple[str, object] | bytes]
AccountAt = Callable[[str], Account]
MakeCall = Callable[..., Call]
MakeMedia = Callable[..., Media]


class Server(Loopback):
    """Answers each method with its own status and data, or with these very bytes."""

    def __init__(self) -> None:
        super().__init__(self._say)
        self.says: Answers = {"getMe": ("OK", {"bot": {"bot_id": "b0bot"}})}

    def _say(self, raw: bytes) -> bytes:
        said = self.says[method(raw)]
        if isinstance(said, bytes):
            return said
        status, more = said
        envelope = {"status": status, ("data" if status == "OK" else "dev_message"): more}
        return answer(200, json.dumps(envelope).encode())


def method(raw: bytes) -> str:
    return raw.split(b" ", 2)[1].rpartition(b"/")[2].decode()


def body(raw: bytes) -> Any:
    return json.loads(raw.partition(b"\r\n\r\n")[2])


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        running.says["sendMessage"] = running.says["sendFile"] = ("OK", {"message_id": "777"})
        yield running


@pytest.fixture
async def rubika(server: Server, account: AccountAt) -> AsyncIterator[Rubika]:
    client = Rubika(account(server.url))
    yield client
    await client.close()


async def sent(rubika: Rubika, call: Call, kind: type[SendError]) -> Any:
    with pytest.raises(SendError) as raised:
        await rubika.send(call)
    assert type(raised.value) is kind
    return raised.value


async def test_a_text_is_json_with_its_styling(
    rubika: Rubika, server: Server, account: AccountAt, call: MakeCall
) -> None:
    parts: Any = {"meta_data_parts": [{"type": "Bold", "from_index": 0, "length": 4}]}
    message = Message(index=0, text="می‌گوید «۱۲»", markup={"metadata": parts}, silent=True)
    receipt = await rubika.send(call(message, reply_to="41"))
    assert receipt.ids == ("777",)
    token = account("").token.reveal()
    assert server.received[0].startswith(f"POST /v3/{token}/sendMessage HTTP/1.1".encode())
    assert body(server.received[0]) == {
        "chat_id": "@akhbar",
        "text": "می‌گوید «۱۲»",
        "metadata": parts,
        "disable_notification": True,
        "reply_to_message_id": "41",
    }


async def test_a_file_goes_up_in_three_steps_and_the_other_host_sees_no_token(
    rubika: Rubika, server: Server, account: AccountAt, call: MakeCall, media: MakeMedia
) -> None:
    async with Loopback(answer(200, b'{"status":"OK","data":{"file_id":"f-1"}}')) as other:
        server.says["requestSendFile"] = ("OK", {"upload_url": f"{other.url}/up?id=5"})
        song = media("song", MediaKind.AUDIO)
        made = call(Message(index=0, text="شرح", media=(song,)))
        path = made.paths["song"]
        handle = await rubika.upload(song, path, made.channel, deadline=made.deadline)
        receipt = await rubika.send(replace(made, handles={song.key: handle}))
    assert (handle.value, receipt.ids) == ("f-1", ("777",))
    assert body(server.received[0]) == {"type": "Music"}
    assert body(server.received[1]) == {"chat_id": "@akhbar", "text": "شرح", "file_id": "f-1"}
    (uploaded,) = other.received
    assert b'name="file"' in uploaded
    assert b"bytes of song" in uploaded
    assert account("").token.reveal().encode() not in uploaded


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (answer(200, b'{"status":"OK","data":{}}'), OutcomeUnknown),
        (answer(200, b""), OutcomeUnknown),
        (answer(403, b"expired"), OutcomeUnknown),
        (answer(502, b"<html>"), OutcomeUnknown),
        (answer(413, b"<html>"), Rejected),
        (b"", OutcomeUnknown),
    ],
)
async def test_an_upload_host_that_does_not_take_the_file(
    rubika: Rubika,
    server: Server,
    call: MakeCall,
    media: MakeMedia,
    said: bytes,
    kind: type[SendError],
) -> None:
    photo = media("p")
    made = call(Message(index=0, media=(photo,)))
    async with Loopback(said) as other:
        server.says["requestSendFile"] = ("OK", {"upload_url": other.url})
        with pytest.raises(SendError) as raised:
            await rubika.upload(photo, made.paths["p"], made.channel, deadline=made.deadline)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:9/up",
        "//127.0.0.1:9/up",
        "http://me:pw@127.0.0.1:{port}/up",
        "http://@127.0.0.1:{port}/up",
        "http://10.0.0.1:{port}/up",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]:{port}/up",
        "http://rubika.ir/up",
        "file:///etc/passwd",
        "",
        "no address",
    ],
)
async def test_an_address_for_files_that_is_not_the_platforms_is_not_called(
    rubika: Rubika, server: Server, call: MakeCall, media: MakeMedia, url: str
) -> None:
    photo = media("p")
    made = call(Message(index=0, media=(photo,)))
    async with Loopback(answer(200, b'{"file_id": "f-2"}')) as other:
        named = url.replace("{port}", str(other.port))
        server.says["requestSendFile"] = ("OK", {"upload_url": named})
        with pytest.raises((Unavailable, OutcomeUnknown)):
            await rubika.upload(photo, made.paths["p"], made.channel, deadline=made.deadline)
        assert other.received == []
    assert len(server.received) == 1


async def test_what_an_upload_host_says_is_not_repeated(
    rubika: Rubika, server: Server, call: MakeCall, media: MakeMedia
) -> None:
    photo = media("p")
    made = call(Message(index=0, media=(photo,)))
    async with Loopback(answer(500, b"AKIA-INTERNAL")) as other:
        server.says["requestSendFile"] = ("OK", {"upload_url": other.url})
        with pytest.raises(OutcomeUnknown, match="HTTP 500") as raised:
            await rubika.upload(photo, made.paths["p"], made.channel, deadline=made.deadline)
    assert "AKIA" not in str(raised.value)


async def test_a_handle_may_stand_outside_the_envelope(
    rubika: Rubika, server: Server, call: MakeCall, media: MakeMedia
) -> None:
    photo = media("p")
    made = call(Message(index=0, media=(photo,)))
    async with Loopback(answer(200, b'{"file_id": "f-2"}')) as other:
        server.says["requestSendFile"] = ("OK", {"upload_url": other.url})
        handle = await rubika.upload(photo, made.paths["p"], made.channel, deadline=made.deadline)
    assert handle.value == "f-2"


async def test_an_upload_host_that_is_down_is_unavailable(
    rubika: Rubika, server: Server, call: MakeCall, media: MakeMedia
) -> None:
    photo = media("p")
    made = call(Message(index=0, media=(photo,)))
    server.says["requestSendFile"] = ("OK", {"upload_url": f"http://127.0.0.1:{refused_port()}/"})
    with pytest.raises(Unavailable):
        await rubika.upload(photo, made.paths["p"], made.channel, deadline=made.deadline)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (("INVALID_INPUT", "text is too long"), Rejected),
        (("TOO_REQUESTS", ""), RateLimited),
        (("TOO_REQUEST", ""), RateLimited),
        (("SERVER_ERROR", ""), OutcomeUnknown),
        (("NOT_YET_INVENTED", ""), OutcomeUnknown),
        (("OK", {}), OutcomeUnknown),
        (("OK", {"message_id": ""}), OutcomeUnknown),
        (answer(200, b'{"status":"error","error_code":5}'), OutcomeUnknown),
        (answer(400, b'{"status":"INVALID_INPUT"}'), Rejected),
        (answer(429, b""), RateLimited),
        (answer(502, b'{"status":"INVALID_INPUT"}'), OutcomeUnknown),
    ],
)
async def test_the_word_decides_where_the_code_says_nothing(
    rubika: Rubika, server: Server, call: MakeCall, said: Any, kind: type[SendError]
) -> None:
    server.says["sendMessage"] = said
    error = await sent(rubika, call(Message(index=0, text="x")), kind)
    if isinstance(error, RateLimited):
        assert error.retry_after is None


@pytest.mark.parametrize(
    ("me", "scope", "told"),
    [
        (("OK", {"bot": {}}), Scope.CHANNEL, "administrator"),
        (("INVALID_ACCESS", "bad token"), Scope.ACCOUNT, "token file"),
        (("SERVER_ERROR", ""), Scope.CHANNEL, "administrator"),
        (b"", Scope.CHANNEL, "administrator"),
    ],
)
async def test_who_has_lost_access_is_told_apart_by_getme(
    rubika: Rubika, server: Server, call: MakeCall, me: Any, scope: Scope, told: str
) -> None:
    server.says |= {"sendMessage": ("INVALID_ACCESS", "not a member of the chat"), "getMe": me}
    error = await sent(rubika, call(Message(index=0, text="x")), Unauthorized)
    assert [method(raw) for raw in server.received] == ["sendMessage", "getMe"]
    assert error.scope is scope
    assert told in error.detail


async def test_an_unknown_channel_says_what_to_check(
    rubika: Rubika, server: Server, call: MakeCall
) -> None:
    server.says["sendMessage"] = ("INVALID_INPUT", "chat_id is not valid")
    error = await sent(rubika, call(Message(index=0, text="x")), Rejected)
    assert "address" in error.detail
    assert error.code == "INVALID_INPUT"


async def test_a_forgotten_file_is_stale(
    rubika: Rubika, server: Server, call: MakeCall, media: MakeMedia
) -> None:
    made = call(Message(index=0, media=(media("d"),)), handles=("d",))
    for said in ("file_id not found", "file_id is not valid", "wrong file_id"):
        server.says["sendFile"] = ("INVALID_INPUT", said)
        assert (await sent(rubika, made, StaleHandle)).file == made.message.media[0].key
    server.says["sendFile"] = ("INVALID_INPUT", "metadata is not allowed here")
    await sent(rubika, made, Rejected)


async def test_an_edit_brings_its_styling(rubika: Rubika, server: Server, call: MakeCall) -> None:
    server.says["editMessageText"] = answer(200, b'{"status":"OK"}')
    message = Message(index=0, text="نو", markup={"metadata": {"meta_data_parts": []}})
    assert (await rubika.edit(call(message, ids=("7",)))).ids == ("7",)
    assert body(server.received[0]) == {
        "chat_id": "@akhbar",
        "message_id": "7",
        "text": "نو",
        "metadata": {"meta_data_parts": []},
    }


async def test_already_gone_is_recalled_and_too_old_is_not(
    rubika: Rubika, server: Server, call: MakeCall
) -> None:
    made = call(Message(index=0), ids=("7", "8"))
    server.says["deleteMessage"] = ("INVALID_INPUT", "message not found")
    await rubika.recall(made)
    assert [body(raw)["message_id"] for raw in server.received] == ["7", "8"]
    server.says["deleteMessage"] = ("INVALID_INPUT", "message is too old")
    with pytest.raises(Rejected, match="too old"):
        await rubika.recall(made)


@pytest.mark.parametrize(
    ("member", "ok", "proven"),
    [
        (("OK", {"chat_member": {"status": "Admin"}}), True, True),
        (("OK", {"chat_member": {"status": "Creator"}}), True, True),
        (("OK", {"chat_member": {"status": "Member"}}), False, False),
        (("INVALID_INPUT", "no such method"), True, False),
    ],
)
async def test_the_right_to_post_is_the_membership(
    rubika: Rubika, server: Server, call: MakeCall, member: Any, *, ok: bool, proven: bool
) -> None:
    server.says |= {"getChat": ("OK", {"chat": {}}), "getChatMember": member}
    probe = await rubika.probe(call(Message(index=0)).channel)
    assert (probe.ok, "right to post" in probe.verified) == (ok, proven)
    assert bool(probe.advice) is not ok
    assert body(server.received[2])["user_id"] == "b0bot"


async def test_a_probe_of_the_account_asks_for_the_bot_only(rubika: Rubika, server: Server) -> None:
    assert (await rubika.probe(None)).verified == ("token",)
    assert [method(raw) for raw in server.received] == ["getMe"]
