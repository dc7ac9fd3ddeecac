"""Connections that break at the worst moment: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg
import pytest

from broadcaster.model import State
from broadcaster.store.exchange import Purpose, UploadDone
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.store import StoreBusy
from broadcaster.store.views import Query
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import LATE_AFTER, UNAVAILABLE, StoreOffice, file, receipt
from tests.store.relay import Relay

TICK = b'"verifies"'
"""What a tick's request holds."""


@pytest.fixture
def relay(postgres: Server) -> Iterator[Relay]:
    with Relay(postgres.folder) as relay:
        yield relay


@pytest.fixture
def store(relay: Relay, url: str) -> Iterator[PostgresStore]:
    database = url.split("/")[3].split("?")[0]
    store = PostgresStore(relay.url(database), busy_s=2)
    yield store
    store.close()


@pytest.fixture
def office(store: PostgresStore) -> StoreOffice:
    store.open("daemon", exclusive=False)
    return StoreOffice(store)


def drained(office: StoreOffice, accepted: Counter[tuple[int, int]]) -> None:
    """Send what can be sent, and count what the platform takes."""
    for _ in range(50):
        claims = office.tick().claims
        results = []
        for claim in claims:
            accepted[claim.delivery, claim.position] += 1
            results.append(claim.ended(receipt(f"{claim.delivery}.{claim.position}")))
        assert office.tick(*results, count=0).late == ()
        if not claims:
            return
    raise AssertionError("it does not come to rest")


@pytest.mark.parametrize("texts", [["یک"], ["یک", "دو"]])
def test_an_answer_that_is_lost_with_results_and_claims(
    office: StoreOffice, relay: Relay, texts: list[str]
) -> None:
    posts = [office.post("bale-news", "bale-desk", texts=texts) for _ in range(2)]
    accepted: Counter[tuple[int, int]] = Counter()
    claim = office.claim(count=1)
    accepted[claim.delivery, claim.position] += 1
    told = claim.ended(receipt("10"))
    relay.lose_answer(TICK)
    with pytest.raises(StoreBusy):
        office.tick(told)
    again = office.tick(told)
    assert again.late == ()
    assert office.delivery(posts[0], claim.channel).delivery.receipts[0].ids == ("10",)
    for each in again.claims:
        accepted[each.delivery, each.position] += 1
        office.record(each, receipt("11"))
    drained(office, accepted)
    assert set(accepted.values()) == {1}
    assert len(accepted) == 4 * len(texts)
    assert [office.shown(post) for post in posts] == ["delivered"] * 2
    assert office.store.unknowns() == []


def test_an_answer_that_is_lost_at_the_commit_of_a_decision(
    office: StoreOffice, relay: Relay
) -> None:
    post = office.post("bale-news")
    told = office.claim().ended(UNAVAILABLE)
    relay.lose_answer(b"commit")
    tick = office.tick(told)
    assert tick.recorded == 1
    view = office.delivery(post, "bale-news")
    assert (view.delivery.state, view.delivery.attempts) == (State.WAITING, 1)
    assert len(view.attempts) == 1


def test_a_begin_whose_answer_is_lost_is_begun_once(office: StoreOffice, relay: Relay) -> None:
    photo = file()
    post = office.post("bale-news", media=[photo])
    lease = office.claim(uploads=1)
    assert lease.purpose is Purpose.UPLOAD
    begin = UploadDone(delivery=lease.delivery, position=0, fence=lease.fence, handles={})
    relay.lose_answer(TICK)  # the upload is marked before, in a transaction of its own
    with pytest.raises(StoreBusy):
        office.tick(uploads_done=[begin])
    assert office.state(post, "bale-news") is State.SENDING
    claims = [claim for _ in range(2) for claim in office.tick(uploads_done=[begin]).claims]
    assert {(claim.purpose, claim.attempt, claim.fence) for claim in claims} == {
        (Purpose.SEND, 1, lease.fence)
    }
    office.record(claims[0], receipt("7"))
    assert office.shown(post) == "delivered"


def test_a_post_whose_commit_has_no_answer_is_queued_once(
    office: StoreOffice, relay: Relay
) -> None:
    relay.lose_answer(b"commit")
    post = office.post("bale-news")
    assert [row.post.id for row in office.store.posts(Query())] == [post]


def test_a_post_that_did_not_reach_its_commit_is_not_queued(
    office: StoreOffice, relay: Relay
) -> None:
    relay.cut_before(b"commit")
    with pytest.raises(StoreBusy, match="nothing was recorded"):
        office.post("bale-news")
    assert office.store.posts(Query()) == []
    assert office.shown(office.post("bale-news")) == "waiting"


def test_a_request_that_outlives_its_connection_changes_nothing(
    office: StoreOffice, relay: Relay, url: str
) -> None:
    """The server still works on a tick whose daemon has long asked again."""
    post = office.post("bale-news")
    with psycopg.connect(url) as other:
        other.execute("lock table broadcaster.decisions_turn in exclusive mode")
        relay.lose_answer(TICK, cut_upstream=False)
        with pytest.raises(StoreBusy):
            office.tick()
        while other.execute(_WAITING).fetchone() == (0,):  # it is on its way to the server
            time.sleep(0.01)
        threading.Timer(0.5, other.rollback).start()
        (claim,) = office.tick().claims
        assert other.execute(_WAITING).fetchone() == (0,)
    office.record(claim, receipt("7"))
    assert office.shown(post) == "delivered"


_WAITING = "select count(*)::int from pg_locks where locktype = 'relation' and not granted"


def test_a_server_that_stands_still_for_a_while(
    office: StoreOffice, relay: Relay, postgres: Server
) -> None:
    post = office.post("bale-news", deadline=office.now + LATE_AFTER)
    claim = office.claim()
    postgres.stop(signal.SIGQUIT)
    try:
        for _ in range(2):
            with pytest.raises(StoreBusy):
                office.record(claim, receipt("7"))
        with pytest.raises(StoreBusy):
            office.store.changed(0)
    finally:
        postgres.start()
    office.record(claim, receipt("7"))
    assert office.shown(post) == "delivered"
    assert office.store.changed(5) is True


def test_one_connection_works_for_a_daemon(
    store: PostgresStore, office: StoreOffice, relay: Relay, url: str
) -> None:
    relay.dark()
    relay.light()
    office.post("bale-news")
    name = store._cx.scalar("select current_setting('application_name')")
    with psycopg.connect(url) as other:
        held = other.execute(
            "select count(*)::int from pg_stat_activity where application_name = %s", [name]
        ).fetchone()
    assert held == (1,)


def test_closing_while_the_server_is_away(
    relay: Relay, emptied: Callable[[], str], postgres: Server
) -> None:
    database = emptied().split("/")[3].split("?")[0]
    store = PostgresStore(relay.url(database), busy_s=1)
    store.open("daemon", exclusive=False)
    relay.dark()
    store.close("daemon")
