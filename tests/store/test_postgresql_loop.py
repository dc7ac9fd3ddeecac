"""Ticks that the event loop waits for, as it does for the messengers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import psycopg
import pytest
import pytest_asyncio

from broadcaster.model import State
from broadcaster.store.exchange import Capacity, Result, Tick
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.store import StoreBusy
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import UNAVAILABLE, StoreOffice, receipt
from tests.store.by_the_loop import PostgresByTheLoop
from tests.store.relay import Relay

TICK = b'"verifies"'
"""What a tick's request holds."""
WAITING = "select count(*)::int from pg_locks where locktype = 'relation' and not granted"
ALONE = "lock table broadcaster.decisions_turn in exclusive mode"


@pytest.fixture
def relay(postgres: Server) -> Iterator[Relay]:
    with Relay(postgres.folder) as relay:
        yield relay


@pytest.fixture
def store(relay: Relay, url: str) -> Iterator[PostgresStore]:
    database = url.split("/")[3].split("?")[0]
    store = PostgresStore(relay.url(database), busy_s=20)
    store.open("daemon", exclusive=False)
    yield store
    store.close("daemon")


@pytest.fixture
def office(store: PostgresStore) -> StoreOffice:
    return StoreOffice(store)


@pytest_asyncio.fixture
async def other(url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Another program's connection, in a transaction."""
    async with await psycopg.AsyncConnection.connect(url) as raw:
        yield raw


async def ticked(office: StoreOffice, *results: Result, count: int = 10) -> Tick:
    capacities = [Capacity(account="bale", count=count)]
    return await office.store.tick_in_loop("daemon", results, [], capacities, 30, now=office.now)


async def waits(url: str, count: int) -> None:
    """Until ``count`` programs wait for a lock of ours."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as raw:
        async with asyncio.timeout(20):
            while await (await raw.execute(WAITING)).fetchone() != (count,):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


def test_plain_work_is_the_loops_and_all_else_the_threads(url: str) -> None:
    store = PostgresByTheLoop(url)
    office = StoreOffice(store)
    store.open("daemon", exclusive=False)
    office.post("bale-news", "bale-desk", texts=["یک", "دو"])
    wide = office.post(*(f"bale-{number}" for number in range(WIDE)))
    assert len(office.drain()) == 4 + WIDE
    assert (store.by_thread, office.shown(wide)) == (0, "delivered")
    assert store.by_loop > WIDE / 10
    office.post("bale-news")
    office.record(office.claim(), UNAVAILABLE)
    assert store.by_thread == 1
    store.close()


async def test_the_loop_goes_on_while_the_server_takes_its_time(
    office: StoreOffice, other: psycopg.AsyncConnection, url: str
) -> None:
    office.post("bale-news")
    await other.execute(ALONE)
    asked = asyncio.create_task(ticked(office))
    await waits(url, 1)  # all this is done by the same loop
    await other.rollback()
    assert len((await asked).claims) == 1


async def test_an_answer_that_is_lost_loses_nothing_and_doubles_nothing(
    office: StoreOffice, relay: Relay
) -> None:
    posts = [office.post("bale-news", "bale-desk", texts=["یک", "دو"]) for _ in range(2)]
    accepted: Counter[tuple[int, int]] = Counter()
    told: list[Result] = []
    losses = 0
    for turn in range(60):
        if turn in (1, 2, 5):
            relay.lose_answer(TICK)
        try:
            tick = await ticked(office, *told)
        except StoreBusy:
            losses += 1
            try:
                tick = await asyncio.to_thread(office.tick, *told)
            except StoreBusy:
                continue  # as the daemon does: it keeps its results
        told = [claim.ended(receipt(f"{claim.delivery}.{claim.position}")) for claim in tick.claims]
        accepted.update((claim.delivery, claim.position) for claim in tick.claims)
        assert tick.late == ()
        if not told and turn > 10:
            break
    assert losses >= 3
    assert set(accepted.values()) == {1}
    assert len(accepted) == 8
    assert [office.shown(post) for post in posts] == ["delivered"] * 2


async def test_who_asked_and_went_away_leaves_nothing_behind(
    office: StoreOffice, other: psycopg.AsyncConnection, url: str
) -> None:
    """The server still claims for a tick that was given up: nobody has begun what it claims."""
    post = office.post("bale-news")
    await other.execute(ALONE)
    asked = asyncio.create_task(ticked(office))
    await waits(url, 1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await other.rollback()
    claims = [claim for _ in range(2) for claim in (await asyncio.to_thread(office.tick)).claims]
    assert [claim.post for claim in claims] == [post]
    office.record(claims[0], receipt("7"))
    assert office.state(post, "bale-news") is State.DELIVERED


async def test_what_the_server_refuses_is_said_as_by_the_thread(
    office: StoreOffice, other: psycopg.AsyncConnection, store: PostgresStore
) -> None:
    post = office.post("bale-news")
    store._cx.script("set lock_timeout = '50ms'")
    await other.execute(ALONE)
    with pytest.raises(StoreBusy, match="writing to it for too long"):
        await ticked(office)
    await other.rollback()
    assert [claim.post for claim in (await ticked(office)).claims] == [post]


async def test_a_server_that_is_away_is_reached_again_by_the_thread(
    office: StoreOffice, relay: Relay
) -> None:
    office.post("bale-news")
    relay.dark()
    with pytest.raises(StoreBusy):
        await ticked(office)
    relay.light()
    with pytest.raises(StoreBusy):
        await ticked(office)  # it would hold up the loop to open a connection
    assert len((await asyncio.to_thread(office.tick)).claims) == 1
    with pytest.raises(StoreBusy):
        await ticked(office)  # what an answer may have handed out that was lost is a decision
    await asyncio.to_thread(office.tick)
    assert (await ticked(office)).claims == ()


async def test_who_ends_right_after_an_answer_was_lost_leaves_no_doubt(
    office: StoreOffice, relay: Relay, url: str
) -> None:
    post = office.post("bale-news")
    relay.lose_answer(TICK)
    with pytest.raises(StoreBusy):
        await ticked(office)
    await asyncio.to_thread(office.store.close, "daemon")
    with closing(PostgresStore(url)) as store:
        assert StoreOffice(store).state(post, "bale-news") is State.WAITING
