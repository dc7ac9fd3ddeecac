"""Deliveries of what is due are made beside the ticks of other daemons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import psycopg
import pytest

from broadcaster.store.postgresql.connection import SQL
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.store import StoreBusy
from broadcaster.testing.store_office import StoreOffice, receipt

NAMES = [f"bale-{number}" for number in range(WIDE)]
SHARED = "lock table broadcaster.decisions_turn in row share mode"
TICKS = SHARED + "; lock table broadcaster.lanes_turn in row share mode"
FANS_OUT = "lock table broadcaster.fan_outs_turn in exclusive mode"


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = PostgresStore(url, busy_s=20)
    store.open("daemon", exclusive=False)
    yield store
    store.close("daemon")


@pytest.fixture
def office(store: PostgresStore) -> StoreOffice:
    return StoreOffice(store)


@pytest.fixture
def other(url: str, store: PostgresStore) -> Iterator[psycopg.Connection]:
    """Another daemon's connection, in a transaction."""
    with psycopg.connect(url) as raw:
        raw.execute("set search_path = broadcaster")
        yield raw


def test_claims_go_on_while_another_daemon_makes_deliveries(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    first = office.post("bale-0", "bale-1")
    second = office.post(*NAMES)
    other.execute(SHARED)
    other.execute(FANS_OUT)
    one, two = office.tick(count=2, fans=False).claims
    assert {one.post, two.post} == {first}
    tick = office.tick(one.ended(receipt()), two.ended(receipt()), count=2, fans=False)
    assert (tick.claims, tick.recorded, tick.left) == ((), 2, True)
    assert tick.wake_at is None  # who makes the deliveries says when there is more
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(store.fan_out, beside=True)
        assert not wait([waiting], 0.5).done
        other.rollback()
        assert waiting.result(20) == WIDE
    assert store.fan_out() == 0
    assert {claim.post for claim in office.drain()} == {second}


def test_ticks_go_on_while_deliveries_are_made(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    """Whoever makes them waits for a tick, and nobody waits for him; nor does who queues."""
    first, second = office.post("bale-0", "bale-1", texts=["یک", "دو"]), office.post(*NAMES)
    (one, _) = office.tick(count=2, fans=False).claims
    other.execute("lock table plan in share mode")  # it does not come to its end
    with ThreadPoolExecutor(1) as thread:
        making = thread.submit(store.fan_out, beside=True)
        assert not wait([making], 0.5).done
        tick = office.tick(one.ended(receipt()), count=2, fans=False)
        assert (tick.recorded, len(tick.claims), tick.claims[0].post) == (1, 1, first)
        other.rollback()
        assert making.result(20) == WIDE
    assert second in {claim.post for claim in office.drain()}


def test_who_wakes_the_lanes_does_not_wait_for_who_queues(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    office.post(*NAMES)
    other.execute(SHARED)  # as whoever queues a wide post has it
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(store.fan_out, beside=True).result(20) == WIDE
    assert len(office.tick(fans=False).claims) == 10


def test_a_lane_that_is_freed_meanwhile_is_woken(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    """The other's tick has seen no second post in the line and is about to say that it rests."""
    office.post("bale-0")
    claim = office.claim(count=1)
    second = office.post(*NAMES)
    other.execute(TICKS)
    other.execute(
        "update deliveries set state = 'delivered', step = 1, open = null where id = %s",
        (claim.delivery,),
    )
    other.execute("update lanes set owner = null, delivery = null, wake_at = null where id = 1")
    made: list[int] = []
    thread = threading.Thread(target=lambda: made.append(office.tick(count=0).fanned))
    thread.start()
    thread.join(1)
    assert not made  # it waits for that tick
    other.commit()
    thread.join(20)
    assert made == [len(NAMES)]
    assert sorted(claim.channel for claim in office.drain()) == sorted(NAMES)
    assert office.shown(second) == "delivered"


def test_who_cannot_wake_the_lanes_has_made_nothing(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    post = office.post(*NAMES)
    other.execute(TICKS)
    store._cx.script("set lock_timeout = '50ms'")
    assert office.tick().fanned == 0
    other.rollback()
    assert {claim.post for claim in office.drain()} == {post}


def test_lanes_to_wake_are_found_by_the_posts(
    office: StoreOffice, other: psycopg.Connection
) -> None:
    """Not by a look through all deliveries for each lane, which took longer with each post."""
    office.post(*NAMES)
    office.drain()
    rows = other.execute(
        b"explain " + SQL["lanes.wake_new"].encode(), {"posts": "[1]", "now": office.now}
    ).fetchall()
    plan = "\n".join(str(row[0]) for row in rows)
    assert "post = ANY" in plan
    assert "Semi Join" not in plan


def test_a_tick_does_not_look_through_what_is_done(make_database: Callable[[], str]) -> None:
    """Its plans are made while the store is nearly empty, and hold as long as the daemon runs."""
    url = make_database()

    def fetched() -> int:
        """Deliveries that were read by way of an index."""
        mine._cx.script("select pg_stat_force_next_flush()")
        with psycopg.connect(url) as raw:
            row = raw.execute(
                "select idx_tup_fetch from pg_stat_user_tables where relname = 'deliveries'"
            ).fetchone()
        return int(row[0]) if row else 0

    def posted() -> int:
        before = fetched()
        at_work.post(*NAMES)
        assert len(at_work.drain()) == len(NAMES)
        return fetched() - before

    with closing(PostgresStore(url)) as mine:
        mine.open("daemon", exclusive=False)
        at_work = StoreOffice(mine)
        reads = [posted() for _ in range(16)]
    assert 0 < reads[-1] < 2 * reads[0], reads  # versions of rows count, too


def test_a_wide_post_is_queued_while_deliveries_are_made(
    office: StoreOffice, store: PostgresStore, other: psycopg.Connection
) -> None:
    other.execute(SHARED)
    other.execute(FANS_OUT)
    post = office.post(*NAMES)
    store._cx.script("set lock_timeout = '50ms'")
    with pytest.raises(StoreBusy):  # it touches a lane, so it waits
        office.post("bale-0")
    other.rollback()
    assert {claim.post for claim in office.drain()} == {post}


def test_many_who_queue_at_once_keep_the_audit_log_whole(
    office: StoreOffice, store: PostgresStore, url: str
) -> None:
    def queue(poster: int) -> list[int]:
        with closing(PostgresStore(url, busy_s=20)) as mine:
            there = StoreOffice(mine)
            wide = [there.post(*NAMES, texts=[f"خبر {poster}"]) for _ in range(6)]
            narrow = [there.post(f"bale-{poster}") for _ in range(3)]
        return wide + narrow

    with ThreadPoolExecutor(4) as posters:
        posts = [post for each in posters.map(queue, range(4)) for post in each]
    assert len(set(posts)) == 36
    assert store.verify_audit().flaws == ()
    assert len({claim.delivery for claim in office.drain()}) == 24 * WIDE + 12
