from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from broadcaster.config import ChannelSettings, Settings

LEVELS = """
{top}
[platforms.bale]
{account}
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


@pytest.fixture
def channel(read: Callable[[str], Settings]) -> Callable[..., ChannelSettings]:
    def channel(**levels: str) -> ChannelSettings:
        said = dict.fromkeys(("top", "account", "channel", "a", "b"), "") | levels
        return read(LEVELS.format(**said)).channels["khabar"]

    return channel


def test_the_nearest_level_wins(channel: Callable[..., ChannelSettings]) -> None:
    levels = {"top": 1, "account": 2, "a": 3, "channel": 4}
    said: dict[str, str] = {}
    for level, hours in levels.items():
        said[level] = f'late_after = "{hours}h"'
        assert channel(**said).late_after == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("key", "a", "b", "strictest"),
    [
        ("late_after", '"1h"', '"90min"', timedelta(hours=1)),
        ("give_up_after", '"2d"', '"3h"', timedelta(hours=3)),
        ("settle", '"1min"', '"5min"', timedelta(minutes=5)),
        ("max_attempts", "3", "5", 3),
        ("on_unknown", '"resend"', '"ask"', "ask"),
        ("when_back", '"send"', '"drop"', "drop"),
        ("when_back", '"drop"', '"ask"', "ask"),
    ],
)
def test_the_strictest_group_wins(
    channel: Callable[..., ChannelSettings], key: str, a: str, b: str, strictest: object
) -> None:
    assert getattr(channel(a=f"{key} = {a}", b=f"{key} = {b}"), key) == strictest
    assert getattr(channel(a=f"{key} = {b}", b=f"{key} = {a}"), key) == strictest


def test_an_empty_signature_takes_the_wider_one_away(
    channel: Callable[..., ChannelSettings],
) -> None:
    top = 'signature = "روابط عمومی"'
    assert channel(top=top).channel.options["signature"] == "روابط عمومی"
    assert channel(top=top, channel='signature = ""').channel.options["signature"] == ""


def test_groups_that_differ_in_their_signature_need_one_in_the_channel(
    mistakes: Callable[[str], tuple[str, ...]], channel: Callable[..., ChannelSettings]
) -> None:
    a, b = 'signature = "الف"', 'signature = "ب"'
    (mistake,) = mistakes(LEVELS.format(top="", account="", channel="", a=a, b=b))
    assert "a and b say different things for signature" in mistake
    assert channel(a=a, b=b, channel='signature = "ج"').channel.options["signature"] == "ج"
    assert channel(a=a, b=a).channel.options["signature"] == "الف"


def test_words_of_a_channel_reach_its_texts(channel: Callable[..., ChannelSettings]) -> None:
    said = channel(
        top='variables = { hotline = "۱۲۳", office = "وزارت" }',
        a='part_marks = true\nhashtags = ["فوری"]',
        b="preview = false",
        channel='variables = { hotline = "۱۲۴" }',
    ).channel.options
    assert said["variables"] == {"hotline": "۱۲۴", "office": "وزارت"}
    assert (said["hashtags"], said["part_marks"], said["preview"]) == (["فوری"], True, False)
    assert (said["language"], said["calendar"], said["zone"]) == ("fa", "jalali", "Asia/Tehran")
