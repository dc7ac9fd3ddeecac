"""What Bale's client puts on the wire where Bale's dialect is its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs

import pytest

from adapters.bale.adapter import Bale
from broadcaster.adapter import Call
from broadcaster.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from broadcaster.model import Account, Media, Message, Scope
from broadcaster.testing.loopback import Loopback, answer


def good(result: object) -> bytes:
    return answer(200, json.dumps({"ok": True, "result": result}).encode())


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback(good({"message_id": 7, "date": 1_700_000_000})) as running:
        yield running


@pytest.fixture
async def bale(server: Loopback, account: Callable[[str], Account]) -> AsyncIterator[Bale]:
    client = Bale(account(server.url))
    yield client
    await client.close()


def fields(raw: bytes) -> dict[str, list[str]]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/x-www-form-urlencoded" in head
    return parse_qs(body.decode())


async def test_only_words_that_bale_knows_are_sent(
    bale: Bale, server: Loopback, call: Callable[..., Call]
) -> None:
    await bale.send(call(Message(index=0, text="می‌گوید", silent=True, preview=False)))
    assert fields(server.received[0]) == {"chat_id": ["@akhbar"], "text": ["می‌گوید"]}


async def test_a_known_file_is_urlencoded_because_json_is_refused(
    bale: Bale, server: Loopback, call: Callable[..., Call], media: Callable[..., Media]
) -> None:
    message = Message(index=0, text="شرح", media=(media("d"),))
    await bale.send(call(message, handles=("d",), reply_to="5"))
    assert fields(server.received[0]) == {
        "chat_id": ["@akhbar"],
        "photo": ["id-d"],
        "caption": ["شرح"],
        "reply_to_message_id": ["5"],
    }


async def test_each_message_of_an_album_is_deleted(
    bale: Bale, server: Loopback, call: Callable[..., Call]
) -> None:
    server.answer = good(result=True)
    await bale.recall(call(Message(index=0), ids=("7", "8")))
    assert [fields(raw)["message_id"] for raw in server.received] == [["7"], ["8"]]


async def test_the_count_is_spelled_as_bale_spells_it(
    bale: Bale, server: Loopback, call: Callable[..., Call]
) -> None:
    channel = call(Message(index=0)).channel
    server.answer = good(0)
    assert (await bale.audience(channel)).number == 0
    assert b"/getChatMembersCount " in server.received[0]
    server.answer = good("many")
    with pytest.raises(OutcomeUnknown):
        await bale.audience(channel)


async def test_a_bot_that_may_not_post_is_told_what_to_do(
    bale: Bale, server: Loopback, call: Callable[..., Call]
) -> None:
    server.answer = good({"id": 1, "status": "member"})
    probe = await bale.probe(call(Message(index=0)).channel)
    assert not probe.ok
    assert "administrator" in probe.advice


def refusal(code: int, description: str, **more: object) -> bytes:
    said = {"ok": False, "error_code": code, "description": description, **more}
    return answer(code, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (answer(429, b"local_rate_limited"), None),
        (answer(429, b"local_rate_limited", b"Retry-After: 4"), 4.0),
        (refusal(429, "Too Many Requests"), None),
        (refusal(429, "Too Many Requests", parameters=None), None),
        (refusal(429, "Too Many Requests", parameters={"retry_after": None}), None),
        (refusal(429, "Too Many Requests", parameters={"retry_after": 7}), 7.0),
        (refusal(400, "bot limit exceed"), None),
        (refusal(403, "bot limit exceed"), None),
    ],
)
async def test_a_rate_limit_is_told_by_the_bot_api_and_by_its_gateway(
    bale: Bale, server: Loopback, call: Callable[..., Call], said: bytes, wait: float | None
) -> None:
    server.answer = said
    with pytest.raises(RateLimited) as raised:
        await bale.send(call(Message(index=0, text="x")))
    assert raised.value.retry_after == wait


@pytest.mark.parametrize(
    "said",
    [
        answer(401, b"Token not found"),
        refusal(401, "Unauthorized"),
        refusal(403, "Unauthorized"),
        refusal(400, "Bad Request: Token not found"),
    ],
)
async def test_every_way_of_refusing_a_token_holds_the_account(
    bale: Bale, server: Loopback, call: Callable[..., Call], said: bytes
) -> None:
    server.answer = said
    with pytest.raises(Unauthorized, match="token file") as raised:
        await bale.send(call(Message(index=0, text="x")))
    assert raised.value.scope is Scope.ACCOUNT


@pytest.mark.parametrize("code", [400, 404, 440])
async def test_an_unknown_channel_is_no_missing_token(
    bale: Bale, server: Loopback, call: Callable[..., Call], code: int
) -> None:
    server.answer = refusal(code, "no such group or user")
    with pytest.raises(Rejected, match="address"):
        await bale.send(call(Message(index=0, text="x")))
