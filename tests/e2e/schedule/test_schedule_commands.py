"""Recurring posts on the command line, and what a daemon makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.calendar.show import jalali, persian_digits
from broadcaster.calendar.words import MONTHS

TEXT = "ساعت کار اداره، {date}"


def add(desk: Any, *more: str, name: str = "ساعت-کار", every: str = "1min") -> Any:
    return desk.json("schedule", "add", name, "--every", every, "--to", "desk", *more)


def test_a_schedule_is_kept_shown_paused_and_removed(desk: Any) -> None:
    added = add(desk, TEXT, every="هر شنبه ۸ صبح")
    assert "no daemon is running" not in desk.err  # --json prints no chatter
    assert "08:00 +03:30" in desk.err
    assert (added["trigger"], added["origin"]) == ("every saturday 08:00", "command")
    assert [row["name"] for row in desk.json("schedule", "list")] == ["ساعت-کار"]
    coming = desk.json("schedule", "next", "ساعت-کار", "-n", "3")
    times = [datetime.fromisoformat(each["at"]) for each in coming]
    assert {(at.weekday(), at.hour) for at in times} == {(5, 8)}
    assert times[1] - times[0] == timedelta(weeks=1)
    assert "every saturday 08:00" in desk.run("schedule", "show", "ساعت-کار")
    assert desk.json("schedule", "pause", "ساعت-کار")["paused"] is True
    assert desk.json("schedule", "next") == []
    desk.run("schedule", "pause", "ساعت-کار", code=1)
    assert desk.json("schedule", "resume", "ساعت-کار")["next"] == added["next"]
    desk.run("schedule", "remove", "ساعت-کار")
    desk.run("schedule", "show", "ساعت-کار", code=2)
    assert desk.json("schedule", "list") == []
    said = [row["verb"] for row in desk.json("audit") if not row["refused"]]
    assert said == ["unschedule", "proceed", "pause", "schedule"]


@pytest.mark.parametrize(
    ("args", "wrong", "right"),
    [
        (("--cron", "0 8 * * 6", "متن"), '"6" is a number', '"0 8 * * sat"'),
        (("--every", "monthly 30", "متن"), "not every month has a day 30", "monthly last"),
        (("--every", "fortnight", "متن"), '"fortnight" is not understood', "هر شنبه ۸ صبح"),
        (("متن",), "say how often", "--cron"),
        (("--every", "6h", "--cron", "0 8 * * *", "متن"), "say how often", "--every"),
        (("--every", "6h", "--file", "نیست.md"), "نیست.md", "cannot read"),
        (("--every", "6h", "--file", "-"), "which file it took in", "save it"),
        (("--every", "6h", "--to", "dask", "متن"), '"dask"', "did you mean desk?"),
        (("--every", "6h", "abc " * 16_000), "desk", "allow-long"),
        (("--every", "6h", "  "), "nothing to post", "--file"),
    ],
)
def test_nothing_is_kept_of_what_is_wrong(
    desk: Any, args: tuple[str, ...], wrong: str, right: str
) -> None:
    desk.run("schedule", "add", "x", *args, code=2)
    assert wrong in desk.err
    assert right in desk.err
    assert desk.json("schedule", "list") == []


def test_a_name_is_taken_over_only_when_it_is_said(desk: Any) -> None:
    add(desk, TEXT)
    desk.run("schedule", "add", "ساعت-کار", "--every", "6h", "متن", code=2)
    assert "--replace" in desk.err
    assert add(desk, "--replace", "متن نو", every="6h")["text"] == "متن نو"


def test_a_dry_run_shows_the_next_post_and_keeps_nothing(desk: Any) -> None:
    add(desk, "--dry-run", TEXT, every="1 فروردین ۱۰ صبح")
    shown = desk.run("schedule", "add", "x", "--every", "nowruz", "--dry-run", TEXT)
    assert "۱ فروردین" in shown
    assert desk.json("schedule", "list") == []


def test_the_daemon_posts_an_occurrence_once_for_its_own_day(desk: Any) -> None:
    at = desk.add(TEXT)
    desk.drain()
    year, month, day = jalali(at.date())
    date = f"{day} {MONTHS['jalali', 'fa'][month - 1]} {year}"
    assert desk.received() == [f"ساعت کار اداره، {persian_digits(date)}"]
    last = desk.json("schedule", "show", "ساعت-کار")["last"]
    assert (last["post"], last["occurrence"]) == (1, f"{at:%Y-%m-%dT%H:%M}")
    assert desk.json("show", "1")["key"] == f"schedule ساعت-کار {last['occurrence']}"
    assert datetime.fromisoformat(desk.json("show", "1")["due"]) == at
    desk.drain()
    assert len(desk.received()) == 1


def test_an_occurrence_is_known_again_even_of_a_schedule_that_was_removed(desk: Any) -> None:
    desk.add(TEXT)
    desk.drain()
    desk.was_due("ساعت-کار")
    desk.drain()
    desk.run("schedule", "remove", "ساعت-کار")
    every = f"day {datetime.fromisoformat(desk.json('show', '1')['due']):%H:%M}"
    desk.json("schedule", "add", "ساعت-کار", "--every", every, "--to", "desk", "متن نو")
    desk.was_due("ساعت-کار")
    desk.drain()
    assert len(desk.received()) == len(desk.json("list")) == 1


def test_what_cannot_be_posted_is_said_and_posted_once_it_can(desk: Any) -> None:
    file = desk.folder / "خبر.md"
    file.write_text("متن", encoding="utf-8")
    at = datetime.now(ZoneInfo("Asia/Tehran")) - timedelta(minutes=2)
    desk.configure(
        f'[schedules."ساعت-کار"]\nevery = "day {at:%H:%M}"\nfile = "../خبر.md"\nto = ["desk"]\n'
    )
    desk.drain()
    desk.was_due("ساعت-کار")
    file.unlink()
    assert "cannot read" in desk.drain()
    assert desk.received() == []
    shown = desk.json("schedule", "show", "ساعت-کار")
    assert "خبر.md" in shown["problem"]
    assert "خبر.md" in desk.run("schedule", "show", "ساعت-کار")
    assert "failed" in desk.run("schedule", "list")
    assert "the schedule ساعت-کار made no post (cannot read" in desk.run("status")
    assert list(desk.json("status")["schedules_failed"]) == ["ساعت-کار"]
    assert desk.json("audit")[0]["verb"] == "fail"
    desk.run("check")
    assert "schedule ساعت-کار: cannot read" in desk.err
    file.write_text("متن تازه", encoding="utf-8")
    desk.drain()
    assert desk.received() == ["متن تازه"]
    assert desk.json("schedule", "show", "ساعت-کار")["problem"] is None
    assert desk.json("status")["schedules_failed"] == {}


def test_the_config_may_hold_schedules(desk: Any) -> None:
    desk.configure(
        '[schedules.گزارش]\nevery = "آخر هر ماه ساعت ۱۸"\ntext = "گزارش {date}"\n'.replace(
            "schedules.گزارش", 'schedules."گزارش"'
        )
    )
    (row,) = desk.json("schedule", "list")
    assert (row["name"], row["origin"]) == ("گزارش", "config")
    assert row["trigger"] == "jalali monthly last 18:00"
    desk.run("schedule", "remove", "گزارش", code=1)
    assert "remove it there" in desk.err
    desk.run("schedule", "add", "گزارش", "--every", "6h", "متن", code=2)
    desk.drain()
    assert desk.json("schedule", "pause", "گزارش")["paused"] is True
    desk.drain()
    assert desk.json("schedule", "show", "گزارش")["paused"] is True
    desk.configure("")
    desk.drain()
    assert desk.json("schedule", "list") == []


def test_a_schedule_of_a_channel_that_is_gone_says_so(desk: Any) -> None:
    desk.add("متن", name="x")
    with (
        desk.changed_config("[channels.desk]", "[channels.table]"),
        desk.changed_config('default_to = ["desk"]', 'default_to = ["table"]'),
    ):
        desk.drain()
        assert '"desk"' in desk.json("schedule", "show", "x")["problem"]
    desk.drain()
    assert desk.received() == ["متن"]


@pytest.mark.slow
def test_a_running_daemon_takes_up_what_is_added(desk: Any) -> None:
    with desk.daemon():
        add(desk, TEXT)
        desk.until(lambda: desk.received())
    assert len(desk.received()) == 1
