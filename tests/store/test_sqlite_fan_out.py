"""When posts that are due become deliveries: not while there is enough in the lines, but soon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.sqlite.throttle import RESERVE
from broadcaster.testing.store_office import StoreOffice, receipt

NAMES = [f"bale-{number}" for number in range(2 * RESERVE)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[StoreOffice]:
    store = SqliteStore(tmp_path / "queue.db")
    store.open("daemon", exclusive=True)
    yield StoreOffice(store)
    store.close("daemon")


def test_what_is_due_waits_while_the_lines_are_long_enough(office: StoreOffice) -> None:
    first = office.post(*NAMES)
    second = office.post(*NAMES)
    assert office.tick(count=0).fanned == len(NAMES)
    tick, sent = office.tick(count=50), 0
    while not tick.fanned:
        assert tick.left
        assert {claim.post for claim in tick.claims} == {first}
        sent += len(tick.claims)
        results = [claim.ended(receipt()) for claim in tick.claims]
        tick = office.tick(*results, count=50)
    assert len(NAMES) - RESERVE <= sent < len(NAMES)  # before senders run out of work
    assert {claim.post for claim in office.drain()} == {first, second}


def test_it_waits_for_a_second_at_most(office: StoreOffice) -> None:
    office.post(*NAMES)
    office.post("post-desk", *NAMES)
    office.tick(count=0)
    tick = office.tick(count=5)
    assert (len(tick.claims), tick.left) == (5, True)
    office.wait(1)
    assert office.tick(count=5).fanned == 1 + len(NAMES)


def test_who_has_nothing_to_do_waits_for_nothing(office: StoreOffice) -> None:
    office.post(*NAMES)
    due = office.post("telegram-news", *NAMES)
    office.tick(count=0)
    office.tick(count=5)
    tick = office.tick(account="telegram")
    assert (tick.claims, tick.left, tick.wake_at) == ((), True, office.now)
    while not (tick := office.tick(account="telegram")).claims:
        assert tick.fanned
    assert tick.claims[0].post == due
