"""Quiet hours and slots, as a plan sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.app.batch import check, numbered
from broadcaster.app.batch import queue as queue_batch
from broadcaster.app.office import Office
from broadcaster.app.posting import Wish, drafted, prepare, queue
from broadcaster.errors import InputError
from broadcaster.model import Actor, Options
from broadcaster.planning import slots
from broadcaster.planning.plan import PostRequest, micros
from broadcaster.planning.quiet_hours import held_until

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = datetime(2027, 2, 10, 12, tzinfo=TEHRAN)  # Wednesday, 21 Bahman 1405
CONFIG = """
state_dir = "state"
slots = { news = ["8:00", "13:00", "23:30"], all = ["every working day 9:00"] }

[platforms.bale]
[platforms.eitaa]

[channels.desk]
platform = "bale"
address = "@ministry_desk"

[channels.news-eitaa]
platform = "eitaa"
address = "10525463"
groups = ["news"]

[quiet_hours]
every_day = "23:00-7:00"
thursday = "23:30-9:00"
friday = "none"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    path: Path = tmp_path_factory.mktemp("office") / "broadcaster.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return Office.load(path)


@pytest.fixture(scope="module")
def held(office: Office) -> Callable[..., datetime]:
    def held(at: datetime, **options: Any) -> datetime:
        return held_until(office.settings, at, Options(**options))

    return held


def test_the_hours_of_a_day_begin_on_it(held: Callable[..., datetime]) -> None:
    day = NOON.replace(hour=0)
    assert held(NOON) == NOON
    assert held(day.replace(hour=23)) == day + timedelta(days=1, hours=7)
    assert held(day.replace(hour=6, minute=59)) == day.replace(hour=7)
    assert held(day.replace(hour=7)) == day.replace(hour=7)
    thursday = day + timedelta(days=1)
    assert held(thursday.replace(hour=23)) == thursday.replace(hour=23)
    assert held(thursday.replace(hour=23, minute=30)) == thursday + timedelta(days=1, hours=9)
    friday = day + timedelta(days=2)
    assert held(friday.replace(hour=23)) == friday.replace(hour=23)
    assert held(friday + timedelta(days=1, hours=3)) == friday + timedelta(days=1, hours=3)


def test_what_is_urgent_or_a_test_goes_out_at_night(held: Callable[..., datetime]) -> None:
    night = NOON.replace(hour=23)
    assert held(night, urgent=True) == night
    assert held(night, test=True) == night


@given(minutes=st.integers(0, 14 * 24 * 60))
def test_what_was_held_back_is_not_held_again(held: Callable[..., datetime], minutes: int) -> None:
    at = NOON + timedelta(minutes=minutes)
    until = held(at)
    assert at <= until <= at + timedelta(hours=10)
    assert held(until) == until


def test_deadlines_count_from_the_hour_at_which_it_goes_out(office: Office) -> None:
    night = NOON.replace(hour=23)
    draft = PostRequest(source="متن", to=("desk",), due=night, expires=timedelta(hours=2))
    plan = office.plan(draft, now=NOON)
    assert plan.due == NOON.replace(hour=7) + timedelta(days=1)
    assert plan.expires == plan.due + timedelta(hours=2)
    assert any("quiet hours" in said for said in plan.hours)
    assert any("official holiday: پیروزی انقلاب اسلامی" in said for said in plan.hours)
    with pytest.raises(InputError, match="held back by quiet hours"):
        office.plan(replace(draft, expires=night + timedelta(hours=2)), now=NOON)


def test_a_draft_without_an_hour_is_not_held_back(office: Office) -> None:
    draft = PostRequest(source="متن", to=("desk",), draft=True)
    assert office.plan(draft, now=NOON.replace(hour=23)).due is None


def test_where_no_message_can_be_deleted_is_said_beforehand(office: Office) -> None:
    draft = PostRequest(source="متن", to=("all",), due=NOON, remove_at=timedelta(days=7))
    plan = office.plan(draft, now=NOON - timedelta(hours=1))
    assert plan.remove_at == NOON + timedelta(days=7)
    assert any("it stays in news-eitaa" in said for said in plan.hours)
    with pytest.raises(InputError, match="--remove-at is not after"):
        office.plan(replace(draft, remove_at=NOON), now=NOON - timedelta(hours=1))


def test_a_list_of_slots_is_that_of_the_first_name_that_has_one(office: Office) -> None:
    settings = office.settings
    assert slots.list_for(settings, ["desk", "news"]) == "news"
    assert slots.list_for(settings, ["desk"]) == "all"
    with pytest.raises(InputError, match="there are no slots for desk"):
        slots.list_for(replace(settings, slots={}), ["desk"])


@pytest.mark.parametrize("said", ["next-slot", "Next slot", "نوبت بعدی", "نوبتِ بعدی"])
def test_the_next_slot_is_asked_for_in_both_languages(said: str) -> None:
    assert slots.is_next(said)
    assert not slots.is_next("شنبه ۹")


def test_the_next_free_slot_is_not_taken_and_not_in_quiet_hours(office: Office) -> None:
    day = NOON.replace(hour=0)
    settings, options = office.settings, Options()
    one = slots.next_free(settings, "news", (), NOON, options)
    assert one == day.replace(hour=13)
    two = slots.next_free(settings, "news", {micros(one)}, NOON, options)
    assert two == day + timedelta(days=1, hours=8)  # not at 23:30
    urgent = slots.next_free(settings, "news", {micros(one)}, NOON, Options(urgent=True))
    assert urgent == day.replace(hour=23, minute=30)
    holiday = slots.next_free(settings, "all", (), NOON, options)
    assert holiday == day + timedelta(days=3, hours=9)  # Thursday and Friday are no days of work


def test_two_people_at_once_get_two_slots(office: Office) -> None:
    now, by = datetime.now(TEHRAN), Actor("مریم")
    wish = Wish(text="متن", to=("news",), at="نوبت بعدی")
    with office.store() as store:
        drafts = [drafted(office, wish, actor=by, now=now) for _ in range(2)]
        both = [prepare(office, store, wish, each, now=now) for each in drafts]
        assert both[0].plan.due == both[1].plan.due
        done = [queue(office, store, each, actor=by, now=now, sure=True) for each in both]
    first, second = (each.plan.due for each in done)
    assert first is not None
    assert second is not None
    assert second > first
    assert any("the next free slot of news" in said for said in done[1].plan.hours)


def test_a_batch_spreads_over_the_slots(office: Office) -> None:
    lines = numbered('{"text": "یک"}\n{"text": "دو"}\n{"text": "سه"}'.encode())
    wish = Wish(text="", to=("news",), at="next-slot")
    now, by = datetime.now(TEHRAN), Actor("سارا")
    with office.store() as store:
        batch = check(office, store, lines, wish, actor=by, now=now)
        other = check(office, store, lines, wish, actor=by, now=now)
        done = [*queue_batch(office, store, other, actor=by)]
        done += queue_batch(office, store, batch, actor=by)
        posts = [store.post(queued.post).post for some in done for queued in some.queued]
    assert len({post.due for post in posts}) == 6
