"""A tick that is done at once, or not at all: the event loop does it itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.model import State
from broadcaster.store.exchange import Capacity, Result, Tick
from broadcaster.store.queue.enqueue import TARGETS_PER_TICK, WIDE
from broadcaster.store.sqlite import store as sqlite_store
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.sqlite.write_queue import WriteQueue
from broadcaster.store.store import StoreBusy
from broadcaster.testing.store_office import StoreOffice, receipt

NAMES = [f"bale-{number}" for number in range(WIDE)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "q.db")
    store.open("daemon", exclusive=True)
    yield store
    store.close("daemon")


@pytest.fixture
def office(store: SqliteStore) -> StoreOffice:
    return StoreOffice(store)


def at_once(office: StoreOffice, *results: Result) -> Tick:
    capacities = [Capacity(account="bale", count=10)]
    return asyncio.run(
        office.store.tick_in_loop("daemon", results, [], capacities, 30, now=office.now)
    )


def test_it_does_what_any_tick_does(office: StoreOffice) -> None:
    post = office.post("bale-1", texts=["یک", "دو"])
    (first,) = at_once(office).claims
    (second,) = at_once(office, first.ended(receipt())).claims
    assert (first.position, second.position) == (0, 1)
    assert at_once(office, second.ended(receipt("2"))).recorded == 1
    assert office.state(post, "bale-1") == State.DELIVERED


def test_it_waits_for_nobody_who_writes(office: StoreOffice, store: SqliteStore) -> None:
    post = office.post("bale-1")
    other = Connection(store.path)
    with other.write(), pytest.raises(StoreBusy):
        at_once(office)
    other.close()
    assert office.state(post, "bale-1") == State.WAITING
    assert len(at_once(office).claims) == 1


def test_it_lets_whoever_waits_go_first(office: StoreOffice, store: SqliteStore) -> None:
    office.post("bale-1")
    waits = WriteQueue(store.path)
    assert waits.take()
    with pytest.raises(StoreBusy):
        at_once(office)
    waits.leave()
    assert len(at_once(office).claims) == 1
    waits.close()


def test_it_records_nothing_if_deliveries_are_to_be_made(office: StoreOffice) -> None:
    office.post("bale-0")
    (claim,) = at_once(office).claims
    wide = office.post(*NAMES)
    with pytest.raises(StoreBusy):
        at_once(office, claim.ended(receipt()))
    tick = office.tick(claim.ended(receipt()))
    assert (tick.recorded, tick.fanned) == (1, WIDE)
    assert {claim.post for claim in at_once(office).claims} == {wide}


def test_it_goes_on_beside_what_is_due_while_there_is_enough(office: StoreOffice) -> None:
    """And leaves the due posts to a tick that may take its time, once their moment has come."""
    for _ in range(TARGETS_PER_TICK // WIDE + 2):
        office.post(*NAMES)
    assert office.tick().fanned == TARGETS_PER_TICK
    ticks = [at_once(office) for _ in range(3)]
    assert all(tick.claims and tick.left for tick in ticks)
    office.wait(2)
    with pytest.raises(StoreBusy):
        at_once(office)
    assert office.tick().fanned == 2 * WIDE


def test_an_id_is_kept_as_the_platform_wrote_it(office: StoreOffice) -> None:
    """Whether its receipt is recorded here or proved later, so that the two are seen to be one."""
    ids = ('پیام‌رسان "۱" \\ 🇮🇷', "2\u2028")
    post = office.post("bale-1")
    (claim,) = at_once(office).claims
    assert at_once(office, claim.ended(receipt(*ids))).recorded == 1
    kept = office.delivery(post, "bale-1").messages[0].receipt
    assert kept is not None
    assert kept.ids == ids
    assert at_once(office, claim.ended(receipt(*ids))).late == ()


def test_a_slow_disk_is_kept_away_from_the_loop(
    office: StoreOffice, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "SLOW_FOR_S", 0.2)
    office.post("bale-1", texts=["یک", "دو"])
    tick = store._tick

    def slow(*asked: Any, **more: Any) -> Tick:
        time.sleep(sqlite_store.SLOW_S * 1.2)
        return tick(*asked, **more)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_tick", slow)
        (first,) = at_once(office).claims
    with pytest.raises(StoreBusy):
        at_once(office, first.ended(receipt()))
    time.sleep(0.2)
    assert at_once(office, first.ended(receipt())).recorded == 1
