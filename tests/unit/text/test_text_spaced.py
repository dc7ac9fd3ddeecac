"""Always-on Markdown, read back by a small reader of its own rule that shares nothing with it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import Span, SpanKind, Text
from broadcaster.text.encode import markdown_spaced
from broadcaster.text.encode.spaced import remarks
from broadcaster.text.markdown import read

JOINER = "\u2060"
MARKED = re.compile(
    r"\[(?P<words>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    r"|(?<!\S)(?P<mark>[*_])(?=\S)(?P<styled>.+?)(?<=\S)(?P=mark)(?!\S)"
)


def understood(wire: str) -> tuple[str, list[tuple[str, str]]]:
    """What readers see, and what is set: ("*" or "_" or a target, words)."""
    set_words: list[tuple[str, str]] = []

    def shown(found: re.Match[str]) -> str:
        if found["words"] is not None:
            set_words.append((found["url"], found["words"]))
            return found["words"]
        set_words.append((found["mark"], found["styled"]))
        return found["styled"]

    return MARKED.sub(shown, wire).replace(JOINER, ""), set_words


def wire(source: str) -> str:
    return markdown_spaced(read(source))[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**مهم** است", "*مهم* است"),
        ("**متن:**بعد", "*متن:* بعد"),
        ("متن:**بعد**", "متن: *بعد*"),
        ("**«نقل»**ها", "*«نقل»ها*"),
        ("**کتاب**‌ها و *دو*", "*کتاب‌ها* و _دو_"),
        ("«**متن**»، (**دو**).", "*«متن»،* *(دو).*"),
        ("[وزارت راه](https://mrud.ir/a_(b))", "[وزارت راه](https://mrud.ir/a_%28b%29)"),
        ("**پیش [راه](https://mrud.ir) پس**", "*پیش* [راه](https://mrud.ir) *پس*"),
        ("**دو\nخط**", "*دو*\n*خط*"),
        ("https://mrud.ir/a_b_ و snake_case_x", "https://mrud.ir/a_b_ و snake_case_x"),
        ("۲*۳*۴ * ۵", "۲*۳*۴ * ۵"),
        ("> **نقل**\n> دو", "┃ *نقل*\n┃ دو"),
        ("[\\[۱\\]](https://mrud.ir)", "[۱] (https://mrud.ir)"),
    ],
)
def test_what_is_set_stands_between_spaces(source: str, expected: str) -> None:
    assert wire(source) == expected


@pytest.mark.parametrize(
    "written", ["*ستاره*", "_خط_ زیر", "[واژه](نشانی)", "```[عنوان]متن```", "* الف*", "*الف\nب*"]
)
def test_what_only_looks_like_markup_reaches_readers_as_written(written: str) -> None:
    text = Text(plain=written)
    sent, _ = markdown_spaced(text)
    assert understood(sent) == (written, [])
    assert "```" not in sent


@pytest.mark.parametrize(
    "written", ["snake_case", "۵ * ۳ = ۱۵", "[x]", "*", "a_b_c", "_", "نکته* ندارد", "[ ] (x)"]
)
def test_signs_that_pair_with_nothing_are_left_alone(written: str) -> None:
    assert markdown_spaced(Text(plain=written)) == (written, {})
    assert [*remarks(Text(plain=written))] == []


def test_what_differs_is_said() -> None:
    assert [*remarks(read("**متن** ساده، **دیگر**."))] == []
    assert len([*remarks(read("**متن:**بعد"))]) == 1
    assert len([*remarks(read("**الف**ب"))]) == 1
    assert len([*remarks(read(r"\*الف\*"))]) == 1
    assert len([*remarks(read("**الف *ب***"))]) == 1


PIECES = [
    *("می‌رود", "راه", "x_y", "👨‍👩‍👧", "۱۲", "https://mrud.ir/a_b", " ", " ", "\n"),
    *("*", "_", "**", "[", "]", "](", "(", ")", "`", "```", ":", "«", "»", "،", "."),
]
WORDS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)


@st.composite
def texts(draw: st.DrawFn) -> Text:
    plain = draw(WORDS)
    spans: list[Span] = []
    for _ in range(draw(st.integers(0, 4)) if plain else 0):
        start = draw(st.integers(0, len(plain) - 1))
        length = draw(st.integers(1, len(plain) - start))
        kind = draw(st.sampled_from([SpanKind.BOLD, SpanKind.ITALIC, SpanKind.LINK]))
        if kind is SpanKind.LINK and any(span.kind is kind for span in spans):
            continue
        url = "https://mrud.ir/a_*b" if kind is SpanKind.LINK else None
        spans.append(Span(kind=kind, start=start, length=length, url=url))
    return Text(plain=plain, spans=tuple(spans))


@given(texts())
def test_readers_see_the_words_that_were_meant(text: Text) -> None:
    sent, markup = markdown_spaced(text)
    assert markup == {}
    seen, set_words = understood(sent)
    seen = seen.replace("(https://mrud.ir/a_*b)", "")
    assert re.sub(r"\s", "", seen) == re.sub(r"\s", "", text.plain)
    kinds = {span.kind for span in text.spans}
    allowed = {SpanKind.BOLD: "*", SpanKind.ITALIC: "_", SpanKind.LINK: "https://mrud.ir/a_*b"}
    assert {mark for mark, _ in set_words} <= {allowed[kind] for kind in kinds}


@given(WORDS)
def test_bold_between_spaces_is_bold(words: str) -> None:
    phrase = f"{''.join(words.replace('https://mrud.ir/a_b', '').split())}ا"
    span = Span(kind=SpanKind.BOLD, start=4, length=len(phrase))
    sent, _ = markdown_spaced(Text(plain=f"پیش {phrase} پس", spans=(span,)))
    _, set_words = understood(sent)
    assert [(mark, seen.replace(JOINER, "")) for mark, seen in set_words] == [("*", phrase)]
