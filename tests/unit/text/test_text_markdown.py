"""What readers see of Markdown as Persian offices write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import SpanKind, Text
from broadcaster.text.markdown import read

BOLD, ITALIC, LINK = SpanKind.BOLD, SpanKind.ITALIC, SpanKind.LINK
STRIKE, SPOILER, CODE = SpanKind.STRIKE, SpanKind.SPOILER, SpanKind.CODE


def styled(text: Text) -> list[tuple[SpanKind, str]]:
    return [(s.kind, text.plain[s.start : s.start + s.length]) for s in text.spans]


@pytest.mark.parametrize(
    ("source", "plain", "spans"),
    [
        ("**متن:**بعد", "متن:بعد", [(BOLD, "متن:")]),
        ("پیش،**متن**", "پیش،متن", [(BOLD, "متن")]),
        ("**«نقل»**ها", "«نقل»ها", [(BOLD, "«نقل»")]),
        ("از**«نقل»**ها", "از«نقل»ها", [(BOLD, "«نقل»")]),
        ("**کتاب**‌ها و **می**‌رود", "کتاب‌ها و می‌رود", [(BOLD, "کتاب"), (BOLD, "می")]),
        ("*آیا؟*بله", "آیا؟بله", [(ITALIC, "آیا؟")]),
        ("_کتاب_‌ها", "کتاب‌ها", [(ITALIC, "کتاب")]),
        ("***هر دو:***بعد", "هر دو:بعد", [(ITALIC, "هر دو:"), (BOLD, "هر دو:")]),
        ("~~۱۰۰:~~۹۰", "۱۰۰:۹۰", [(STRIKE, "۱۰۰:")]),
        ("||راز!||پیدا", "راز!پیدا", [(SPOILER, "راز!")]),
        ("**الف:**ب و **ج:**د", "الف:ب و ج:د", [(BOLD, "الف:"), (BOLD, "ج:")]),
        ("*(**foo**)*", "(foo)", [(ITALIC, "(foo)"), (BOLD, "foo")]),
        ("**مهم [راه](https://mrud.ir)**", "مهم راه", [(BOLD, "مهم راه"), (LINK, "راه")]),
        ("`**x** <b>` و ``a`b``", "**x** <b> و a`b", [(CODE, "**x** <b>"), (CODE, "a`b")]),
    ],
)
def test_emphasis_closes_beside_persian(
    source: str, plain: str, spans: list[tuple[SpanKind, str]]
) -> None:
    text = read(source)
    assert text.plain == plain
    assert styled(text) == spans


@pytest.mark.parametrize(
    "written",
    [
        "<b>متن</b> &amp; &lt; &copy;",
        "۲*۳*۴ و 2 * 3 * 4",
        "snake_case_name و _ و *",
        "[متن] و [ ] و (x)",
        "** فاصله **",
        "نرخ ~۱۰٪ و a|b|c و ||",
        "https://mrud.ir/a_b_c*d*e~~f~~?x=1&copy=2",
        "https://fa.wikipedia.org/wiki/ایران_(کشور)",
        "@name_with_parts و #وزارت_راه_و_شهرسازی و info@mrud_x.ir",
        "خط یک\nخط دو",
        "[1]: https://mrud.ir",
        "<!-- یادداشت -->",
        "<div>\nمتن\n</div>",
        "![پوستر](poster.jpg)",
        "۱. یکم\n۲. دوم",
        "http:// و www. و @ و #",
    ],
)
def test_what_only_looks_like_markup_stands_as_written(written: str) -> None:
    text = read(written)
    assert text.plain == written
    assert text.spans == ()


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("# عنوان\n\nمتن", "عنوان\n\nمتن"),
        ("موارد:\n- یک\n- دو\n  - سه\n\nپس", "موارد:\n• یک\n• دو\n  ◦ سه\n\nپس"),
        ("3. سه\n4. چهار", "۳. سه\n۴. چهار"),
        ("1) one\n2) two", "1) one\n2) two"),
        ("- بند یک\n  ادامه\n\n- بند دو", "• بند یک\n  ادامه\n\n• بند دو"),
        ("> نقل\n> دوم\n\nپس", "نقل\nدوم\n\nپس"),
        ("الف\n\n---\n\nب", "الف\n\n———\n\nب"),
        ("خط یک  \nخط دو\\\nخط سه", "خط یک\nخط دو\nخط سه"),
        (r"\*ستاره\* و \# و \\", r"*ستاره* و # و \\"[:-1]),
        ("<https://mrud.ir>", "https://mrud.ir"),
        ("[](https://mrud.ir)", "https://mrud.ir"),
        ("```\nالف\n  ب\n```", "الف\n  ب"),
        ("|نام|تعداد|\n|-|-|\n|کتاب‌ها|۱۲|", "نام    | تعداد\nکتاب‌ها | ۱۲"),
        ("\n\n  متن  \n\n", "متن"),
    ],
)
def test_blocks_become_lines(source: str, plain: str) -> None:
    assert read(source).plain == plain


def test_headings_are_bold_and_quotes_are_one() -> None:
    assert styled(read("## **مهم** است")) == [(BOLD, "مهم است")]
    assert styled(read("> > نقل")) == [(SpanKind.QUOTE, "نقل")]
    assert styled(read("```\nx\n```")) == [(SpanKind.PRE, "x")]


def test_a_definition_is_one_only_where_it_is_used() -> None:
    used = read("[راه][1]\n\n[1]: https://mrud.ir/a&b")
    assert (used.plain, used.spans[0].url) == ("راه", "https://mrud.ir/a&b")
    assert read("متن\n\n[1]: https://mrud.ir").plain == "متن\n\n[1]: https://mrud.ir"


def test_a_wide_table_becomes_rows_that_keep_their_links() -> None:
    source = "|نام|نشانی|\n|-|-|\n|خانه|[اینجا](https://mrud.ir)|\n|راه|ندارد|"
    text = read(source)
    assert text.plain == "• نام: خانه — نشانی: اینجا\n• نام: راه — نشانی: ندارد"
    assert styled(text) == [(LINK, "اینجا")]


def test_a_picture_that_is_no_media_leads_to_its_address() -> None:
    text = read("![پوستر](https://mrud.ir/p.jpg)")
    assert (text.plain, text.spans[0].url) == ("پوستر", "https://mrud.ir/p.jpg")


PIECES = [
    *("متن", "می‌رود", "«نقل»", "**", "*", "_", "~~", "||", "`", "[", "]", "(", ")", ":", "،", "!"),
    *(
        " ",
        " ",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "# ",
        "|",
        "\\",
        "<b>",
        "&amp;",
        "👨‍👩‍👧",
        "\u200c",
    ),
    *("https://mrud.ir/a_b", "#تگ_ها", "@a_b", "---", "```", "    ", "{date}", "\t", "[x]: /u"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_word_is_lost_and_every_span_is_in_place(source: str) -> None:
    text = read(source)
    for span in text.spans:
        assert span.length > 0
        assert 0 <= span.start <= span.start + span.length <= len(text.plain)
        assert (span.url is not None) == (span.kind is LINK) or span.kind is SpanKind.PRE
    seen = text.plain + " ".join(span.url or "" for span in text.spans)
    for word in ("متن", "می‌رود", "👨‍👩‍👧", "{date}", "&amp;"):
        assert seen.count(word) >= min(1, source.count(word))
