"""The right to pin, to edit or to delete is none to post: its loss leaves the channel open."""

from __future__ import annotations

import importlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from broadcaster.adapter import Adapter, Call, Editable, Pinnable, Recallable, Unpinnable
from broadcaster.discovery import load_part
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unauthorized, Unavailable
from broadcaster.model import Account, Channel, Message, Scope, Secret, Verb
from broadcaster.sandbox import server
from broadcaster.testing.loopback import Loopback, answer

FAMILY = ("telegram", "bale", "soroush")
ALL = (*FAMILY, "eitaa", "gap", "igap", "rubika")
ADDRESS: Mapping[str, str] = {"eitaa": "10525463", "igap": "1234", "rubika": "c0abc"}
TOKEN = Secret("123456789:AAsecretAAsecretAAsecretAAsecret")
ACTS = {
    Verb.PIN: Pinnable,
    Verb.UNPIN: Unpinnable,
    Verb.EDIT: Editable,
    Verb.RECALL: Recallable,
}
RIGHT = {
    Verb.PIN: "may_pin",
    Verb.UNPIN: "may_pin",
    Verb.EDIT: "may_edit",
    Verb.RECALL: "may_delete",
}


def client(platform: str, url: str) -> Adapter:
    made: Adapter = load_part(platform, "adapter").ADAPTER(
        Account(name="acc", platform=platform, token=TOKEN, base_url=url)
    )
    return made


def a_call(platform: str, verb: Verb = Verb.SEND, ids: tuple[str, ...] = ()) -> Call:
    address = ADDRESS.get(platform, "@akhbar")
    return Call(
        channel=Channel(name="news", account="acc", address=address),
        message=Message(index=0, verb=verb, text="متن" if verb in (Verb.SEND, Verb.EDIT) else ""),
        key="k",
        deadline=time.monotonic() + 10,
        ids=ids,
    )


async def act(adapter: Any, call: Call) -> None:
    match call.message.verb:
        case Verb.PIN:
            await adapter.pin(call)
        case Verb.UNPIN:
            await adapter.unpin(call)
        case Verb.EDIT:
            await adapter.edit(call)
        case Verb.RECALL:
            await adapter.recall(call)


async def refusal(calling: Awaitable[object]) -> SendError:
    with pytest.raises(SendError) as raised:
        await calling
    assert TOKEN.reveal() not in raised.value.detail
    return raised.value


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Callable[..., Awaitable[Adapter]]]:
    """A client in front of the fake of its platform, whose switches stand so."""
    async with AsyncExitStack() as stack:

        async def open_(platform: str, **switches: str) -> Any:
            running = await server.start(
                {platform: load_part(platform, "sandbox").FAKE},
                host="127.0.0.1",
                port=0,
                ledger=None,
                switches={platform: switches},
            )
            stack.push_async_callback(running.stop)
            adapter = client(platform, f"{running.url}/{platform}")
            stack.push_async_callback(adapter.close)
            return adapter

        yield open_


@pytest.mark.parametrize("platform", FAMILY)
@pytest.mark.parametrize("verb", ACTS)
async def test_without_the_right_to_act_only_the_act_fails(
    opened: Any, platform: str, verb: Verb
) -> None:
    adapter: Any = await opened(platform, **{RIGHT[verb]: "no"})
    able = [each for each, port in ACTS.items() if isinstance(adapter, port)]
    if verb not in able:
        pytest.skip(f"{platform} has no {verb}")
    posted = await adapter.send(a_call(platform))
    error = await refusal(act(adapter, a_call(platform, verb, posted.ids)))
    assert type(error) is Rejected
    assert "retry" in error.detail
    assert {Verb.RECALL: "delete"}.get(verb, verb.value) in error.detail
    await adapter.send(a_call(platform))
    for other in able:
        if RIGHT[other] == RIGHT[verb]:
            continue
        await act(adapter, a_call(platform, other, posted.ids))


