"""What a platform answers may be what no store can keep: it costs that one result and no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Call, Undecided
from broadcaster.engine.recording import TurnBatch, record
from broadcaster.errors import OutcomeUnknown, Rejected
from broadcaster.model import Channel, Handle, Kind, Media, Receipt, State
from broadcaster.store.changes import Edit, Resolve
from broadcaster.store.exchange import Result, Tick
from broadcaster.store.media import blob
from broadcaster.store.store import StoreStuck
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import file, rendering

HALF = "\udcd3"
"""Half a character: no database takes it."""
NAMES = [f"alpha-{number}" for number in range(4)]


def answers(engine: Any, outcome: Receipt | Exception) -> None:
    """Of the first channel; the others' are as they should be."""

    async def on_send(call: Call) -> Receipt:
        if call.channel.name != NAMES[0]:
            return Receipt(ids=("1",))
        if isinstance(outcome, Receipt):
            return outcome
        raise outcome

    engine.adapters["alpha"].on_send = on_send


def settled(engine: Any, post: int) -> bool:
    states = engine.states(post)
    return bool(states) and not {State.WAITING, State.SENDING}.intersection(states.values())


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Receipt(ids=("7",), note=f"x{HALF}"), State.DELIVERED, ""),
        (Receipt(ids=(f"7{HALF}",)), State.UNKNOWN, "names it by an id that cannot be used"),
        (Rejected(f"too long{HALF}"), State.FAILED, "too long"),
        (OutcomeUnknown(f"half{HALF}", HALF), State.UNKNOWN, "half"),
    ],
)
async def test_a_result_that_cannot_be_recorded_costs_no_other(
    engine: Any, outcome: Receipt | Exception, state: State, reason: str
) -> None:
    for name in NAMES:
        engine.channel(name)
    answers(engine, outcome)
    post = engine.post(*NAMES)
    after = engine.post(*NAMES)
    worker = engine.worker()
    async with engine.running(worker):
        await engine.until(lambda: settled(engine, post) and settled(engine, after))
    assert engine.states(post) == dict.fromkeys(NAMES, State.DELIVERED) | {NAMES[0]: state}
    assert engine.states(after) == engine.states(post)
    assert reason in engine.view(post).deliveries[0].delivery.reason
    if state is State.UNKNOWN:
        engine.store.change(
            "a person", Resolve(post=post, channel=NAMES[0], posted=True, ids=("7",))
        )
        assert engine.states(post)[NAMES[0]] is State.DELIVERED


async def test_an_edit_whose_answer_cannot_be_recorded_is_done(engine: Any) -> None:
    engine.channel("alpha-1")
    post = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0

    async def edit(call: Call) -> Receipt:
        engine.adapters["alpha"].sent.append(call)
        return Receipt(note=HALF)

    engine.adapters["alpha"].edit = edit
    target = Target(channel="alpha-1", account="alpha", rendering=rendering("نو"))
    ables = frozenset({"alpha-1"})
    engine.store.change("a", Edit(post=post, source="نو", targets=(target,), editable=ables))
    assert await engine.worker().run(drain=True) == 0
    assert [each.delivery.state for each in engine.view(post).deliveries] == [State.DELIVERED] * 2
    assert engine.view(post).deliveries[1].delivery.kind is Kind.EDIT
    assert len(engine.adapters["alpha"].sent) == 2


async def test_a_file_whose_name_cannot_be_recorded_fails_its_post_alone(engine: Any) -> None:
    engine.account("alpha", verbs=("upload",))
    for name in NAMES[:2]:
        engine.channel(name)
    picture = file()
    path = blob(engine.folder, picture.digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")

    async def upload(media: Media, path: Path, channel: Channel, *, deadline: float) -> Handle:
        return Handle(value=HALF)

    engine.adapters["alpha"].upload = upload
    target = Target(channel=NAMES[0], account="alpha", rendering=rendering(media=[picture]))
    bad = engine.store.enqueue([NewPost(source="عکس", targets=(target,))])[0].post
    good = engine.post(*NAMES[:2])
    async with engine.running():
        await engine.until(lambda: settled(engine, bad) and settled(engine, good))
    assert engine.states(bad) == {NAMES[0]: State.FAILED}
    assert set(engine.states(good).values()) == {State.DELIVERED}


async def test_a_look_whose_words_cannot_be_recorded_is_a_look(engine: Any) -> None:
    engine.account("alpha", verbs=("find",))
    engine.channel("alpha-1", settle=timedelta(seconds=0.6))
    engine.adapters["alpha"].shows = Undecided(why=HALF)

    async def lost(call: Call) -> Receipt:
        raise OutcomeUnknown("answer lost")

    engine.adapters["alpha"].on_send = lost
    post = engine.post("alpha-1")
    async with engine.running():
        await engine.until(lambda: any(each.settled_at for each in engine.view(post).deliveries))
    (view,) = engine.view(post).deliveries
    assert (view.delivery.state, engine.adapters["alpha"].looked != []) == (State.UNKNOWN, True)


async def test_a_bug_around_a_call_ends_that_claim_and_no_daemon(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        engine.channel(name)
    sender = engine.senders["alpha"]
    run = sender.run

    async def broken(claim: Any, **more: Any) -> Any:
        if claim.channel == NAMES[0]:
            raise KeyError("a bug")
        return await run(claim, **more)

    monkeypatch.setattr(sender, "run", broken)
    post = engine.post(*NAMES)
    assert await engine.worker().run(drain=True) == 4
    assert engine.states(post) == dict.fromkeys(NAMES, State.DELIVERED) | {NAMES[0]: State.UNKNOWN}


async def test_a_store_that_this_process_can_never_write_again_is_not_asked_once_more(
    engine: Any,
) -> None:
    """Each further question would take as long as the store waits for its lock."""
    asked: list[Sequence[Result]] = []

    async def tick(batch: TurnBatch) -> Tick:
        asked.append(batch.results)
        raise StoreStuck("the disk has refused to give back a lock")

    engine.channel("alpha-1")
    batch = TurnBatch(results=[Result(n, 0, 1, 1, Receipt(ids=("7",))) for n in (1, 2)])
    in_flight = engine.worker().turns.in_flight
    with pytest.raises(StoreStuck):
        await record(tick, batch, in_flight)
    assert asked == [batch.results]
    assert len(batch.results) == 2
