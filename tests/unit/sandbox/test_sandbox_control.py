"""The control side: what goes wrong on order, how platforms behave, which channels are one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from adapters.telegram.sandbox import FAKE
from broadcaster.errors import InputError
from broadcaster.sandbox.server import start

FAULT = {"platform": "telegram", "kind": "403"}


async def codes(client: Any, *calls: tuple[str, dict[str, Any]]) -> list[int]:
    answers = [await client.call(method, **params) for method, params in calls]
    return [answer.get("error_code", 200) for answer in answers]


SAY = ("sendMessage", {"chat_id": "@news", "text": "سلام"})
SAY_ELSEWHERE = ("SENDMESSAGE", {"chat_id": "@Other", "text": "سلام"})
ASK: tuple[str, dict[str, Any]] = ("getMe", {})


async def test_a_fault_hits_posting_calls_as_often_as_it_counts(client: Any) -> None:
    await client.control("faults", {**FAULT, "count": 2})
    assert await codes(client, ASK, SAY, SAY, SAY) == [200, 403, 403, 200]


async def test_faults_hit_in_the_order_they_were_armed(client: Any) -> None:
    await client.control("faults", [FAULT, {**FAULT, "kind": "400"}])
    assert await codes(client, SAY, SAY, SAY) == [403, 400, 200]


async def test_a_fault_hits_the_methods_it_names(client: Any) -> None:
    await client.control("faults", {**FAULT, "methods": ["GETme"]})
    assert await codes(client, SAY, ASK) == [200, 403]
    await client.control("faults", {**FAULT, "methods": "*", "count": 2})
    assert await codes(client, ASK, SAY) == [403, 403]


async def test_a_fault_of_a_channel_hits_its_name_and_its_number(client: Any) -> None:
    first = await client.call("sendMessage", chat_id="@other", text="سلام")
    number = first["result"]["chat"]["id"]
    await client.control("faults", {**FAULT, "channel": "OTHER", "count": 2})
    by_number = ("sendMessage", {"chat_id": number, "text": "سلام"})
    assert await codes(client, SAY, SAY_ELSEWHERE, by_number) == [200, 403, 403]


async def test_a_fault_may_name_a_channel_before_anybody_has_spoken_of_it(client: Any) -> None:
    await client.control("faults", {**FAULT, "channel": "c1001234567890"})
    by_number = ("sendMessage", {"chat_id": -1001234567890, "text": "سلام"})
    assert await codes(client, SAY, by_number) == [200, 403]


async def test_dropped_calls_are_accepted_only_when_they_should_be(client: Any) -> None:
    for kind, accepted in (("drop-before", 0), ("drop-after", 1)):
        await client.control("faults", {**FAULT, "kind": kind})
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.say("سلام")
        assert len(await client.control("messages")) == accepted


async def test_a_slow_answer_was_accepted_at_once(client: Any) -> None:
    await client.control("faults", {**FAULT, "kind": "slow", "seconds": 60})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.say("سلام"), 0.3)
    assert len(await client.control("messages")) == 1


@pytest.mark.parametrize(
    "fault",
    [{**FAULT, "kind": "418"}, {"kind": "429"}, {**FAULT, "chanel": "x"}, {**FAULT, "count": "x"}],
)
async def test_a_fault_that_nobody_knows_is_refused(client: Any, fault: dict[str, Any]) -> None:
    assert (await client.control("faults", fault, code=400))["error"]
    assert await client.control("faults") == []


async def test_every_call_is_on_the_log(client: Any) -> None:
    await codes(client, ASK, SAY, ("noSuchMethod", {}))
    log = await client.control("requests", platform="telegram")
    assert [(each["method"], each["channel"]) for each in log] == [
        ("getMe", None),
        ("sendMessage", "news"),
        ("noSuchMethod", None),
    ]


async def test_switches_change_and_are_listed(client: Any) -> None:
    change = {"platform": "bale", "name": "token_error", "value": "403"}
    listed = await client.control("switches", change)
    (one,) = [each for each in listed if each["name"] == "token_error"]
    assert (one["value"], one["default"], one["values"]) == ("403", "401", ["401", "403", "400"])
    await client.control("switches", {"platform": "bale", "name": "token", "value": "revoked"})
    assert (await client.call("getMe", "bale"))["error_code"] == 403
    wrong = {**change, "value": "402"}
    assert "401 | 403 | 400" in (await client.control("switches", wrong, code=400))["error"]


async def test_an_unknown_switch_names_its_neighbours(opened: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"did you mean bale.token_error"):
        async with opened(None, bale={"token_eror": "403"}):
            pass


async def test_a_name_and_a_number_can_be_made_one_channel(client: Any) -> None:
    await client.say("یکم", "4512345678", "bale")
    (entry,) = await client.control("messages")
    assert (entry["channel"], entry["username"]) == ("4512345678", "c4512345678")
    joined = {"platform": "bale", "address": "4512345678", "username": "@akhbar", "title": "اخبار"}
    await client.control("channels", joined)
    await client.say("دوم", "@Akhbar", "bale")
    found = await client.control("messages", platform="bale", channel="akhbar")
    assert [(each["id"], each["text"]) for each in found] == [("1", "یکم"), ("2", "دوم")]
    assert "اخبار" in await client.page("/bale/reader/akhbar")


async def test_channels_that_both_have_messages_stay_two(client: Any) -> None:
    await client.say("یکم", "4512345678", "bale")
    await client.say("دوم", "@akhbar", "bale")
    joined = {"platform": "bale", "address": "4512345678", "username": "akhbar"}
    assert "both have messages" in (await client.control("channels", joined, code=400))["error"]


async def test_messages_of_a_name_follow_it_to_its_number(client: Any) -> None:
    await client.say("یکم", "@akhbar", "bale")
    joined = {"platform": "bale", "address": "4512345678", "username": "akhbar"}
    await client.control("channels", joined)
    assert await client.say("دوم", "4512345678", "bale") == "2"
    assert len(await client.control("messages", channel="4512345678")) == 2


async def test_a_port_in_use_is_said_with_the_way_out(client: Any) -> None:
    port = int(client.url.rpartition(":")[2])
    with pytest.raises(InputError, match=f"port {port} is in use.*--port"):
        await start({"telegram": FAKE}, host="127.0.0.1", port=port)


SAID = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "_sandbox/reset"),
        ("POST", "_sandbox/switches"),
        ("POST", "_sandbox/faults"),
        ("DELETE", "_sandbox/faults"),
        ("GET", "telegram/botX/sendMessage?chat_id=@news&text=x"),
        ("POST", "telegram/botX/sendMessage?chat_id=@news&text=x"),
    ],
)
async def test_a_page_of_another_site_changes_nothing_here(
    client: Any, method: str, path: str
) -> None:
    await client.say("یکم")
    await client.control("faults", FAULT)
    for said in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        headers = {**SAID, **said}
        async with client.session.request(
            method, f"{client.url}/{path}", headers=headers, data=b"{}"
        ) as answer:
            assert answer.status == 403
    assert len(await client.control("messages")) == 1
    assert len(await client.control("faults")) == 1


@pytest.mark.parametrize("path", ["", "_sandbox/messages", "telegram/reader/news"])
async def test_a_name_that_leads_here_is_not_enough(client: Any, path: str) -> None:
    headers = {"Host": f"evil.example:{client.url.rpartition(':')[2]}"}
    async with client.session.get(f"{client.url}/{path}", headers=headers) as answer:
        assert answer.status == 421


async def test_a_body_without_end_is_not_kept() -> None:
    from broadcaster.sandbox.server import MAX_BODY

    running = await start({"telegram": FAKE}, host="127.0.0.1", port=0)

    async def endless() -> Any:
        for _ in range(MAX_BODY // 2**20 + 1):
            yield bytes(2**20)

    url = f"{running.url}/telegram/bot1:x/sendDocument"
    async with aiohttp.ClientSession() as session, session.post(url, data=endless()) as answer:
        assert answer.status == 413
    await running.stop()


@pytest.mark.parametrize(
    ("allowed", "answers"),
    [
        ("sandbox", {"sandbox:80": 200, "other:80": 421, "localhost:80": 200}),
        ("127.0.0.1", {"127.0.0.1:80": 200, "localhost:80": 200, "other:80": 421}),
        ("localhost:81", {"localhost:81": 200, "127.0.0.1:81": 200, "127.0.0.1:80": 200}),
    ],
)
async def test_it_may_be_known_by_another_name(allowed: str, answers: dict[str, int]) -> None:
    running = await start({"telegram": FAKE}, host="127.0.0.1", port=0, allowed=(allowed,))
    async with aiohttp.ClientSession() as session:
        for name, status in answers.items():
            async with session.get(running.url, headers={"Host": name}) as answer:
                assert answer.status == status
    await running.stop()
