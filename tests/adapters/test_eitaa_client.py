"""What Eitaa's client puts on Eitaayar's wire, and what it makes of its answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.eitaa.adapter import Eitaa
from broadcaster.adapter import Call, Present
from broadcaster.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized
from broadcaster.model import Account, Channel, Media, MediaKind, Message, Scope, Secret
from broadcaster.testing.loopback import Loopback, answer

TOKEN = Secret("bot123456:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")
MakeCall = Callable[..., Call]


def good(result: object) -> bytes:
    return answer(200, json.dumps({"ok": True, "result": result}).encode())


def refusal(code: int | None, text: str, *, status: int | None = None, key: str = "") -> bytes:
    said = {"ok": False, "error_code": code, key or "description": text}
    return answer(status or code or 0, json.dumps(said, ensure_ascii=False).encode())


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback(good({"message_id": 7, "date": 1_700_000_000})) as running:
        yield running


@pytest.fixture
async def eitaa(server: Loopback, account: Callable[[str], Account]) -> AsyncIterator[Eitaa]:
    client = Eitaa(replace(account(server.url), token=TOKEN, reader_url=f"{server.url}/reader"))
    yield client
    await client.close()


@pytest.fixture
def post(call: MakeCall) -> MakeCall:
    """A call to a channel addressed by its number, or by ``address``."""

    def of(message: Message, address: str = "10525463", **more: Any) -> Call:
        channel = Channel(name="news", account="acc", address=address, username="akhbar")
        return replace(call(message, **more), channel=channel)

    return of


def form(raw: bytes) -> dict[str, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/x-www-form-urlencoded" in head
    return {name: value[0] for name, value in parse_qs(body.decode()).items()}


def parts(raw: bytes) -> dict[str, bytes]:
    """Name (and file name) -> content of each part of a multipart request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    boundary = head.split(b"boundary=")[1].split(b"\r\n")[0]
    found = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        about, _, content = part.partition(b"\r\n\r\n")
        found[about.split(b"form-data; ")[1].split(b"\r\n")[0].decode()] = content[:-2]
    return found


async def refused(eitaa: Eitaa, call: Call, kind: type[SendError]) -> Any:
    with pytest.raises(SendError) as raised:
        await eitaa.send(call)
    assert type(raised.value) is kind
    return raised.value