@pytest.mark.parametrize("platform", FAMILY)
@pytest.mark.parametrize("verb", ACTS)
async def test_who_was_removed_may_not_act_either(opened: Any, platform: str, verb: Verb) -> None:
    adapter = await opened(platform, rights="kicked")
    if not isinstance(adapter, ACTS[verb]):
        pytest.skip(f"{platform} has no {verb}")
    error = await refusal(act(adapter, a_call(platform, verb, ("1",))))
    assert isinstance(error, Unauthorized)
    assert error.scope is Scope.CHANNEL


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.RECALL])
async def test_gap_is_asked_whether_the_channel_is_open(verb: Verb) -> None:
    def says(refused: str) -> Callable[[bytes], bytes]:
        def answered(request: bytes) -> bytes:
            method = request.split(b" ")[1].rpartition(b"/")[2].decode()
            good = method not in refused.split()
            return answer(200, b"{}") if good else answer(403, b'{"error": "not permitted"}')

        return answered

    for refused, kind in (
        ("editMessage deleteMessage", Rejected),
        ("editMessage deleteMessage sendAction", Unauthorized),
    ):
        async with Loopback(says(refused)) as running:
            adapter = client("gap", running.url)
            error = await refusal(act(adapter, a_call("gap", verb, ("7",))))
            await adapter.close()
        assert type(error) is kind


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.RECALL])
async def test_rubika_is_asked_whether_the_token_is_good(verb: Verb) -> None:
    def says(token: bytes) -> Callable[[bytes], bytes]:
        def answered(request: bytes) -> bytes:
            asks = b"/getMe " in request
            return answer(200, token if asks else b'{"status":"INVALID_ACCESS"}')

        return answered

    for token, kind in (
        (b'{"status":"OK","data":{"bot":{"bot_id":"b"}}}', Rejected),
        (b'{"status":"INVALID_ACCESS"}', Unauthorized),
    ):
        async with Loopback(says(token)) as running:
            adapter = client("rubika", running.url)
            error = await refusal(act(adapter, a_call("rubika", verb, ("7",))))
            await adapter.close()
        assert type(error) is kind


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.RECALL])
async def test_igap_closes_no_channel_for_it(verb: Verb) -> None:
    messages = importlib.import_module("adapters.igap.messages")
    said = messages.ErrorResponse(major_code=403, minor_code=1, message="not allowed")
    async with Loopback(answer(403, said.SerializeToString())) as running:
        adapter = client("igap", running.url)
        acting = await refusal(act(adapter, a_call("igap", verb, ("7",))))
        posting = await refusal(adapter.send(a_call("igap")))
        await adapter.close()
    assert type(acting) is Rejected
    assert isinstance(posting, Unauthorized)


PAGE = b"<!DOCTYPE html>\n<html><body>M4-6 10.10.34.36</body></html>"


@pytest.mark.parametrize("platform", ALL)
@pytest.mark.parametrize("body", [PAGE, b'{"detail": "not here"}', b"[]", b"<h1>Not Found</h1>"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 511])
async def test_a_page_in_between_says_nothing_of_token_or_rights(
    platform: str, body: bytes, status: int
) -> None:
    async with Loopback(answer(status, body)) as running:
        adapter = client(platform, running.url)
        error = await refusal(adapter.send(a_call(platform)))
        await adapter.close()
    assert type(error) is OutcomeUnknown
    assert len(running.received) == 1
    if status >= 400:
        assert f"(HTTP {status})" in error.detail
        assert "proxy" in error.detail


@pytest.mark.parametrize("platform", ALL)
@pytest.mark.parametrize("body", [PAGE, b""])
async def test_a_proxy_that_wants_a_password_is_named(platform: str, body: bytes) -> None:
    async with Loopback(answer(407, body)) as running:
        adapter = client(platform, running.url)
        error = await refusal(adapter.send(a_call(platform)))
        await adapter.close()
    assert type(error) is Unavailable
    assert "check proxy" in error.detail
