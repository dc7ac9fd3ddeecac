"""What Bale's client puts on the wire where Bale's dialect is its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs

import pytest

from adapters.bale.adapter import Bale
from broadcaster.adapter import Call
from broadcaster.errors import OutcomeUnknown
from broadcaster.model import Account, Media, Message
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
