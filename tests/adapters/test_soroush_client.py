"""What Soroush Plus's client says in words of its own, and what it makes of closed channels."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.soroush.adapter import Soroush
from broadcaster.adapter import Call
from broadcaster.errors import Rejected, Unauthorized
from broadcaster.model import Account, Media, Message, Scope
from broadcaster.testing.loopback import Loopback, answer

MakeCall = Callable[..., Call]


class Server(Loopback):
    """Answers each method with its own status and envelope."""

    def __init__(self) -> None:
        super().__init__(self._say)
        self.says: dict[str, bytes] = {"getMe": good({"id": 1})}

    def _say(self, raw: bytes) -> bytes:
        return self.says[method(raw)]


def good(result: object) -> bytes:
    return answer(200, json.dumps({"ok": True, "result": result}).encode())


def refusal(code: int, description: str) -> bytes:
    said = {"ok": False, "error_code": code, "description": description}
    return answer(code, json.dumps(said).encode())


def method(raw: bytes) -> str:
    return raw.split(b" ", 2)[1].rpartition(b"/")[2].decode()


def form(raw: bytes) -> dict[str, Any]:
    fields = parse_qs(raw.partition(b"\r\n\r\n")[2].decode())
    return {name: value[0] for name, value in fields.items()}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        running.says["sendMessage"] = good({"message_id": 7})
        yield running


@pytest.fixture
async def soroush(server: Server, account: Callable[[str], Account]) -> AsyncIterator[Soroush]:
    client = Soroush(account(server.url))
    yield client
    await client.close()


async def test_the_old_names_of_reply_and_preview_are_used(
    soroush: Soroush, server: Server, call: MakeCall
) -> None:
    entities: Any = [{"type": "bold", "offset": 0, "length": 6}]
    message = Message(
        index=0, text="می‌گوید", markup={"entities": entities}, preview=False, silent=True
    )
    await soroush.send(call(message, reply_to="41"))
    sent = form(server.received[0])
    assert json.loads(sent.pop("entities")) == entities
    assert sent == {
        "chat_id": "@akhbar",
        "text": "می‌گوید",
        "reply_to_message_id": "41",
        "disable_web_page_preview": "true",
    }


async def test_an_edit_keeps_the_preview_away(
    soroush: Soroush, server: Server, call: MakeCall
) -> None:
    server.says["editMessageText"] = good({"message_id": 7})
    await soroush.edit(call(Message(index=0, text="نو", preview=False), ids=("7",)))
    assert form(server.received[0])["disable_web_page_preview"] == "true"


async def test_a_caption_knows_no_preview(
    soroush: Soroush, server: Server, call: MakeCall, media: Callable[..., Media]
) -> None:
    server.says["sendPhoto"] = good({"message_id": 7})
    message = Message(index=0, text="شرح", media=(media("d"),), preview=False)
    await soroush.send(call(message, handles=("d",)))
    assert form(server.received[0]) == {"chat_id": "@akhbar", "photo": "id-d", "caption": "شرح"}


async def test_channel_posts_refused_hold_the_channel_and_say_why(
    soroush: Soroush, server: Server, call: MakeCall
) -> None:
    server.says["sendMessage"] = refusal(403, "Forbidden: bots can't post to channels")
    with pytest.raises(Unauthorized) as raised:
        await soroush.send(call(Message(index=0, text="x")))
    assert raised.value.scope is Scope.CHANNEL
    assert "closed channels to bots" in raised.value.detail


async def test_a_probe_says_that_only_a_post_shows_the_right_to_post(
    soroush: Soroush, server: Server, call: MakeCall
) -> None:
    channel = call(Message(index=0)).channel
    server.says["getChat"] = good({"id": 5, "type": "channel"})
    probe = await soroush.probe(channel)
    assert (probe.ok, probe.verified) == (True, ("token", "channel"))
    assert probe.unverified == ("right to post",)
    assert "test post" in probe.advice
    assert [method(raw) for raw in server.received] == ["getMe", "getChat"]


async def test_a_missing_method_is_no_missing_token(
    soroush: Soroush, server: Server, call: MakeCall
) -> None:
    channel = call(Message(index=0)).channel
    server.says["getChat"] = refusal(404, "Not Found")
    probe = await soroush.probe(channel)
    assert (probe.ok, probe.verified) == (True, ("token",))
    assert probe.unverified == ("channel", "right to post")
    server.says["getChat"] = refusal(403, "Forbidden")
    with pytest.raises(Unauthorized):
        await soroush.probe(channel)
    server.says["getChat"] = refusal(400, "Bad Request: chat not found")
    with pytest.raises(Rejected, match="address"):
        await soroush.probe(channel)
    server.says["getMe"] = refusal(401, "Unauthorized")
    with pytest.raises(Unauthorized, match="token"):
        await soroush.probe(None)