async def test_no_bot_is_put_before_the_token_that_begins_with_it(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    receipt = await eitaa.send(post(Message(index=0, text="می‌گوید")))
    assert (receipt.ids, receipt.at and receipt.at.timestamp()) == (("7",), 1_700_000_000)
    path = f"/api/{TOKEN.reveal()}/sendMessage"
    assert server.received[0].startswith(f"POST {path} HTTP/1.1".encode())
    assert form(server.received[0]) == {"chat_id": "10525463", "text": "می‌گوید"}


async def test_switches_are_the_number_one_and_left_out_when_off(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    message = Message(index=0, text="x", silent=True, pin=True)
    await eitaa.send(post(message, reply_to="41"))
    assert form(server.received[0]) == {
        "chat_id": "10525463",
        "text": "x",
        "disable_notification": "1",
        "pin": "1",
        "reply_to_message_id": "41",
    }


@pytest.mark.parametrize("kind", MediaKind)
async def test_every_kind_of_file_goes_through_one_method(
    eitaa: Eitaa,
    server: Loopback,
    post: MakeCall,
    media: Callable[..., Media],
    kind: MediaKind,
) -> None:
    file = media("d", kind)
    receipt = await eitaa.send(post(Message(index=0, text="شرح", media=(file,), silent=True)))
    assert receipt.handles == {}
    assert server.received[0].split(b" ", 2)[1].endswith(b"/sendFile")
    name = "پرونده‌ی d.gif" if kind is MediaKind.ANIMATION else "پرونده‌ی d.bin"
    assert parts(server.received[0]) == {
        'name="chat_id"': b"10525463",
        'name="caption"': "شرح".encode(),
        'name="disable_notification"': b"1",
        f'name="file"; filename="{name}"': b"bytes of d",
    }


@pytest.mark.parametrize(
    ("name", "kind", "mime", "sent"),
    [
        ("عکس.png", MediaKind.PHOTO, "image/png", "عکس.png"),
        ("عکسِ روز", MediaKind.PHOTO, "image/png", "عکسِ روز.png"),
        ("عکس.pdf", MediaKind.PHOTO, "image/png", "عکس.pdf.png"),
        ("فیلم.png", MediaKind.VIDEO, "video/mp4", "فیلم.png.mp4"),
        ("فیلم.mov", MediaKind.VIDEO, "video/mp4", "فیلم.mov"),
        ("نامه.png", MediaKind.DOCUMENT, "application/pdf", "نامه.png"),
        ("پویا.mp4", MediaKind.ANIMATION, "video/mp4", "پویا.gif"),
    ],
)
async def test_a_name_that_hides_what_a_file_is_gets_a_fitting_ending(
    eitaa: Eitaa,
    server: Loopback,
    post: MakeCall,
    media: Callable[..., Media],
    name: str,
    kind: MediaKind,
    mime: str,
    sent: str,
) -> None:
    file = replace(media("d", kind), name=name, mime=mime)
    await eitaa.send(post(Message(index=0, media=(file,))))
    assert f'filename="{sent}"'.encode() in server.received[0]


async def test_a_file_without_words_has_no_caption(
    eitaa: Eitaa, server: Loopback, post: MakeCall, media: Callable[..., Media]
) -> None:
    await eitaa.send(post(Message(index=0, media=(media("d"),))))
    assert b"caption" not in server.received[0]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refusal(400, "Bad Request: text is empty"), Rejected),
        (refusal(400, "file invalid"), Rejected),
        (refusal(400, "file is too big"), Rejected),
        (refusal(400, "Bad Request", status=200), Rejected),
        (refusal(400, "Bad Request", status=500), Rejected),
        (refusal(500, "Internal Server Error", status=400), OutcomeUnknown),
        (refusal(500, "خطا"), OutcomeUnknown),
        (refusal(None, "خطا", status=200), OutcomeUnknown),
        (refusal(None, "خطا", status=400), Rejected),
        (answer(413, b"<html>Request Entity Too Large</html>"), Rejected),
        (answer(502, b"<html>Bad Gateway</html>"), OutcomeUnknown),
        (answer(400, b'{"ok": true, "result": null}'), OutcomeUnknown),
        (good({}), OutcomeUnknown),
        (good(result=True), OutcomeUnknown),
        (answer(200, b"OK"), OutcomeUnknown),
    ],
)
async def test_the_body_decides_and_the_status_is_a_hint(
    eitaa: Eitaa, server: Loopback, post: MakeCall, said: bytes, kind: type[SendError]
) -> None:
    server.answer = said
    await refused(eitaa, post(Message(index=0, text="x")), kind)


