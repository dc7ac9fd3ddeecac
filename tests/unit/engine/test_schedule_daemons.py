"""Two daemons on one real store, over months of a clock that moves as it is told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.daemon.recurring import AFTER, Recurrences
from broadcaster.engine.schedule import Ticker
from broadcaster.model import Door
from broadcaster.planning.recurring import Recurring
from broadcaster.store.changes import Pause, Proceed
from broadcaster.store.live import Origin
from broadcaster.store.views import Query
from tests.unit.engine.schedule_house import START, House


async def run(house: House, daemon: Recurrences, *, until: datetime, step: timedelta) -> None:
    while house.now < until:
        house.now += step
        await daemon.look()


async def test_each_occurrence_is_posted_for_its_own_day(house: House) -> None:
    house.add()
    daemon = house.daemon("one")
    await run(house, daemon, until=START + timedelta(days=3), step=timedelta(minutes=4))
    assert house.posts() == [START + timedelta(days=n, hours=4, minutes=30) for n in range(3)]
    assert house.texts() == [f"امروز {day} اسفند ۱۴۱۸ است." for day in ("۱۱", "۱۲", "۱۳")]
    assert house.nudged == 3
    assert house.row().occurrence == "2040-03-03T08:00"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("missed", ["skip", "last", "all"])
async def test_months_with_two_daemons_that_come_and_go(
    house: House, missed: str, seed: int
) -> None:
    chance = random.Random(seed)
    said = [
        house.add(text, trigger=text, zone=zone, missed=missed)
        for text, zone in (
            ("every day 02:30", "Europe/Berlin"),
            ("every saturday 08:00", "Asia/Tehran"),
            ("jalali monthly last 18:00", "Asia/Tehran"),
            ("every 36h", "Europe/Berlin"),
        )
    ]
    looks: list[datetime] = []
    daemons = [house.daemon(owner) for owner in ("one", "two")]
    while house.now < START + timedelta(days=90):
        house.now = chance.choice(
            [
                soon(house, chance.uniform(0, 10)),
                house.now + timedelta(hours=chance.choice([0.02, 0.5, 5, 11, 200])),
            ]
        )
        looks.append(house.now)
        await chance.choice(daemons).look()
        if chance.random() < 0.3:
            for daemon in daemons:
                await daemon.look()
    keys = Counter(
        house.store.post(row.post.id).key for row in house.store.posts(Query(limit=100_000))
    )
    assert keys
    assert set(keys.values()) == {1}
    expected = {
        f"schedule {each.trigger} {key}" for each in said for key in wanted(each, missed, looks)
    }
    assert set(keys) == expected


def soon(house: House, minutes: float) -> datetime:
    """A little after what comes next."""
    first = min(row.next_at for row in house.store.schedules() if row.next_at is not None)
    return datetime.fromtimestamp(first / 1e6, UTC) + timedelta(minutes=minutes)


def wanted(recurring: Recurring, missed: str, looks: list[datetime]) -> Iterator[str]:
    """By the policy alone: what the looks, whoever makes them, should have posted."""
    rule, zone = recurring.rule, recurring.timezone
    before = START
    late = {"skip": timedelta(minutes=5), "last": timedelta(hours=6), "all": timedelta(days=31)}
    for look in looks:
        due, at = [], before
        while (at := rule.after(at, zone)) <= look:
            due.append(at)
        fresh = [at for at in due if look - at <= late[missed]]
        yield from (rule.key(at, zone) for at in (fresh if missed == "all" else fresh[-1:]))
        before = look


async def test_what_is_passed_over_is_said(house: House) -> None:
    house.add()
    daemon = house.daemon("one")
    house.now += timedelta(days=10, hours=4, minutes=45)
    await daemon.look()
    assert len(house.posts()) == 1
    assert house.log()[:2] == [("post", ""), ("skip", "it was due while no daemon ran")]
    assert house.row().passed_at == house.micros


async def test_who_acted_and_by_which_door(house: House) -> None:
    """A post comes of the schedule, by who added it; what is passed over is the daemon's act."""
    house.add()
    daemon = house.daemon("server:4711:0123abcd")
    house.now += timedelta(days=10, hours=4, minutes=45)
    await daemon.look()
    posted, skipped = house.store.audit()[:2]
    assert (posted.verb, posted.who, posted.door) == ("post", "سارا", Door.SCHEDULE)
    who = (skipped.verb, skipped.who, skipped.door)
    assert who == ("skip", "server:4711:0123abcd", Door.DAEMON)


async def test_the_file_is_read_when_it_is_due(house: House) -> None:
    file = house.folder / "خبر.md"
    house.plan(file)
    daemon = house.daemon("one")
    await daemon.look()
    for day, text in enumerate(("\ufeffمتن **یک**", "متن دو\r\n")):
        file.write_text(text, encoding="utf-8")
        house.now = START + timedelta(days=day, hours=5)
        await daemon.look()
    assert [text.replace("*", "") for text in house.texts()] == ["متن یک", "متن دو"]


async def test_a_file_says_where_to_and_how_long_it_is_worth_reading(house: House) -> None:
    file = house.folder / "خبر.md"
    file.write_text("---\nto: khabar\nexpires: in 2h\nsilent: true\n---\nمتن {date}\n", "utf-8")
    house.plan(file)
    daemon = house.daemon("one")
    await daemon.look()
    house.now = START + timedelta(hours=4, minutes=31)
    await daemon.look()
    (post,) = house.store.posts(Query())
    assert post.post.options.silent
    assert post.post.expires == post.post.due + 2 * 3600 * 1_000_000
    assert house.texts() == ["متن ۱۱ اسفند ۱۴۱۸"]


