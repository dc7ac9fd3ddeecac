"""Persian normalisation, and directions on platforms that know plain text only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.text.direction import isolated
from broadcaster.text.persian import normalise

ZWNJ, LRM, RLM = "\u200c", "\u200e", "\u200f"


@pytest.mark.parametrize(
    ("written", "expected", "changed"),
    [
        ("كتاب علي", "کتاب علی", 2),
        (f"می{ZWNJ}{ZWNJ}رود", f"می{ZWNJ}رود", 1),
        (f"کتاب{ZWNJ} ها{ZWNJ}،", "کتاب ها،", 2),
        (f"{RLM}سلام{RLM} دنیا{LRM}", "سلام دنیا", 3),
        ("\u202bسلام\u202c\ufeff", "سلام", 3),
        ("سلام \u2067دنیا", "سلام دنیا", 1),
        (f"می{ZWNJ}{RLM}{ZWNJ}رود", f"می{ZWNJ}رود", 2),
        ("۱۲ و ١٢ و 12", "۱۲ و ١٢ و 12", 0),
        ("👨‍👩‍👧‍👦 خانواده‌ها", "👨‍👩‍👧‍👦 خانواده‌ها", 0),
        (f"زبان C++{LRM} خوب است", f"زبان C++{LRM} خوب است", 0),
        (f"{RLM}COVID-19 در ایران", f"{RLM}COVID-19 در ایران", 0),
        ("زبان \u2066C++\u2069 است", "زبان \u2066C++\u2069 است", 0),
    ],
)
def test_letters_are_unified_and_stray_marks_go(written: str, expected: str, changed: int) -> None:
    assert normalise(written) == (expected, changed)


@pytest.mark.parametrize(
    "kept",
    [
        "https://fa.wikipedia.org/wiki/علي_(كتاب)",
        "mrud.ir/كتاب",
        "[این](كتاب.html)",
        "@علي",
        "#علي_كريم",
        "`كتاب علي`",
        "```\nكتاب\n```",
    ],
)
def test_addresses_code_ids_and_tags_are_never_touched(kept: str) -> None:
    assert normalise(kept) == (kept, 0)
    around = f"{kept}\n\nكتاب"
    if not kept.startswith("~~~"):
        assert normalise(around) == (f"{kept}\n\nکتاب", 1)


@given(
    st.lists(
        st.sampled_from(
            [
                *("يكىیک آبcX1۲+-.،()[]`#@\n "),
                *(ZWNJ, LRM, RLM, "\u2066", "\u2069", "\u202b", "\ufeff", "\u200d"),
                *("https://", "👩", "```", "    "),
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_care_is_done_once_and_says_how_much(written: str) -> None:
    cared, changed = normalise(written)
    assert normalise(cared) == (cared, 0)
    assert (changed == 0) == (cared == written)
    assert len(written) - len(cared) <= changed


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("زبان C++ و C# و .NET", "زبان ⟦C++⟧ و ⟦C#⟧ و ⟦.NET⟧"),
        ("تلفن 021-88881234 یا +98 21 88", "تلفن ⟦021-88881234⟧ یا ⟦+98 21 88⟧"),
        ("تا 2026-11-23 و ۱۴۰۵-۰۹-۰۲", "تا ⟦2026-11-23⟧ و ⟦۱۴۰۵-۰۹-۰۲⟧"),
        ("زبان Visual C++ و Go", "زبان ⟦Visual C++⟧ و Go"),
        ("COVID-19 در ایران", "⟦COVID-19⟧ در ایران"),
        ("(WHO) گفت", "(⟦WHO⟧) گفت"),
    ],
)
def test_what_would_be_torn_is_isolated(line: str, shown: str) -> None:
    assert isolated(line) == shown.replace("⟦", "\u2066").replace("⟧", "\u2069")


@pytest.mark.parametrize(
    "line",
    [
        "بیماری (COVID-19) و Node.js. پایان",
        "در https://mrud.ir/a++ و @mrud_ir و #rail-way و info@mrud.ir",
        "https://mrud.ir را ببینید",
        "۱۰-۱۲ نفر، ساعت ۱۰:۳۰ روز ۱۴۰۵/۰۹/۰۲",
        "C++ and .NET",
        "",
    ],
)
def test_what_runs_right_anyway_is_left_alone(line: str) -> None:
    assert isolated(line) == line
