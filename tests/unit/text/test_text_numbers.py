"""Numbers in Persian digits, where that is wished for, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.text.numbers import persian_numbers


@pytest.mark.parametrize(
    ("typed", "shown", "changed"),
    [
        ("ساعت 8 تا 14:30 باز است", "ساعت ۸ تا ۱۴:۳۰ باز است", 5),
        ("مورخ 1405/09/02 و 3.5 درصد", "مورخ ۱۴۰۵/۰۹/۰۲ و ۳.۵ درصد", 10),
        ("می‌رسد به **120** نفر 🇮🇷", "می‌رسد به **۱۲۰** نفر 🇮🇷", 3),
        ("از ۸ صبح", "از ۸ صبح", 0),
        ("پرداخت با C3 و 3D و COVID-19", "پرداخت با C3 و 3D و COVID-19", 0),
        ("تاریخ 2026-11-23 است", "تاریخ 2026-11-23 است", 0),
        (
            "نشانی setad.ir/news/12 و @room12 و #خبر12",
            "نشانی setad.ir/news/12 و @room12 و #خبر12",
            0,
        ),
        ("کد `exit 1` را ببینید", "کد `exit 1` را ببینید", 0),
        ("[خبر 1](https://a.ir/1)", "[خبر ۱](https://a.ir/1)", 1),
        ("1. نخست 5 نفر\n2) دوم", "1. نخست ۵ نفر\n2) دوم", 1),
        ("Open from 8 to 14", "Open from 8 to 14", 0),
        ("نماد &#1776; و {date2}", "نماد &#1776; و {date2}", 0),
        ("تلفن (021) 8888 12", "تلفن (۰۲۱) ۸۸۸۸ ۱۲", 9),
        ("کارت 6037 9911 1111", "کارت ۶۰۳۷ ۹۹۱۱ ۱۱۱۱", 12),
        ("تلفن 021-8888 1234، 12 نفر", "تلفن 021-8888 1234، ۱۲ نفر", 2),
        ("در 2026-11-23 10:30 با COVID-19 و 20", "در 2026-11-23 ۱۰:۳۰ با COVID-19 و ۲۰", 6),
    ],
)
def test_numbers_of_persian_lines(typed: str, shown: str, changed: int) -> None:
    assert persian_numbers(typed) == (shown, changed)


@pytest.mark.parametrize(
    "number",
    [
        *(
            "021-8888 1234",
            "021-8888  1234",
            "021-8888\t1234",
            "021-8888\u00a01234",
            "8888 1234-021",
        ),
        *(
            "021-8888 (1234)",
            "021-8888,1234",
            "021-8888/9 1234",
            "021-8888 - 1234",
            "۰۲۱-8888 1234",
        ),
        *("+98 21 8888-1234", "0098-21-8888 1234", "**021-8888** 1234", "021-8888\u200e 1234"),
        *("IR12 0170 0000 0010 01", "IR120170000000100001", "6037-9911 1111 1111"),
    ],
)
def test_a_number_in_groups_is_changed_as_a_whole_or_not_at_all(number: str) -> None:
    assert persian_numbers(f"شمارهٔ {number} است") == (f"شمارهٔ {number} است", 0)


@given(st.text(alphabet="اب ۱1۲2.:/-`*_#@\n\u200cA{}&[]()", max_size=60))
def test_only_digits_change_and_once_is_enough(text: str) -> None:
    shown, changed = persian_numbers(text)
    differing = [(old, new) for old, new in zip(text, shown, strict=True) if old != new]
    assert len(differing) == changed
    assert all(old in "12" and new in "۱۲" for old, new in differing)
    assert persian_numbers(shown) == (shown, 0)
