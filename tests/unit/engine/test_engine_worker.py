"""The daemon's loop: what it claims, carries out and records."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from broadcaster.adapter import Call
from broadcaster.adapter import Probe as Probed
from broadcaster.engine.breaker import Breaker, Position
from broadcaster.errors import (
    InputError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from broadcaster.kit.wire import current
from broadcaster.model import Channel, Receipt, Scope, State
from broadcaster.store.changes import Close, Halt, Open, Recall, Release, Resolve, Resume, Retry
from broadcaster.store.exchange import Capacity
from broadcaster.store.live import Cause
from broadcaster.store.submit import NewPost, Target
from broadcaster.store.views import Query
from broadcaster.testing.store_office import SECOND, rendering


def texts(calls: list[Call]) -> list[str]:
    return [call.message.text for call in calls]


async def test_a_post_goes_to_every_channel_once_and_in_parts(engine: Any) -> None:
    engine.channel("alpha-1")
    engine.channel("beta-1")
    post = engine.post("alpha-1", "beta-1", texts=("بخش ۱", "بخش ۲", "بخش ۳"))
    assert await engine.worker().run(drain=True) == 0
    assert engine.view(post).state == "delivered"
    for name in ("alpha", "beta"):
        assert texts(engine.adapters[name].sent) == ["بخش ۱", "بخش ۲", "بخش ۳"]
    (alpha, _) = engine.view(post).deliveries
    assert [each.receipt.ids for each in alpha.messages] == [
        ("alpha-1-1",),
        ("alpha-1-2",),
        ("alpha-1-3",),
    ]


async def test_a_post_wakes_a_running_daemon(engine: Any) -> None:
    engine.channel("alpha-1")
    async with engine.running():
        await asyncio.sleep(0.1)
        post = engine.post("alpha-1")
        await engine.until(lambda: engine.view(post).state == "delivered")
    assert len(engine.adapters["alpha"].sent) == 1


async def test_senders_bound_what_is_on_the_wire_at_once(engine: Any) -> None:
    for number in range(12):
        engine.channel(f"alpha-{number}")
    adapter = engine.adapters["alpha"]

    async def slow(call: Call) -> Receipt:
        await asyncio.sleep(0.02)
        return Receipt(ids=("1",))

    adapter.on_send = slow
    engine.post(*engine.channels)
    assert await engine.worker().run(drain=True) == 0
    assert len(adapter.sent) == 12
    assert adapter.most_at_once == 4


async def test_the_next_message_of_a_delivery_may_be_claimed_before_the_last_ones_task_is_over(
    engine: Any,
) -> None:
    wrong: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    for number in range(4):
        engine.channel(f"alpha-{number}")
    post = engine.post(*engine.channels, texts=tuple(f"بخش {number}" for number in range(12)))
    worker = engine.worker()
    assert await worker.run(drain=True) == 0
    assert set(engine.states(post).values()) == {State.DELIVERED}
    assert len(engine.adapters["alpha"].sent) == 48
    assert (worker.turns.in_flight.running, worker.turns.in_flight.claims, wrong) == (0, {}, [])


async def test_a_dead_platform_does_not_delay_a_living_one(engine: Any) -> None:
    engine.channel("dead-1")
    engine.channel("alive-1")
    stuck = asyncio.Event()

    async def hang(call: Call) -> Receipt:
        current().touch()
        await stuck.wait()
        raise OutcomeUnknown("no answer")

    engine.adapters["dead"].on_send = hang
    posts = [engine.post("dead-1", "alive-1") for _ in range(5)]
    async with engine.running():
        await engine.until(lambda: len(engine.adapters["alive"].sent) == 5)
        assert len(engine.adapters["dead"].sent) == 1, "its lane waits for the first"
        stuck.set()
    assert engine.states(posts[0]) == {"dead-1": State.UNKNOWN, "alive-1": State.DELIVERED}


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected("too long"), State.FAILED),
        (Unauthorized("token gone", scope=Scope.ACCOUNT), State.HELD),
        (Unauthorized("no right", scope=Scope.CHANNEL), State.HELD),
        (OutcomeUnknown("answer lost"), State.UNKNOWN),
        (Unavailable("no route"), State.WAITING),
        (RateLimited("slow down", retry_after=30.0), State.WAITING),
    ],
)
async def test_each_refusal_leads_to_its_state(engine: Any, error: Exception, state: State) -> None:
    engine.channel("alpha-1")

    async def refuse(call: Call) -> Receipt:
        raise error

    engine.adapters["alpha"].on_send = refuse
    post = engine.post("alpha-1")
    async with engine.running():
        await engine.until(
            lambda: bool(engine.view(post).deliveries and engine.view(post).deliveries[0].attempts)
        )
        await engine.until(lambda: engine.states(post)["alpha-1"] is state)
    assert len(engine.adapters["alpha"].sent) == 1
    assert error.detail in engine.view(post).deliveries[0].delivery.reason  # type: ignore[attr-defined]


async def test_a_bug_before_the_first_byte_fails_and_after_it_is_unknown(engine: Any) -> None:
    engine.channel("alpha-1")
    engine.channel("alpha-2")

    async def bug(call: Call) -> Receipt:
        if call.channel.name == "alpha-2":
            current().touch()
        raise ZeroDivisionError

    engine.adapters["alpha"].on_send = bug
    post = engine.post("alpha-1", "alpha-2")
    assert await engine.worker().run(drain=True) == 4
    assert engine.states(post) == {"alpha-1": State.FAILED, "alpha-2": State.UNKNOWN}


async def test_what_was_surely_not_posted_is_sent_again(engine: Any) -> None:
    engine.channel("alpha-1")
    adapter = engine.adapters["alpha"]

    async def second_time_lucky(call: Call) -> Receipt:
        if len(adapter.sent) == 1:
            raise Unavailable("refused")
        return Receipt(ids=("7",))

    adapter.on_send = second_time_lucky
    post = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0
    assert [call.key for call in adapter.sent] == [adapter.sent[0].key] * 2
    assert engine.view(post).state == "delivered"


async def test_stopping_lets_what_is_on_the_wire_finish_and_claims_nothing_more(
    engine: Any,
) -> None:
    engine.channel("alpha-1")
    adapter = engine.adapters["alpha"]
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(call: Call) -> Receipt:
        asked.set()
        await answer.wait()
        return Receipt(ids=("42",))

    adapter.on_send = slow
    first, second = engine.post("alpha-1"), engine.post("alpha-1")
    async with engine.running() as worker:
        await asked.wait()
        worker.stop()
        asyncio.get_running_loop().call_later(0.1, answer.set)
    assert engine.states(first) == {"alpha-1": State.DELIVERED}
    assert engine.states(second) == {"alpha-1": State.WAITING}
    assert len(adapter.sent) == 1


async def test_a_daemon_that_was_stopped_ends_well_whatever_became_of_the_posts(
    engine: Any,
) -> None:
    engine.channel("alpha-1")

    async def doubt(call: Call) -> Receipt:
        current().touch()
        raise OutcomeUnknown("no answer")

    engine.adapters["alpha"].on_send = doubt
    post = engine.post("alpha-1")
    worker = engine.worker()
    task = asyncio.create_task(worker.run())
    await engine.until(lambda: engine.states(post)["alpha-1"] is State.UNKNOWN)
    worker.stop()
    async with asyncio.timeout(20):
        assert await task == 0


async def test_a_daemon_that_runs_on_keeps_nothing_of_what_is_done(engine: Any) -> None:
    engine.channel("alpha-1")
    async with engine.running() as worker:
        posts = [engine.post("alpha-1") for _ in range(5)]
        await engine.until(lambda: all(engine.view(p).state == "delivered" for p in posts))
        assert worker.turns.drained is None, "only --drain asks what became of each"


async def test_a_second_daemon_on_the_same_file_is_refused(engine: Any) -> None:
    engine.channel("alpha-1")
    async with engine.running():
        with pytest.raises(InputError, match="daemon"):
            await engine.worker("another").run(drain=True)


async def test_what_a_killed_daemon_left_on_the_wire_is_unknown_until_a_person_decides(
    engine: Any,
) -> None:
    engine.channel("alpha-1")
    post, behind = engine.post("alpha-1"), engine.post("alpha-1")
    # as a daemon that is killed between mark and receipt leaves it
    engine.store.open("killed", exclusive=False)
    (claim,) = engine.store.tick("killed", [], [], [Capacity(account="alpha", count=1)], 60).claims
    assert claim.post == post
    assert await engine.worker().run(drain=True) == 4
    assert engine.states(post) == {"alpha-1": State.UNKNOWN}
    assert engine.states(behind) == {"alpha-1": State.DELIVERED}, "the lane goes on"
    engine.store.change("من", Resolve(post=post, channel="alpha-1", posted=False))
    assert await engine.worker().run(drain=True) == 0
    assert engine.states(post) == {"alpha-1": State.DELIVERED}
    assert len(engine.adapters["alpha"].sent) == 2


async def test_a_closed_gate_stops_an_account_and_release_lets_it_go(engine: Any) -> None:
    engine.channel("alpha-1")
    engine.channel("beta-1")
    async with engine.running():
        off = Close(accounts=("alpha",), cause=Cause.OFF, reason="کوچ به پیام‌رسان داخلی")
        engine.store.change("من", off)
        generation = engine.store.health().generation
        await engine.until(lambda: engine.store.acknowledged(generation))
        post = engine.post("alpha-1", "beta-1")
        await engine.until(lambda: engine.states(post).get("beta-1") is State.DELIVERED)
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
        assert not engine.adapters["alpha"].sent
        engine.store.change("من", Open(accounts=("alpha",), cause=Cause.OFF))
        assert engine.states(post)["alpha-1"] is State.HELD, "coming back replays nothing by itself"
        engine.store.change("من", Release(post=post))
        await engine.until(lambda: engine.view(post).state == "delivered")


async def test_halt_is_silence_and_resume_goes_on(engine: Any) -> None:
    engine.channel("alpha-1")
    async with engine.running():
        engine.store.change("من", Halt(reason="خطا در متن"))
        generation = engine.store.health().generation
        await engine.until(lambda: engine.store.acknowledged(generation))
        post = engine.post("alpha-1")
        await asyncio.sleep(0.2)
        assert not engine.adapters["alpha"].sent
        engine.store.change("من", Resume())
        await engine.until(lambda: engine.view(post).state == "delivered")


async def test_a_breaker_stops_claims_before_attempts_burn(engine: Any) -> None:
    for number in range(6):
        engine.channel(f"alpha-{number}")
    adapter = engine.adapters["alpha"]

    async def down(call: Call) -> Receipt:
        raise Unavailable("filtered")

    adapter.on_send = down
    adapter.well = Probed(ok=False, advice="still filtered")
    for _ in range(3):
        engine.post(*engine.channels)
    async with engine.running():
        await engine.until(lambda: bool(engine.store.health().accounts))
        (health,) = engine.store.health().accounts
        assert (health.breaker, health.reason) == ("open", "filtered")
        assert len(adapter.sent) <= 3 + 4, "at most what was on the wire when it opened"


async def test_too_late_is_missed_and_retry_sends_it(engine: Any) -> None:
    engine.channel("alpha-1", late_after=timedelta(seconds=0))
    now = engine.store.health().now
    target = Target(
        channel="alpha-1", account="alpha", rendering=rendering("دیر"), deadline=now - SECOND
    )
    post = engine.store.enqueue([NewPost(source="دیر", targets=(target,))])[0].post
    async with engine.running():
        await engine.until(lambda: engine.view(post).state == "missed")
        assert not engine.adapters["alpha"].sent
        engine.store.change("من", Retry(post=post, late_after={"alpha-1": 3600 * SECOND}))
        await engine.until(lambda: engine.view(post).state == "delivered")


async def test_a_recall_acts_on_the_ids_of_the_receipt(engine: Any) -> None:
    engine.channel("alpha-1")
    adapter = engine.adapters["alpha"]
    async with engine.running():
        post = engine.post("alpha-1", texts=("یک", "دو"))
        await engine.until(lambda: engine.view(post).state == "delivered")
        engine.store.change("من", Recall(post=post, recallable=frozenset({"alpha-1"})))
        await engine.until(lambda: engine.view(post).state == "recalled")
    recalls = [call for call in adapter.sent if call.message.verb == "recall"]
    assert sorted(each for call in recalls for each in call.ids) == ["alpha-1-1", "alpha-1-2"]


async def test_a_channel_added_after_the_start_is_held_with_the_way_out(engine: Any) -> None:
    engine.channel("alpha-1")
    async with engine.running():
        post = engine.post("alpha-1", "alpha-new")
        await engine.until(lambda: engine.states(post).get("alpha-1") is State.DELIVERED)
        await engine.until(lambda: engine.states(post)["alpha-new"] is State.HELD)
    assert "restart" in engine.view(post).deliveries[1].delivery.reason
    engine.channel("alpha-new")
    async with engine.running():
        engine.store.change("من", Release(post=post))
        await engine.until(lambda: engine.view(post).state == "delivered")


async def test_unauthorized_is_lifted_by_a_good_probe_only(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.engine.reap.ASK_AGAIN_S", 0.2)
    engine.channel("alpha-1")
    adapter = engine.adapters["alpha"]
    adapter.well = Probed(ok=False, advice="make the bot an administrator")

    async def refused(call: Call) -> Receipt:
        if not adapter.well.ok:
            raise Unauthorized("the bot may not post", scope=Scope.CHANNEL)
        return Receipt(ids=("9",))

    adapter.on_send = refused
    post = engine.post("alpha-1")
    async with engine.running():
        await engine.until(lambda: engine.view(post).state == "held")
        await engine.until(lambda: adapter.probes > 1)
        asked = adapter.probes
        adapter.well = Probed(ok=True, verified=("token",), unverified=("right to post",))
        await engine.until(lambda: adapter.probes > asked + 1)
        assert engine.view(post).state == "held"
        assert len(adapter.sent) == 1
        adapter.well = Probed(ok=True, verified=("right to post",))
        await engine.until(lambda: engine.view(post).state == "delivered")
    assert not engine.store.health().gates


async def test_a_probe_with_a_bug_counts_as_a_bad_one_and_keeps_no_other_account_waiting(
    engine: Any,
) -> None:
    for name in ("alpha", "beta"):
        engine.channel(f"{name}-1")
        sender = engine.senders[name]
        sender.breaker = Breaker(position=Position.OPEN, faults=3, opened=1)

    async def bug(channel: Channel | None) -> Probed:
        raise ZeroDivisionError

    engine.adapters["alpha"].probe = bug
    post = engine.post("alpha-1", "beta-1")
    async with engine.running():
        await engine.until(lambda: engine.states(post)["beta-1"] is State.DELIVERED)
        breaker = engine.senders["alpha"].breaker
        assert breaker.opened == 2, "it is asked again after a longer wait, not every second"


async def test_list_shows_what_was_queued(engine: Any) -> None:
    engine.channel("alpha-1")
    post = engine.post("alpha-1")
    (row,) = engine.store.posts(Query())
    assert row.post.id == post
