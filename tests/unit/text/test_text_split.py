"""Laws of cutting, on texts that are nastier than any announcement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.adapter import Measure
from broadcaster.model import Json, Span, SpanKind, Text
from broadcaster.text import encode, rich
from broadcaster.text.markdown import read
from broadcaster.text.measure import measure
from broadcaster.text.split import split

Encoder = Callable[[Text], tuple[str, Mapping[str, Json]]]
ENCODERS: list[Encoder] = [
    encode.plain,
    encode.html,
    encode.entities_utf16,
    encode.markdown_spaced,
    encode.metadata,
]
FAMILY = "👨‍👩‍👧‍👦"
WORDS = [
    *("می‌رود", "کتاب‌خانه‌ها", "و", "«نقل»", "وزارتِ", "پایان.", "آیا؟", "۱۴۰۵/۰۹/۰۲", "است؛"),
    *("COVID-19", "x*y", "_z_", "*", "[", "<b>", "&amp;", "https://mrud.ir/a_b?c=1", "@mrud_ir"),
    *("#راه_آهن", FAMILY, "👍🏽", "🇮🇷", "🇮🇷🇹🇯", "é", "ه‍", "نُهُمین", "\u200fب", "1️⃣", "1."),
]
BLANKS = [" ", " ", " ", "  ", "\n", "\n\n", "\n\n\n", "\u00a0", " \n", "\t"]
URL = "https://mrud.ir/"


@st.composite
def texts(draw: st.DrawFn) -> Text:
    pieces = draw(
        st.lists(
            st.tuples(st.sampled_from(WORDS), st.sampled_from(BLANKS)), min_size=1, max_size=40
        )
    )
    plain = "".join(word + blank for word, blank in pieces).strip()
    ends = sorted({found.end() for found in regex.finditer(r"\X", plain)} | {0})
    spans: list[Span] = []
    for _ in range(draw(st.integers(0, 5))):
        start, end = sorted(draw(st.tuples(st.sampled_from(ends), st.sampled_from(ends))))
        kind = draw(st.sampled_from(SpanKind))
        if start == end or (
            kind is SpanKind.LINK and any(span.kind is SpanKind.LINK for span in spans)
        ):
            continue
        url = URL if kind is SpanKind.LINK else None
        spans.append(Span(kind=kind, start=start, length=end - start, url=url))
    return Text(plain=plain, spans=tuple(spans))


def sizes(encoder: Encoder, how: Measure) -> Callable[[Text], int]:
    return lambda text: measure(encoder(text)[0], how)


def places(text: Text, parts: list[Text]) -> list[tuple[int, int]]:
    """Where each part stands in ``text``; only white space may lie between them."""
    found: list[tuple[int, int]] = []
    at = 0
    for part in parts:
        start = text.plain.index(part.plain, at)
        assert not text.plain[at:start].strip(), "words are lost"
        at = start + len(part.plain)
        found.append((start, at))
    assert not text.plain[at:].strip(), "the end is lost"
    return found


def styles(text: Text) -> list[set[tuple[SpanKind, str | None]]]:
    """What each letter is set as."""
    found: list[set[tuple[SpanKind, str | None]]] = [set() for _ in text.plain]
    for span in text.spans:
        for at in range(span.start, span.start + span.length):
            found[at].add((span.kind, span.url))
    return found


def words(text: Text) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"[^\s]+(?:[\u00a0\u2007\u202f]+[^\s]+)*", text.plain):
        yield found.span()


CASES = st.tuples(
    texts(), st.sampled_from(ENCODERS), st.sampled_from(Measure), st.integers(160, 260)
)


@given(CASES)
@settings(max_examples=300)
def test_nothing_is_lost_and_all_parts_fit(
    case: tuple[Text, Encoder, Measure, int],
) -> None:
    text, encoder, how, limit = case
    parts = [*split(text, sizes(encoder, how), limit)]
    assert all(measure(encoder(part)[0], how) <= limit for part in parts)
    shown = styles(text)
    for part, (start, end) in zip(parts, places(text, parts), strict=True):
        assert styles(part) == shown[start:end]


@given(CASES)
@settings(max_examples=300)
def test_graphemes_words_and_links_stay_whole(
    case: tuple[Text, Encoder, Measure, int],
) -> None:
    text, encoder, how, limit = case
    size = sizes(encoder, how)
    whole = [found.span() for found in regex.finditer(r"\X", text.plain)]
    stretches = [*words(text)]
    stretches += [(s.start, s.start + s.length) for s in text.spans if s.kind is SpanKind.LINK]
    for start, end in places(text, [*split(text, size, limit)]):
        for first, last in whole:
            assert not first < start < last, "a grapheme is torn"
            assert not first < end < last, "a grapheme is torn"
        for first, last in stretches:
            if first < start < last or first < end < last:
                inside = any(
                    span.kind in (SpanKind.LINK, SpanKind.CODE)
                    and span.start < last
                    and span.start + span.length > first
                    for span in text.spans
                )
                alone = rich.cut(text, first, last)
                assert size(alone) > limit or inside, "a word or link is torn"


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=8))
@settings(max_examples=200)
def test_paragraphs_that_fit_stay_together(paragraphs: list[list[str]]) -> None:
    written = [" ".join(paragraph) for paragraph in paragraphs]
    text = Text(plain="\n\n".join(written))
    parts = [*split(text, sizes(encode.entities_utf16, Measure.UTF16), 120)]
    for paragraph in written:
        if measure(paragraph, Measure.UTF16) <= 120:
            assert any(paragraph in part.plain for part in parts)


@given(texts())
def test_a_text_that_fits_is_one_part(text: Text) -> None:
    (part,) = split(text, sizes(encode.html, Measure.CHARS), 10_000)
    assert part.plain == text.plain
    assert sorted(map(repr, part.spans)) == sorted(map(repr, text.spans))


def cuts(plain: str, limit: int) -> list[str]:
    size = sizes(encode.entities_utf16, Measure.CHARS)
    return [part.plain for part in split(Text(plain=plain), size, limit)]


@pytest.mark.parametrize(
    ("plain", "limit", "expected"),
    [
        ("بند یک.\n\nبند دو دو.", 12, ["بند یک.", "بند دو دو."]),
        ("خط یک\nخط دو سه", 12, ["خط یک", "خط دو سه"]),
        ("آمد. رفت. آیا می‌آید؟ بله", 15, ["آمد. رفت.", "آیا می‌آید؟ بله"]),
        ("یکم می‌رود به خانه", 8, ["یکم", "می‌رود", "به خانه"]),
        ("یک ۱۲. دو سه", 9, ["یک ۱۲.", "دو سه"]),
        ("عنوان\n\n" + "واژه " * 6 + "پایان", 20, None),
        (FAMILY * 3, 8, [FAMILY] * 3),
        ("ا" * 25, 10, ["ا" * 10, "ا" * 10, "ا" * 5]),
    ],
)
def test_the_best_seam_is_taken(plain: str, limit: int, expected: list[str] | None) -> None:
    found = cuts(plain, limit)
    assert expected is None or found == expected
    assert "".join("".join(found).split()) == "".join(plain.split())


def test_a_heading_goes_with_what_it_stands_above() -> None:
    words = "واژه " * 10
    text = read(f"{words}\n\n{words}\n\n## عنوان\n\n{words}")
    size = sizes(encode.entities_utf16, Measure.UTF16)
    parts = [part.plain for part in split(text, size, 120)]
    assert parts == [f"{words.strip()}\n\n{words.strip()}", f"عنوان\n\n{words.strip()}"]
    alone = read(f"## عنوان\n\n{words * 4}")
    assert next(split(alone, size, 120)).plain.startswith("عنوان\n\nواژه")


def test_a_grapheme_larger_than_a_message_is_cut_rather_than_lost() -> None:
    plain = "ه" + "\u0651" * 50
    assert "".join(cuts(plain, 20)) == plain


def test_no_text_fits_a_limit_that_no_letter_fits() -> None:
    with pytest.raises(ValueError, match="too small"):
        [*split(Text(plain="🙂"), sizes(encode.plain, Measure.UTF8), 3)]


def test_indentation_of_code_survives_a_cut() -> None:
    code = "if x:\n    y = 1\n    z = 2"
    assert cuts(code, 14) == ["if x:", "    y = 1", "    z = 2"]
