from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.calendar import WhenError
from broadcaster.calendar.durations import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("20s", timedelta(seconds=20)),
        ("0s", timedelta()),
        ("5min", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("2 days", timedelta(days=2)),
        ("1h30min", timedelta(minutes=90)),
        ("30m", timedelta(minutes=30)),
        ("1h30m", timedelta(minutes=90)),
        ("۹۰m", timedelta(minutes=90)),
        ("1h 30 min", timedelta(minutes=90)),
        ("an hour", timedelta(hours=1)),
        ("۳ روز", timedelta(days=3)),
        ("سه روز", timedelta(days=3)),
        ("نیم‌ساعت", timedelta(minutes=30)),
        ("یک ساعت و نیم", timedelta(minutes=90)),
        ("دو ساعت و ربع", timedelta(minutes=135)),
        ("سه ربع", timedelta(minutes=45)),
        ("بیست و پنج دقیقه", timedelta(minutes=25)),
        ("an hour and a half", timedelta(minutes=90)),
        ("یک روز و نیم", timedelta(hours=36)),
        ("۱ ساعت و ۳۰ دقیقه", timedelta(minutes=90)),
        ("٢ هفته", timedelta(weeks=2)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_lengths_of_time_are_read(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "20",
        "5mo",
        "m",
        "5 fortnights",
        "-2h",
        "2h ago",
        "1.5h",
        "2hours3",
        "ساعت",
        "۲ ساعت و",
    ],
)
def test_other_texts_are_refused_with_examples(text: str) -> None:
    with pytest.raises(WhenError, match='"5min"'):
        duration(text)


@pytest.mark.parametrize("text", ["9999d", "99999999999999999999w", "3650d 11d"])
def test_more_than_ten_years_is_a_slip(text: str) -> None:
    with pytest.raises(WhenError, match="longer than ten years"):
        duration(text)
