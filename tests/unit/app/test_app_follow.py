"""What a front door learns of a post that it follows, from a real queue that nobody empties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broadcaster.app.follow import (
    Ending,
    FollowRemark,
    NextStep,
    ending,
    follow,
    next_steps,
    outcome,
    settled,
)
from broadcaster.app.office import Office
from broadcaster.errors import NotFound
from broadcaster.model import State
from broadcaster.planning.plan import PostRequest
from broadcaster.store.changes import Cancel
from broadcaster.store.store import Store

CONFIG = """
state_dir = "state"
[platforms.bale]
[channels.news]
platform = "bale"
address = "@ministry_news"
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    path = tmp_path / "broadcaster.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return Office.load(path)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    with office.store() as store:
        yield store


@pytest.fixture
def post(office: Office, store: Store) -> int:
    now = office.times.now()
    draft = PostRequest(source="سلام به همه", to=("all",), author="sara")
    return office.submit(store, draft, office.plan(draft, now=now), now=now).post


def test_without_a_daemon_and_a_timeout_nobody_waits(store: Store, post: int) -> None:
    (only,) = follow(store, post, timeout=None)
    assert only.remarks == (FollowRemark.NO_DAEMON,)
    assert not settled(only.view)
    assert ending(only.view) is Ending.NOT_EVERYWHERE


def test_with_a_timeout_both_reasons_are_given_once(store: Store, post: int) -> None:
    looks = list(follow(store, post, timeout=0.01))
    assert [each for look in looks for each in look.remarks] == [
        FollowRemark.NO_DAEMON,
        FollowRemark.TIMED_OUT,
    ]


def test_a_change_by_somebody_else_ends_it(office: Office, store: Store, post: int) -> None:
    looks = follow(store, post, timeout=60)
    assert next(looks).view.state == "waiting"
    with office.store() as other:
        other.change("omid", Cancel(post=post, channels=("news",)))
    *_, last = looks
    assert settled(last.view)
    assert last.remarks == ()
    (delivery,) = last.view.deliveries
    assert delivery.delivery.state is State.CANCELLED
    assert ending(last.view) is Ending.NOT_EVERYWHERE


def test_there_is_something_to_follow(store: Store) -> None:
    with pytest.raises(NotFound):
        next(follow(store, 77, timeout=None))


def test_what_waits_says_when_and_asks_nothing(office: Office, store: Store, post: int) -> None:
    view = store.post(post)
    (delivery,) = view.deliveries
    assert outcome(office, delivery) == f"due {office.times.short(delivery.delivery.next_at)}"
    assert list(next_steps(view)) == []


@pytest.mark.parametrize(
    ("state", "steps", "end"),
    [
        (State.UNKNOWN, [NextStep("resolve", 1, "news")], Ending.UNKNOWN),
        (State.FAILED, [NextStep("retry", 1)], Ending.NOT_EVERYWHERE),
        (State.MISSED, [NextStep("retry", 1)], Ending.NOT_EVERYWHERE),
        (State.HELD, [], Ending.NOT_EVERYWHERE),
    ],
)
def test_what_a_person_can_do(
    store: Store, post: int, state: State, steps: list[NextStep], end: Ending
) -> None:
    view = store.post(post)
    (delivery,) = view.deliveries
    stuck = replace(delivery, delivery=replace(delivery.delivery, state=state))
    view = replace(view, deliveries=(stuck,), state=state.value)
    assert list(next_steps(view)) == steps
    assert ending(view) is end
    assert settled(view)
