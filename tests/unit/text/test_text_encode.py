"""Dialects read back: the same words, with the same styles at the same places."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapter import Measure
from broadcaster.model import Span, SpanKind, Text
from broadcaster.text.direction import LRI, PDI
from broadcaster.text.encode import entities_utf16, html, metadata, plain
from broadcaster.text.markdown import read
from broadcaster.text.measure import measure

ENTITIES = {
    "bold": SpanKind.BOLD,
    "italic": SpanKind.ITALIC,
    "underline": SpanKind.UNDERLINE,
    "strikethrough": SpanKind.STRIKE,
    "spoiler": SpanKind.SPOILER,
    "code": SpanKind.CODE,
    "pre": SpanKind.PRE,
    "text_link": SpanKind.LINK,
    "blockquote": SpanKind.QUOTE,
}
PARTS = {
    "Bold": SpanKind.BOLD,
    "Italic": SpanKind.ITALIC,
    "Underline": SpanKind.UNDERLINE,
    "Strike": SpanKind.STRIKE,
    "Spoiler": SpanKind.SPOILER,
    "Mono": SpanKind.CODE,
    "Pre": SpanKind.PRE,
    "Link": SpanKind.LINK,
    "Quote": SpanKind.QUOTE,
}
TAGS = {
    "b": SpanKind.BOLD,
    "i": SpanKind.ITALIC,
    "u": SpanKind.UNDERLINE,
    "s": SpanKind.STRIKE,
    "tg-spoiler": SpanKind.SPOILER,
    "code": SpanKind.CODE,
    "pre": SpanKind.PRE,
    "a": SpanKind.LINK,
    "blockquote": SpanKind.QUOTE,
}
URL = 'https://mrud.ir/?a="1"&b=<2>'
WORDS = ["می‌رود", " ", "👨‍👩‍👧‍👦", "👍🏽", "🇮🇷", "<b>", "&amp;", '"', "\n", "x", "۱۲", "نُه"]


@st.composite
def texts(draw: st.DrawFn, *, code: bool = False) -> Text:
    words = "".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=20)))
    ends = [0, *(found.end() for found in regex.finditer(r"\X", words))]
    kinds = [kind for kind in SpanKind if code or kind not in (SpanKind.CODE, SpanKind.PRE)]
    spans = set()
    for _ in range(draw(st.integers(0, 5))):
        start, end = sorted(draw(st.tuples(st.sampled_from(ends), st.sampled_from(ends))))
        if start < end:
            kind = draw(st.sampled_from(kinds))
            url = URL if kind is SpanKind.LINK else None
            spans.add(Span(kind=kind, start=start, length=end - start, url=url))
    return Text(plain=words, spans=tuple(spans))


def decoded(words: str, offset: int, length: int) -> tuple[int, int]:
    units = words.encode("utf-16-le")
    start = len(units[: offset * 2].decode("utf-16-le"))
    return start, len(units[offset * 2 : (offset + length) * 2].decode("utf-16-le"))


def key(span: Span) -> tuple[object, ...]:
    return span.kind, span.start, span.length, span.url


@given(texts())
def test_entities_say_what_the_text_says(text: Text) -> None:
    words, markup = entities_utf16(text)
    found: Any = markup.get("entities", [])
    assert words == text.plain
    spans = [
        Span(kind=ENTITIES[e["type"]], start=start, length=length, url=e.get("url"))
        for e in found
        for start, length in [decoded(words, e["offset"], e["length"])]
    ]
    assert sorted(map(key, spans), key=str) == sorted(map(key, text.spans), key=str)
    assert spans == sorted(spans, key=lambda span: (span.start, -span.length))


@given(texts())
def test_metadata_says_what_the_text_says(text: Text) -> None:
    words, markup = metadata(text)
    data: Any = markup.get("metadata", {"meta_data_parts": []})
    assert words == text.plain
    spans = [
        Span(kind=PARTS[part["type"]], start=start, length=length, url=part.get("link_url"))
        for part in data["meta_data_parts"]
        for start, length in [decoded(words, part["from_index"], part["length"])]
    ]
    assert sorted(map(key, spans), key=str) == sorted(map(key, text.spans), key=str)


@given(texts(code=True))
def test_code_is_never_in_another_entity_but_a_quote(text: Text) -> None:
    _, markup = entities_utf16(text)
    found: Any = markup.get("entities", [])
    code = [e for e in found if e["type"] in ("code", "pre")]
    others = [e for e in found if e["type"] not in ("code", "pre", "blockquote")]
    for one in code:
        for other in others:
            apart = one["offset"] + one["length"] <= other["offset"]
            assert apart or other["offset"] + other["length"] <= one["offset"]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.styles: list[set[tuple[SpanKind, str | None]]] = []
        self.open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, dict(attrs).get("href")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag, "tags cross"

    def handle_data(self, data: str) -> None:
        self.words += data
        self.styles += [{(TAGS[tag], url) for tag, url in self.open} for _ in data]


@given(texts(code=True))
def test_html_is_well_formed_and_says_what_the_text_says(text: Text) -> None:
    wire, markup = html(text)
    reader = Reader()
    reader.feed(wire)
    reader.close()
    assert markup == {"parse_mode": "HTML"}
    assert reader.words == text.plain
    assert reader.open == []
    expected: list[set[tuple[SpanKind, str | None]]] = [set() for _ in text.plain]
    for span in text.spans:
        for at in range(span.start, span.start + span.length):
            expected[at].add((span.kind, span.url))
    assert reader.styles == expected


def test_entities_are_counted_in_utf16() -> None:
    words, markup = entities_utf16(read("👨‍👩‍👧‍👦 **مهم** [راه](https://mrud.ir)"))
    assert words == "👨‍👩‍👧‍👦 مهم راه"
    assert markup == {
        "entities": [
            {"type": "bold", "offset": 12, "length": 3},
            {"type": "text_link", "offset": 16, "length": 3, "url": "https://mrud.ir"},
        ]
    }


def test_the_language_of_code_is_kept() -> None:
    _, markup = entities_utf16(read("```python\nx = 1\n```"))
    assert markup == {"entities": [{"type": "pre", "offset": 0, "length": 5, "language": "python"}]}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "[راه](https://mrud.ir) و [خانه](https://khane.ir/a)",
            "راه [۱] و خانه [۲]\n\n[۱] https://mrud.ir\n[۲] https://khane.ir/a",
        ),
        ("[یک](https://mrud.ir) [باز](https://mrud.ir)", "یک [۱] باز [۱]\n\n[۱] https://mrud.ir"),
        ("[road](https://mrud.ir)", "road [1]\n\n[1] https://mrud.ir"),
        ("https://mrud.ir", "https://mrud.ir"),
        ("> نقل\n> دوم\n\nپس", "┃ نقل\n┃ دوم\n\nپس"),
        ("**مهم** `x` ||راز||", "مهم x راز"),
        ("<b>&amp;</b> *", "<b>&amp;</b> *"),
        ("دستور `pip install -U c++` و `ls`", "دستور ⟦pip install -U c++⟧ و ls"),
        ("`--help` را بزنید", "⟦--help⟧ را بزنید"),
        ("بنویسید `سلام C++ دنیا` در C#", "بنویسید سلام C++ دنیا در ⟦C#⟧"),
        (
            "کد C++:\n```\nx = 'سلام'  # C++\ny = 'C#'\n```",
            "کد ⟦C++⟧:\nx = 'سلام'  # C++\ny = 'C#'",
        ),
    ],
)
def test_plain_text_writes_out_what_it_cannot_show(source: str, shown: str) -> None:
    assert plain(read(source)) == (shown.replace("⟦", LRI).replace("⟧", PDI), {})


@given(
    st.lists(
        st.sampled_from(
            ["می‌رود", "`--help`", "`pip install -U c++`", "C#", "2026-11-23", ".NET", "\n\n"]
        )
    )
)
def test_plain_text_marks_nothing_within_code(words: list[str]) -> None:
    wire, _ = plain(read(" ".join(words)))
    for code in ("--help", "pip install -U c++"):
        assert wire.count(code) == words.count(f"`{code}`")
    for line in wire.split("\n"):
        marks = [mark for mark in line if mark in (LRI, PDI)]
        assert marks == [LRI, PDI] * (len(marks) // 2)


@given(texts(code=True))
def test_plain_text_keeps_every_word(text: Text) -> None:
    wire, _ = plain(text)
    at = 0
    for word in text.plain.split():
        at = wire.replace("┃ ", "").find(word[0], at)
        assert at >= 0


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("می‌رود", (6, 6, 13)), ("👨‍👩‍👧", (5, 8, 18)), ("", (0, 0, 0)), ("é", (1, 1, 2))],
)
def test_lengths_are_those_of_the_platforms(text: str, lengths: tuple[int, int, int]) -> None:
    assert tuple(measure(text, how) for how in Measure) == lengths