@pytest.mark.parametrize("option", ["at: فردا ۸ صبح", "key: k"])
async def test_a_file_that_recurs_has_no_hour_and_no_key_of_its_own(
    house: House, option: str
) -> None:
    file = house.folder / "خبر.md"
    file.write_text(f"---\n{option}\n---\nمتن", "utf-8")
    house.plan(file)
    daemon = house.daemon("one")
    await daemon.look()
    house.now = START + timedelta(hours=4, minutes=31)
    await daemon.look()
    assert house.posts() == []
    assert "out of the front matter" in house.row().problem


async def test_a_file_that_is_not_there_is_said_and_posted_once_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.daemon.recurring.AGAIN_S", 0.0)
    file = house.folder / "خبر.md"
    house.plan(file)
    daemon = house.daemon("one")
    await daemon.look()
    house.now = START + timedelta(hours=4, minutes=31)
    for _ in range(3):
        await daemon.look()
    assert "cannot read" in house.row().problem
    assert [verb for verb, _ in house.log()] == ["fail", "schedule"]  # told once
    file.write_text("متن", encoding="utf-8")
    house.now += timedelta(hours=5)
    await daemon.look()
    assert (house.texts(), house.row().problem) == (["متن"], "")


async def test_what_cannot_be_posted_for_too_long_is_passed_over_with_its_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.daemon.recurring.AGAIN_S", 0.0)
    house.add(text="abc " * 16_000)
    daemon = house.daemon("one")
    house.now = START + timedelta(hours=5)
    await daemon.look()
    assert "khabar" in house.row().problem
    house.now += timedelta(hours=7)
    await daemon.look()
    assert house.posts() == []
    verb, reason = house.log()[0]
    assert verb == "skip"
    assert "allow-long" in reason
    assert "allow-long" in house.row().problem


async def test_all_gives_what_was_missed_the_time_to_be_sent(house: House) -> None:
    house.add(missed="all")
    daemon = house.daemon("one")
    house.now = START + timedelta(days=3)
    await daemon.look()
    views = [house.store.post(row.post.id) for row in house.store.posts(Query())]
    deadlines = {view.deliveries[0].delivery.deadline for view in views}
    assert deadlines == {house.micros + 6 * 3600 * 1_000_000}
    assert len(house.texts()) == len(set(house.texts())) == 3


async def test_paused_and_proceeding(house: House) -> None:
    recurring = house.add()
    daemon = house.daemon("one")
    house.store.change("سارا", Pause(name="هفتگی"), now=house.micros)
    house.now += timedelta(days=5)
    await daemon.look()
    assert house.posts() == []
    at = recurring.rule.after(house.now, recurring.timezone)
    proceed = Proceed(name="هفتگی", next_at=int(at.timestamp() * 1e6))
    house.store.change("سارا", proceed, now=house.micros)
    house.now = at
    await daemon.look()
    assert len(house.posts()) == 1


async def test_what_has_no_next_time_goes_on_from_now(house: House) -> None:
    house.add()
    daemon = house.daemon("one")
    house.now += timedelta(days=5)
    house.store.new_epoch("مدیر", 2, "copy.db", now=house.micros)
    await daemon.look()
    assert house.posts() == []
    house.now += timedelta(hours=5)
    await daemon.look()
    assert len(house.posts()) == 1


SCHEDULE = '[schedules."{name}"]\nevery = "{every}"\ntext = "سلام"\n'


async def test_the_config_is_taken_up_and_its_changes_too(house: House) -> None:
    house.add("دستی")
    daemon = house.daemon("one")
    daemon.settings = house.configured(
        SCHEDULE.format(name="a", every="09:00 every day") + SCHEDULE.format(name="b", every="6h")
    )
    await daemon.look()
    assert [row.name for row in house.store.schedules()] == ["a", "b", "دستی"]
    before = house.row("a")
    daemon.settings = house.configured(
        SCHEDULE.format(name="a", every="هر روز ۹") + SCHEDULE.format(name="c", every="6h")
    )
    await daemon.look()
    assert [row.name for row in house.store.schedules()] == ["a", "c", "دستی"]
    assert house.row("a") == before
    daemon.settings = house.configured(SCHEDULE.format(name="دستی", every="6h"))
    await daemon.look()
    assert house.row("دستی").origin is Origin.COMMAND


async def test_ticks_follow_the_schedules(house: House) -> None:
    """A moment after each: nobody waits for the next look."""
    recurring = house.add()
    at = recurring.rule.after(house.now, recurring.timezone)
    daemon = house.daemon("one")
    await daemon.look()
    assert house.ticks == {"هفتگی": at + AFTER}
    house.now = at + timedelta(seconds=1)
    await daemon.look()
    assert house.ticks == {"هفتگی": at + timedelta(days=1) + AFTER}
    house.store.change("سارا", Pause(name="هفتگی"), now=house.micros)
    await daemon.look()
    assert house.ticks == {}


async def test_a_ticker_keeps_the_moments_that_were_set_last() -> None:
    came = asyncio.Event()

    async def chore() -> None:
        assert not came.is_set()
        came.set()

    ticker = Ticker({})
    soon, far = datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)
    ticker.at(chore, {"a": far, "b": far})
    ticker.at(chore, {"a": soon, "c": far})
    await came.wait()
    ticker.stop()
    ticker.at(chore, {"d": soon})  # after the end: nothing, and no failure
    await asyncio.sleep(0)


async def test_a_chore_that_is_about_to_begin_when_all_ends_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun: list[int] = []

    async def chore() -> None:
        begun.append(1)
        await asyncio.sleep(10)

    ticker = Ticker({})
    await asyncio.sleep(0.01)
    ticker.at(chore, {"a": datetime.now(UTC)})
    ticker.stop()
    await asyncio.sleep(0.05)
    assert (begun, caplog.messages) == ([], [])
