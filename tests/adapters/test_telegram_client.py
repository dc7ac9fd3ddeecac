"""What Telegram's client puts on the wire, and that the library keeps no secret of ours."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from telegram import Message as Posted

from adapters.telegram.adapter import Telegram
from broadcaster.adapter import Call
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
)
from broadcaster.kit.botclient import receipt
from broadcaster.kit.http import Answer
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Account, Media, MediaKind, Message, Receipt, Secret
from broadcaster.testing.loopback import Loopback, answer

POSTED = {"message_id": 7, "date": 1_700_000_000, "chat": {"id": -1001, "type": "channel"}}

AccountAt = Callable[[str], Account]
MakeCall = Callable[..., Call]
MakeMedia = Callable[..., Media]


def good(result: object) -> bytes:
    return answer(200, json.dumps({"ok": True, "result": result}).encode())


def refusal(description: str, **more: object) -> bytes:
    envelope = {"ok": False, "error_code": 400, "description": description, **more}
    return answer(400, json.dumps(envelope).encode())


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback(good(POSTED)) as running:
        yield running


@pytest.fixture
async def telegram(server: Loopback, account: AccountAt) -> AsyncIterator[Telegram]:
    client = Telegram(account(server.url))
    yield client
    await client.close()


def form(raw: bytes) -> dict[str, Any]:
    """An urlencoded request's fields, those that are JSON read."""
    fields = {
        name: value[0] for name, value in parse_qs(raw.partition(b"\r\n\r\n")[2].decode()).items()
    }
    return {
        name: json.loads(value) if value[0] in "[{" or value in ("true", "false") else value
        for name, value in fields.items()
    }


def method(raw: bytes) -> str:
    return raw.split(b" ", 2)[1].rpartition(b"/")[2].decode()


async def test_text_goes_as_entities_and_never_as_html(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    entities: Any = [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "text_link", "offset": 5, "length": 2, "url": "https://example.ir/الف"},
        {"type": "pre", "offset": 8, "length": 1, "language": "py"},
    ]
    message = Message(index=0, text="<b>می‌گوید</b> &", markup={"entities": entities})
    got = await telegram.send(call(message))
    assert (got.ids, got.at and got.at.timestamp()) == (("7",), 1_700_000_000)
    assert method(server.received[0]) == "sendMessage"
    assert form(server.received[0]) == {
        "chat_id": "@akhbar",
        "text": "<b>می‌گوید</b> &",
        "entities": entities,
        "disable_notification": False,
    }


async def test_silence_preview_and_reply(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    message = Message(index=0, text="x", silent=True, preview=False)
    await telegram.send(call(message, reply_to="41"))
    sent = form(server.received[0])
    assert sent["disable_notification"] is True
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["reply_parameters"]["message_id"] == 41


async def test_a_file_is_uploaded_once_and_then_named(
    telegram: Telegram, server: Loopback, call: MakeCall, media: MakeMedia
) -> None:
    file = {"file_id": "large", "file_unique_id": "u", "width": 2, "height": 2}
    server.answer = good({**POSTED, "photo": [{**file, "file_id": "small"}, file]})
    photo = media("d1")
    message = Message(
        index=0,
        text="شرح",
        media=(photo,),
        markup={"entities": [{"type": "bold", "offset": 0, "length": 3}]},
    )
    got = await telegram.send(call(message))
    assert {key: handle.value for key, handle in got.handles.items()} == {photo.key: "large"}
    assert method(server.received[0]) == "sendPhoto"
    assert b"bytes of d1" in server.received[0]
    assert 'filename="پرونده‌ی d1.bin"'.encode() in server.received[0]
    assert b"Content-Type: x/y" in server.received[0], "by its content, not by its name"
    await telegram.send(call(message, handles=("d1",)))
    again = form(server.received[1])
    assert again["photo"] == "id-d1"
    assert again["caption"] == "شرح"
    assert again["caption_entities"][0]["type"] == "bold"


async def test_a_video_brings_its_shape(
    telegram: Telegram, server: Loopback, call: MakeCall, media: MakeMedia
) -> None:
    video = media("v", MediaKind.VIDEO, width=640, height=360, seconds=12.4)
    await telegram.send(call(Message(index=0, media=(video,)), handles=("v",)))
    sent = form(server.received[0])
    assert (sent["width"], sent["height"], sent["duration"]) == ("640", "360", "12")


async def test_an_album_is_one_call(
    telegram: Telegram, server: Loopback, call: MakeCall, media: MakeMedia
) -> None:
    server.answer = good([POSTED, {**POSTED, "message_id": 8}])
    album = Message(index=0, text="آلبوم", media=(media("a"), media("b")))
    got = await telegram.send(call(album, handles=("b",)))
    assert got.ids == ("7", "8")
    assert method(server.received[0]) == "sendMediaGroup"
    assert b"bytes of a" in server.received[0]
    assert b"bytes of b" not in server.received[0]
    assert "آلبوم" in json.loads(_field(server.received[0], b"media"))[0]["caption"]


def _field(raw: bytes, name: bytes) -> bytes:
    return raw.split(b'name="%s"' % name)[1].partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]


