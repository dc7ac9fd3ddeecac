"""A message is changed and looked for where it stands, by the bot that posted it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcaster.adapter import Call, Hidden, Present
from broadcaster.engine.whereabouts import bot_of
from broadcaster.errors import OutcomeUnknown, Rejected, Unauthorized
from broadcaster.model import Account, Channel, Kind, Receipt, Scope, Secret, State
from broadcaster.store.changes import Pin, Recall

ABLE = frozenset({"alpha-1"})


def move(engine: Any, address: str, **account: Any) -> None:
    """The config gives the channel another address, and its account other keys."""
    engine.channels["alpha-1"] = replace(
        engine.channels["alpha-1"],
        channel=Channel(name="alpha-1", account="alpha", address=address, username=address[1:]),
    )
    adapter = engine.adapters["alpha"]
    adapter.account = replace(adapter.account, **account)
    engine.senders["alpha"]._policies.clear()
    vars(engine.senders["alpha"]).pop("looks", None)


async def posted(engine: Any, address: str = "@old") -> int:
    engine.channel("alpha-1")
    move(engine, address)
    post: int = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0
    return post


async def recalled(engine: Any, post: int) -> Any:
    engine.store.change("a person", Recall(post=post, recallable=ABLE))
    await engine.worker().run(drain=True)
    return engine.view(post).deliveries[-1].delivery


async def test_a_recall_reaches_the_old_chat(engine: Any) -> None:
    post = await posted(engine)
    move(engine, "@new")
    after = engine.post("alpha-1")
    engine.store.change("a person", Pin(post=post, pinnable=ABLE))
    assert await engine.worker().run(drain=True) == 0
    assert (await recalled(engine, post)).state is State.DELIVERED
    assert (await recalled(engine, after)).state is State.DELIVERED
    sent = engine.adapters["alpha"].sent
    assert sorted((call.message.verb.value, call.channel.address) for call in sent) == [
        ("pin", "@old"),
        ("recall", "@new"),
        ("recall", "@old"),
        ("send", "@new"),
        ("send", "@old"),
    ]


@pytest.mark.parametrize(
    "account",
    [
        {"platform": "another"},
        {"token": Secret("456:other")},
    ],
)
async def test_what_another_bot_posted_is_left_alone(engine: Any, account: Any) -> None:
    engine.channel("alpha-1")
    move(engine, "@old", token=Secret("123:secret"))
    post = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0
    move(engine, "@new", **account)
    done = await recalled(engine, post)
    assert done.state is State.FAILED
    assert "@old" in done.reason
    assert "@new" in done.reason
    assert len(engine.adapters["alpha"].sent) == 1


async def test_a_renewed_token_is_the_same_bot(engine: Any) -> None:
    engine.channel("alpha-1")
    move(engine, "@old", token=Secret("123:secret"))
    post = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0
    move(engine, "@old", token=Secret("123:renewed"))
    assert (await recalled(engine, post)).state is State.DELIVERED
    assert engine.adapters["alpha"].sent[-1].channel.address == "@old"


def test_the_bot_of_a_token() -> None:
    account = Account(name="news", platform="p", base_url="http://127.0.0.1")
    for token, bot in (
        ("123456:AA-x", "123456"),
        ("opaque", "news"),
        ("", "news"),
        ("۱۲۳:x", "news"),
    ):
        assert bot_of(replace(account, token=Secret(token))) == bot


@pytest.mark.parametrize(
    "refusal",
    [Rejected("chat not found"), Unauthorized("no right to delete", scope=Scope.CHANNEL)],
)
async def test_a_refusal_in_the_old_chat_says_where_and_closes_no_gate(
    engine: Any, refusal: Exception
) -> None:
    post = await posted(engine)
    move(engine, "@new")

    async def refuse(call: Call) -> None:
        raise refusal

    engine.adapters["alpha"].recall = refuse
    done = await recalled(engine, post)
    assert (done.kind, done.state) == (Kind.RECALL, State.FAILED)
    assert "@old" in done.reason
    assert str(refusal) in done.reason
    assert engine.store.gates() == ()


async def test_what_is_in_doubt_is_looked_for_in_the_old_chat(engine: Any) -> None:
    engine.account("alpha", verbs=("find",))
    engine.channel("alpha-1", settle=timedelta(seconds=6))
    move(engine, "@old")
    adapter = engine.adapters["alpha"]

    async def lost(call: Call) -> Receipt:
        raise OutcomeUnknown("answer lost")

    adapter.on_send = lost
    post = engine.post("alpha-1")
    async with engine.running():
        await engine.until(lambda: engine.states(post).get("alpha-1") is State.UNKNOWN)
    move(engine, "@new")
    adapter.shows = Present(ids=("7",))
    async with engine.running():
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.DELIVERED)
    assert [call.channel.address for call in adapter.looked] == ["@old"]
    assert engine.view(post).deliveries[0].messages[0].chat.address == "@old"


async def test_where_nobody_can_look_a_person_is_asked_at_once(engine: Any) -> None:
    """By what the settings say, and by what a look has shown a moment ago."""
    engine.account("alpha", verbs=("find",))
    for name in ("alpha-1", "alpha-2"):
        engine.channel(name, settle=timedelta(seconds=3))
    adapter = engine.adapters["alpha"]
    adapter.hidden = lambda channel: "" if channel.name == "alpha-2" else "it has no public page"
    adapter.shows = Hidden(why="HTTP 404")

    async def lost(call: Call) -> Receipt:
        raise OutcomeUnknown("answer lost")

    adapter.on_send = lost
    posts = [engine.post("alpha-1", "alpha-2") for _ in range(2)]
    async with engine.running():
        await engine.until(
            lambda: (
                all(each.settled_at for post in posts for each in engine.view(post).deliveries)
                and all(engine.view(post).deliveries for post in posts)
            )
        )
    assert [call.channel.name for call in adapter.looked] == ["alpha-2"]
    views = [each for post in posts for each in engine.view(post).deliveries]
    assert {view.delivery.state for view in views} == {State.UNKNOWN}
    for view in views:
        why = "no public page" if view.delivery.channel == "alpha-1" else "HTTP 404"
        assert why in view.delivery.reason
