"""Recurring posts and approval in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.config import Settings

OFFICE = """
default_to = ["khabar"]
[platforms.bale]
[channels.khabar]
platform = "bale"
address = "@x_news"
groups = ["a", "b"]
{channel}
[groups.a]
{a}
[groups.b]
{b}
"""
Read = Callable[[str], Settings]
Mistakes = Callable[[str], tuple[str, ...]]


def office(schedule: str = "", **levels: str) -> str:
    return OFFICE.format(**{"channel": "", "a": "", "b": "", **levels}) + schedule


def test_a_schedule_is_read_with_its_trigger_in_one_spelling(read: Read, tmp_path: Path) -> None:
    said = (
        '[schedules."ساعت-کار"]\nevery = "شنبه‌ها ۸ صبح"\nfile = "posts/ساعت.md"\nmedia = ["a.jpg"]'
    )
    settings = read(office(said))
    found = settings.schedules["ساعت-کار"]
    assert (found.trigger, found.missed, found.to) == ("every saturday 08:00", "last", ())
    folder = settings.path.parent
    assert (found.file, found.media) == (folder / "posts/ساعت.md", (folder / "a.jpg",))


def test_a_cron_line_and_a_text(read: Read) -> None:
    said = '[schedules.x]\ncron = "0 8 * * SAT"\ntext = "سلام"\nto = ["a"]\nmissed = "skip"'
    found = read(office(said)).schedules["x"]
    assert (found.trigger, found.text, found.file) == ("cron 0 8 * * sat", "سلام", None)
    assert (found.to, found.missed) == (("a",), "skip")


@pytest.mark.parametrize(
    ("keys", "wrong", "right"),
    [
        ('cron = "0 8 * * 6"\ntext = "x"', 'schedules.x.cron: "0 8 * * 6"', '"0 8 * * sat"'),
        ('every = "fortnight"\ntext = "x"', "schedules.x.every", "هر شنبه ۸ صبح"),
        ('every = "monthly 30"\ntext = "x"', "not every month has a day 30", "monthly last"),
        ('text = "x"', "needs one of cron", "saturday 08:00"),
        ('every = "6h"\ncron = "0 8 * * *"\ntext = "x"', "needs one of cron", "every"),
        ('every = "6h"', "needs one of file", "text"),
        ('every = "6h"\ntext = "x"\nfile = "y"', "needs one of file", "text"),
        ('every = "6h"\ntext = "x"\nto = ["khaber"]', "schedules.x.to", "did you mean khabar?"),
        ('every = "6h"\ntext = "x"\nmissed = "none"', "schedules.x.missed", '"skip"'),
        ('evry = "6h"\ntext = "x"', "unknown key", "did you mean every?"),
    ],
)
def test_what_is_wrong_is_named_with_a_right_example(
    mistakes: Mistakes, keys: str, wrong: str, right: str
) -> None:
    found = "\n".join(mistakes(office(f"[schedules.x]\n{keys}")))
    assert wrong in found
    assert right in found


def test_every_schedule_needs_a_name_and_a_place_to_go(mistakes: Mistakes) -> None:
    text = office('[schedules."a b"]\nevery = "6h"\ntext = "x"').replace(
        'default_to = ["khabar"]', ""
    )
    found = "\n".join(mistakes(text))
    assert '"a b" cannot be a name' in found
    assert "says not where to" in found


@pytest.mark.parametrize(
    ("levels", "required"),
    [
        ({}, 0),
        ({"channel": "true"}, 1),
        ({"a": "true"}, 1),
        ({"a": "true", "b": "false"}, 1),
        ({"a": "2", "b": "true"}, 2),
        ({"a": "true", "channel": "false"}, 1),
        ({"a": "1", "channel": "2"}, 2),
        ({"a": "false", "channel": "true"}, 1),
        ({"a": "false"}, 0),
    ],
)
def test_the_strictest_of_channel_and_groups_says_how_many_approve(
    read: Read, levels: dict[str, str], required: int
) -> None:
    said = {level: f"require_approval = {value}" for level, value in levels.items()}
    assert read(office(**said)).channels["khabar"].require_approval == required


def test_a_channel_may_be_excepted_from_what_holds_for_the_house(read: Read) -> None:
    top = "require_approval = true\n"
    assert read(top + office()).channels["khabar"].require_approval
    excepted = office(channel="require_approval = false")
    assert not read(top + excepted).channels["khabar"].require_approval