@pytest.mark.parametrize(
    ("with_file", "asked"), [(False, "editMessageText"), (True, "editMessageCaption")]
)
async def test_an_edit_is_of_the_text_or_the_caption(
    telegram: Telegram,
    server: Loopback,
    call: MakeCall,
    media: MakeMedia,
    with_file: bool,
    asked: str,
) -> None:
    message = Message(index=0, text="نو", media=(media("a"),) if with_file else ())
    got = await telegram.edit(call(message, ids=("7",)))
    assert got.ids == ("7",)
    assert method(server.received[0]) == asked
    assert form(server.received[0])["message_id"] == "7"


async def test_no_change_and_already_gone_are_success(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    server.answer = refusal("Bad Request: message is not modified: specified new message…")
    await telegram.edit(call(Message(index=0, text="x"), ids=("7",)))
    server.answer = refusal("Bad Request: message to delete not found")
    await telegram.recall(call(Message(index=0), ids=("7",)))
    server.answer = refusal("Bad Request: message can't be deleted")
    with pytest.raises(Rejected, match="can't be deleted"):
        await telegram.recall(call(Message(index=0), ids=("7",)))


async def test_an_album_is_recalled_in_one_call(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    server.answer = good(result=True)
    await telegram.recall(call(Message(index=0), ids=("7", "8")))
    assert method(server.received[0]) == "deleteMessages"
    assert form(server.received[0])["message_ids"] == [7, 8]


async def test_a_moved_channel_names_its_new_id(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    server.answer = refusal("upgraded", parameters={"migrate_to_chat_id": -100777})
    with pytest.raises(Rejected, match="-100777"):
        await telegram.send(call(Message(index=0, text="x")))


async def test_a_forgotten_file_is_stale(
    telegram: Telegram, server: Loopback, call: MakeCall, media: MakeMedia
) -> None:
    server.answer = refusal("Bad Request: wrong file identifier/HTTP URL specified")
    album = Message(index=0, media=(media("a"), media("b")))
    with pytest.raises(StaleHandle) as stale:
        await telegram.send(call(album, handles=("b",)))
    assert stale.value.file == album.media[1].key
    with pytest.raises(Rejected):
        await telegram.send(call(album))


@pytest.mark.parametrize(
    "result",
    [
        True,
        {},
        {**POSTED, "message_id": None},
        {**POSTED, "message_id": "7 7"},
        [POSTED, POSTED],
    ],
)
async def test_a_yes_that_cannot_be_read_is_in_doubt(
    telegram: Telegram, server: Loopback, call: MakeCall, result: object
) -> None:
    server.answer = good(result)
    with watch(Wire()), pytest.raises(OutcomeUnknown) as raised:
        await telegram.send(call(Message(index=0, text="x")))
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    "result", [{"message_id": 7}, {"message_id": 7, "date": "soon", "chat": None}]
)
async def test_an_answer_that_the_library_finds_wanting_is_a_receipt_all_the_same(
    telegram: Telegram, server: Loopback, call: MakeCall, result: object
) -> None:
    server.answer = good(result)
    assert (await telegram.send(call(Message(index=0, text="x")))).ids == ("7",)
    assert len(server.received) == 1


FILE = {"file_id": "BQAC", "file_unique_id": "u"}
SIZED = {**FILE, "width": 2, "height": 2, "duration": 3, "mime_type": "x/y"}


@pytest.mark.parametrize("date", [1_700_000_000, 1.7e9, 0, True, None, "soon", 10**18, -(10**12)])
@pytest.mark.parametrize("message_id", [7, "7", 2**53, 2**70, 0, True, None, "7 7"])
@pytest.mark.parametrize("text", ["متن", "\ud83d", "\ud83d\ude00", "‏\u202e"])
async def test_a_receipt_is_what_the_answer_says_whatever_the_library_makes_of_it(
    telegram: Telegram,
    server: Loopback,
    call: MakeCall,
    date: object,
    message_id: object,
    text: str,
) -> None:
    said: Any = {**POSTED, "date": date, "message_id": message_id, "text": text}
    server.answer = good(said)
    expected: object
    try:
        expected = receipt(said)
    except OutcomeUnknown as error:
        expected = error.detail
    try:
        found: object = await telegram.send(call(Message(index=0, text="x")))
    except OutcomeUnknown as error:
        found = error.detail
    assert found == expected


@pytest.mark.parametrize("kind", MediaKind)
@pytest.mark.parametrize(
    "found",
    [FILE, SIZED, [SIZED], [], {}, [{"file_id": 5}], {**SIZED, "width": 10**400}, "BQAC", 5],
)
async def test_a_handle_is_taken_from_whatever_holds_it(
    telegram: Telegram,
    server: Loopback,
    call: MakeCall,
    media: MakeMedia,
    kind: MediaKind,
    found: Any,
) -> None:
    said: Any = {**POSTED, kind.value: found}
    server.answer = good(said)
    file = media("d1", kind)
    got = await telegram.send(call(Message(index=0, media=(file,))))
    assert got == receipt(said, (file,))


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (answer(200, b'{"ok": false, "result": {"message_id": 7}}'), OutcomeUnknown, "no clear"),
        (answer(200, b'{"result": {"message_id": 7}}'), OutcomeUnknown, "not the platform's"),
        (answer(200, b"<html>filtered"), OutcomeUnknown, "not the platform's"),
        (answer(403, b"<html>filtered"), OutcomeUnknown, "not the platform's"),
        (answer(502, b"bad gateway"), OutcomeUnknown, "no clear yes or no"),
        (answer(200, b"7" * 5000), OutcomeUnknown, "not the platform's"),
        (answer(401, b'{"ok": false, "description": "Unauthorized"}'), Unauthorized, "BotFather"),
    ],
)
async def test_an_answer_that_is_no_yes_means_what_it_means_in_the_whole_family(
    telegram: Telegram,
    server: Loopback,
    call: MakeCall,
    said: bytes,
    kind: type[SendError],
    words: str,
) -> None:
    server.answer = said
    with watch(Wire()), pytest.raises(kind, match=words) as raised:
        await telegram.send(call(Message(index=0, text="x")))
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("wait", [8, "8", 8.5])
async def test_the_wait_that_is_asked_for_is_kept(
    telegram: Telegram, server: Loopback, call: MakeCall, wait: object
) -> None:
    said = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": wait}}
    server.answer = answer(429, json.dumps(said).encode())
    with pytest.raises(RateLimited) as raised:
        await telegram.send(call(Message(index=0, text="x")))
    assert raised.value.retry_after == float(str(wait))


