"""Several daemons and people at once: no deadlock, no lost wake-up, everything in order."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest

from broadcaster.errors import Refused
from broadcaster.model import State
from broadcaster.store.changes import Change, Close, Open, Retry
from broadcaster.store.exchange import Capacity, Result, Tick
from broadcaster.store.live import Cause
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.submit import NewPost
from broadcaster.store.views import Query
from broadcaster.testing.store_office import IN_DOUBT, LATE_AFTER, UNAVAILABLE, StoreOffice, receipt

CHANNELS = [f"bale-{number}" for number in range(12)]
POSTS = 40
PEOPLE, DAEMONS = 2, 3


class Platform:
    """Takes messages in the order in which they come, from whomever."""

    def __init__(self) -> None:
        self.took: list[tuple[str, int, int]] = []
        self._lock = threading.Lock()

    def take(self, channel: str, delivery: int, step: int) -> str:
        with self._lock:
            self.took.append((channel, delivery, step))
        return f"{delivery}.{step}"


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], PostgresStore]]:
    with ExitStack() as stack:

        def another() -> PostgresStore:
            store = PostgresStore(url)
            stack.callback(store.close)
            return store

        yield another


def post(store: PostgresStore, number: int, chance: random.Random) -> None:
    """Some channels in any order, now or in a moment, one message or two."""
    office = StoreOffice(store)
    office.now = time.time_ns() // 1000
    channels = chance.sample(CHANNELS, chance.randint(1, len(CHANNELS)))
    texts = ["یک", "دو"][: chance.randint(1, 2)]
    due = office.now + 200_000 if chance.random() < 0.2 else None
    targets = tuple(office.target(channel, *texts, f"خبر {number}") for channel in channels)
    store.enqueue([NewPost(source="خبر", targets=targets, due=due)])


def daemon(
    store: PostgresStore, platform: Platform, owner: str, over: threading.Event, seed: int
) -> Tick:
    """Work until the queue is empty and nobody posts any more; returns the last tick."""
    chance = random.Random(seed)
    store.open(owner, exclusive=False)
    results: list[Result] = []
    while True:
        last = over.is_set()
        tick = store.tick(owner, results, [], [Capacity(account="bale", count=8)], 30)
        results = []
        for claim in tick.claims:
            fate = chance.random()
            if fate < 0.1:
                said = claim.ended(replace(UNAVAILABLE, delay=0))
            else:
                number = platform.take(claim.channel, claim.delivery, claim.position)
                said = claim.ended(receipt(number) if fate < 0.97 else IN_DOUBT)
            results.append(said)
        if last and not tick.claims and tick.wake_at is None:
            return tick
        if not tick.claims:
            time.sleep(0.005)


def decide(store: PostgresStore, over: threading.Event) -> None:
    """A person who switches channels off and on, and retries."""
    late = dict.fromkeys(CHANNELS, LATE_AFTER)
    gate = {"channels": (CHANNELS[0], CHANNELS[5]), "cause": Cause.OFF}
    changes: list[Change] = [
        Close(**gate),  # type: ignore[arg-type]  # one gate, two verbs
        Open(**gate, when_back=dict.fromkeys(CHANNELS, "send")),  # type: ignore[arg-type]
        Retry(late_after=late),
    ]
    while not over.is_set():
        for change in changes:
            try:
                store.change("سارا", change)
            except Refused:
                continue
            store.sweep(100)


@pytest.mark.timeout(240)
def test_everything_goes_out_once_and_in_order(opened: Callable[[], PostgresStore]) -> None:
    platform = Platform()
    over = threading.Event()
    with ThreadPoolExecutor(PEOPLE + DAEMONS + 1) as threads:
        daemons = [
            threads.submit(daemon, opened(), platform, f"daemon {number}", over, number)
            for number in range(DAEMONS)
        ]
        deciding = threads.submit(decide, opened(), over)
        people = [
            threads.submit(_post_many, opened(), POSTS, random.Random(number))
            for number in range(PEOPLE)
        ]
        for each in people:
            each.result()
        over.set()
        deciding.result()
        ticks = [each.result() for each in daemons]
    assert all(tick.orphans == () for tick in ticks)
    store = opened()
    views = [
        view
        for row in store.posts(Query(limit=1000))
        for view in store.post(row.post.id).deliveries
    ]
    states = Counter(view.delivery.state for view in views)
    assert set(states) <= {State.DELIVERED, State.UNKNOWN}, states
    assert states[State.DELIVERED] > states[State.UNKNOWN]
    took = Counter((delivery, step) for _, delivery, step in platform.took)
    assert set(took.values()) == {1}
    places = {view.delivery.id: view.delivery.order_at for view in views}
    for channel in CHANNELS[1:5]:  # no switch has moved these
        arrived = [(places[d], d, step) for name, d, step in platform.took if name == channel]
        assert arrived == sorted(arrived), channel


def _post_many(store: PostgresStore, posts: int, chance: random.Random) -> None:
    for number in range(posts):
        post(store, number, chance)