async def test_a_yes_of_the_body_is_one_whatever_the_status(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = answer(500, b'{"ok": true, "result": {"message_id": 7}}')
    assert (await eitaa.send(post(Message(index=0, text="x")))).ids == ("7",)


async def test_a_success_that_names_no_message_is_one(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = answer(200, b'{"status": "success"}')
    receipt = await eitaa.send(post(Message(index=0, text="x")))
    assert (receipt.ids, "posted" in receipt.note) == ((), True)
    assert (await eitaa.probe(None)).ok
    server.answer = answer(200, b'{"status": "success", "result": {"message_id": 9, "date": 1}}')
    assert (await eitaa.send(post(Message(index=0, text="x")))).ids == ("9",)
    for said in (b'{"status": "failed"}', b'{"ok": false, "status": "success"}'):
        server.answer = answer(200, said)
        await refused(eitaa, post(Message(index=0, text="x")), OutcomeUnknown)


@pytest.mark.parametrize(
    "said",
    [
        refusal(401, "Unauthorized"),
        refusal(404, "Not Found: method not found!"),
        refusal(401, "Unauthorized", status=200),
    ],
)
async def test_both_answers_to_a_bad_token_hold_the_account(
    eitaa: Eitaa, server: Loopback, post: MakeCall, said: bytes
) -> None:
    server.answer = said
    error = await refused(eitaa, post(Message(index=0, text="x")), Unauthorized)
    assert error.scope is Scope.ACCOUNT
    assert '"bot"' in error.detail


async def test_a_refused_name_is_told_to_become_a_number(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = refusal(403, "Forbidden: user not access of channel chat")
    by_number = await refused(eitaa, post(Message(index=0, text="x")), Unauthorized)
    by_name = await refused(eitaa, post(Message(index=0, text="x"), "akhbar"), Unauthorized)
    assert by_number.scope is by_name.scope is Scope.CHANNEL
    assert "administrator" in by_number.detail
    assert "number" not in by_number.detail
    assert "write the number" in by_name.detail


@pytest.mark.parametrize("text", ["Bad Request: peer not found", "chat not found"])
@pytest.mark.parametrize("code", [400, 404])
async def test_an_unknown_channel_says_what_to_check(
    eitaa: Eitaa, server: Loopback, post: MakeCall, text: str, code: int
) -> None:
    server.answer = refusal(code, text)
    error = await refused(eitaa, post(Message(index=0, text="x")), Rejected)
    assert "panel" in error.detail


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (refusal(429, "Too Many Requests: retry after 7"), 7.0),
        (refusal(400, "too many requests"), None),
        (answer(429, b"slow down"), None),
        (answer(429, b"", b"Retry-After: 5"), 5.0),
    ],
)
async def test_a_rate_limit_is_read_from_words_and_code(
    eitaa: Eitaa, server: Loopback, post: MakeCall, said: bytes, wait: float | None
) -> None:
    server.answer = said
    error = await refused(eitaa, post(Message(index=0, text="x")), RateLimited)
    assert error.retry_after == wait


async def test_persian_words_of_the_platform_are_shown_without_their_markup(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = refusal(400, "<b>متن</b> خالی است<br>", key="error")
    error = await refused(eitaa, post(Message(index=0, text="x")), Rejected)
    assert "متن خالی است" in error.detail
    assert "<" not in error.detail


async def test_a_probe_verifies_the_token_and_nothing_more(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = good({"id": 1, "username": "rah"})
    assert (await eitaa.probe(None)).verified == ("token",)
    for address, told in (("10525463", "test post"), ("akhbar", "number")):
        probe = await eitaa.probe(post(Message(index=0), address).channel)
        assert (probe.ok, probe.verified) == (True, ("token",))
        assert probe.unverified == ("channel", "right to post")
        assert told in probe.advice
    assert all(b"/getMe " in raw for raw in server.received)


async def test_a_message_in_doubt_is_looked_up_on_the_page_of_the_channel(
    eitaa: Eitaa, server: Loopback, post: MakeCall
) -> None:
    server.answer = answer(
        200,
        '<div class="etme_widget_message_wrap" id="7"><div data-post="akhbar/7"><div'
        ' class="etme_widget_message_text js-message_text">سلام<br>دنیا</div><time class="time"'
        ' datetime="2026-11-24T08:00:05+00:00"></time></div></div><p'
        ' class="etme_channel_info_counter"><b class="counter_value">۱۲٫۵ هزار</b></p>'.encode(),
    )
    made = post(Message(index=0, text="سلام\nدنیا"))
    since = datetime(2026, 11, 24, 7, 59, tzinfo=UTC)
    assert await eitaa.find(made, since=since, known=frozenset()) == Present(ids=("7",))
    assert (await eitaa.audience(made.channel)).number == 12_500
    assert server.received[0].startswith(b"GET /reader/akhbar HTTP/1.1")
    assert not any(TOKEN.reveal().encode() in raw for raw in server.received)