async def test_calls_at_once_are_told_their_own_answers(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    def say(raw: bytes) -> bytes:
        text = form(raw)["text"]
        if text == "0":
            return refusal("Bad Request: chat not found")
        return good({"message_id": int(text)})

    server.answer = say
    sent = [telegram.send(call(Message(index=0, text=str(number)))) for number in range(6)]
    refused, *posted = await asyncio.gather(*sent, return_exceptions=True)
    assert isinstance(refused, Rejected)
    assert [each.ids for each in posted if isinstance(each, Receipt)] == [
        (str(number),) for number in range(1, 6)
    ]


async def test_an_emulator_of_little_more_than_two_methods_is_enough(
    telegram: Telegram, server: Loopback, call: MakeCall
) -> None:
    def say(raw: bytes) -> bytes:
        match method(raw):
            case "getMe":
                return good({"id": 1, "is_bot": True, "first_name": "b"})
            case "sendMessage":
                return good({"message_id": 7})
        said = {"ok": False, "error_code": 404, "description": "Not Found"}
        return answer(404, json.dumps(said).encode())

    server.answer = say
    made = call(Message(index=0, text="می‌گوید"))
    assert (await telegram.send(made)).ids == ("7",)
    assert (await telegram.probe(None)).verified == ("token",)
    probe = await telegram.probe(made.channel)
    assert (probe.ok, probe.verified) == (True, ("token",))
    assert probe.unverified == ("channel", "right to post")


async def test_a_bug_before_the_first_byte_stays_one(telegram: Telegram, call: MakeCall) -> None:
    odd = Message(index=0, text="x", markup={"entities": 5})
    with watch(Wire()) as wire, pytest.raises(TypeError):
        await telegram.send(call(odd))
    assert not wire.touched


def test_the_library_never_sees_the_token(account: AccountAt) -> None:
    secret: Secret = account("http://127.0.0.1").token
    client = Telegram(account("http://127.0.0.1"))
    assert secret.reveal() not in f"{client._bot!r} {client._bot.token} {client._bot.base_url}"


async def test_an_answer_does_not_stay(telegram: Telegram, call: MakeCall) -> None:
    """It would until the collector runs, which is seldom, if its own frame held it."""
    gc.collect()
    gc.disable()
    try:
        before = {id(each) for each in gc.get_objects()}  # failures of other tests hold theirs
        await telegram.send(call(Message(index=0, text="متن")))
        answers = [each for each in gc.get_objects() if isinstance(each, Answer | Posted)]
        assert [each for each in answers if id(each) not in before] == []
    finally:
        gc.enable()
