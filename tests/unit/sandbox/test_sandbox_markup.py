"""Marked-up texts are read as Telegram reads them, and refused in its words."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.sandbox.markup.html import parse_html
from broadcaster.sandbox.markup.markdown import RESERVED, parse_markdown, parse_markdown_v2
from broadcaster.sandbox.markup.spans import CannotParse, MarkedText, from_entities, units

FAMILY = "👨‍👩‍👧"
TEXTS = st.text(
    st.sampled_from([*"می‌آید ۱۲ab_*[]()~`>#+-=|{}.!<&\\\n", "👨", "\u200d"]), max_size=40
)


def seen(marked: MarkedText) -> list[tuple[str, str]]:
    """Kind and words of each entity, cut out by UTF-16 offsets as a client would."""
    wide = marked.text.encode("utf-16-le")
    return [
        (
            each["type"],
            wide[each["offset"] * 2 : (each["offset"] + each["length"]) * 2].decode("utf-16-le"),
        )
        for each in marked.entities()
    ]


@pytest.mark.parametrize(
    ("said", "text", "marks"),
    [
        ("<b>درشت</b> <i>کج</i>", "درشت کج", [("bold", "درشت"), ("italic", "کج")]),
        (f"{FAMILY}<b>ب<i>پ</i></b>", f"{FAMILY}بپ", [("bold", "بپ"), ("italic", "پ")]),
        ("<STRONG>x</strong ><ins>y</ins>", "xy", [("bold", "x"), ("underline", "y")]),
        ("<a href='https://a.ir/?b=1&amp;c=2'>آ</a>", "آ", [("text_link", "آ")]),
        ('<a href="javascript:alert(1)">آ</a>', "آ", []),
        ('<span class="tg-spoiler">راز</span>', "راز", [("spoiler", "راز")]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", "x")]),
        ("<blockquote expandable>ن</blockquote>", "ن", [("expandable_blockquote", "ن")]),
        ("a &lt; b &amp; c &#1575; &nbsp;", "a < b & c ا &nbsp;", []),
        ("<b></b> x", "x", []),
    ],
)
def test_html(said: str, text: str, marks: list[tuple[str, str]]) -> None:
    marked = parse_html(said).trimmed()
    assert marked.text == text
    assert seen(marked) == marks


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("سلام <3", "Unsupported start tag"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<a href='x", 'Unclosed start tag "a" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_broken_html(said: str, why: str) -> None:
    with pytest.raises(CannotParse, match=re.escape(why)):
        parse_html(said)


@pytest.mark.parametrize(
    ("said", "text", "marks"),
    [
        ("*درشت _کج_*", "درشت کج", [("bold", "درشت کج"), ("italic", "کج")]),
        (
            "__زیر__ ~خط~ ||راز||",
            "زیر خط راز",
            [("underline", "زیر"), ("strikethrough", "خط"), ("spoiler", "راز")],
        ),
        (r"[آ](https://a.ir/b\)c)", "آ", [("text_link", "آ")]),
        ("```py\nx = 1\n```", "x = 1", [("pre", "x = 1")]),
        (r"`a\`b` 1\.2", "a`b 1.2", [("code", "a`b")]),
        (">نقل\n>دوم\nپس", "نقل\nدوم\nپس", [("blockquote", "نقل\nدوم")]),
        (">نقل||", "نقل", [("expandable_blockquote", "نقل")]),
        (f"{FAMILY} *x*", f"{FAMILY} x", [("bold", "x")]),
    ],
)
def test_markdown_v2(said: str, text: str, marks: list[tuple[str, str]]) -> None:
    marked = parse_markdown_v2(said).trimmed()
    assert marked.text == text
    assert seen(marked) == marks


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("پایان.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("ن *x", "Can't find end of Bold entity at byte offset 3"),
        ("*a _b* c_", "Can't find end of Italic entity at byte offset 3"),
        ("[x](http://a", "Can't find end of a URL at byte offset 3"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        ("x > y", "Character '>' is reserved"),
    ],
)
def test_broken_markdown_v2(said: str, why: str) -> None:
    with pytest.raises(CannotParse, match=re.escape(why)):
        parse_markdown_v2(said)


@pytest.mark.parametrize(
    ("said", "text", "marks"),
    [
        ("*درشت* _کج_", "درشت کج", [("bold", "درشت"), ("italic", "کج")]),
        ("[آ](https://a.ir) \\*", "آ *", [("text_link", "آ")]),
        ("```\nx*y\n``` `z_`", "x*y\n z_", [("pre", "x*y\n"), ("code", "z_")]),
        ("a. b! (c)", "a. b! (c)", []),
    ],
)
def test_legacy_markdown(said: str, text: str, marks: list[tuple[str, str]]) -> None:
    marked = parse_markdown(said).trimmed()
    assert marked.text == text
    assert seen(marked) == marks


def test_a_lone_sign_breaks_legacy_markdown() -> None:
    with pytest.raises(CannotParse, match="Can't find end of the entity starting at byte offset 5"):
        parse_markdown("سل *x")


@given(TEXTS)
def test_an_escaped_text_is_seen_as_it_was(text: str) -> None:
    assert parse_html(html.escape(text)).text == text
    signs = re.escape("".join(RESERVED) + "\\")
    assert parse_markdown_v2(re.sub(f"([{signs}])", r"\\\1", text)).text == text


@given(TEXTS, st.sampled_from([parse_html, parse_markdown, parse_markdown_v2]))
def test_whatever_is_said_is_read_or_refused(text: str, parse: object) -> None:
    assert callable(parse)
    try:
        marked: MarkedText = parse(text).trimmed()
    except CannotParse:
        return
    for entity in marked.entities():
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= units(marked.text)


def test_explicit_entities_count_in_utf_16() -> None:
    entity = {"type": "bold", "offset": units(FAMILY), "length": 2}
    assert seen(from_entities(f"{FAMILY}بله", [entity])) == [("bold", "بل")]


@pytest.mark.parametrize(("offset", "length"), [(0, 9), (-1, 2), (1, 1)])
def test_entities_outside_of_the_text_or_inside_of_a_symbol_are_refused(
    offset: int, length: int
) -> None:
    with pytest.raises(CannotParse, match="entity beginning at UTF-16 offset"):
        from_entities("👨x", [{"type": "bold", "offset": offset, "length": length}])
