"""Parameters on links: they are added, and no link is broken by it."""

from __future__ import annotations

import importlib
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import SpanKind
from broadcaster.text import rich
from broadcaster.text.markdown import read
from broadcaster.text.parameters import Parameters, tagged

OWN = Parameters({"utm_source": "telegram", "کارزار": "کوچ ۱"}, ("mrud.ir", "ایران.ir"))
NEW = "utm_source=telegram&%DA%A9%D8%A7%D8%B1%D8%B2%D8%A7%D8%B1=%DA%A9%D9%88%DA%86%20%DB%B1"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://mrud.ir/a", f"https://mrud.ir/a?{NEW}"),
        ("https://mrud.ir", f"https://mrud.ir/?{NEW}"),
        ("HTTPS://www.MRUD.ir:443/a#b?c", f"HTTPS://www.MRUD.ir:443/a?{NEW}#b?c"),
        ("http://mrud.ir/خبر/۱۲؟#بخش", f"http://mrud.ir/خبر/۱۲؟?{NEW}#بخش"),
        ("https://mrud.ir/?a=1&b=%20#c", f"https://mrud.ir/?a=1&b=%20&{NEW}#c"),
        ("https://mrud.ir/?", f"https://mrud.ir/?{NEW}"),
        ("https://mrud.ir/?a&", f"https://mrud.ir/?a&{NEW}"),
        ("https://mrud.ir/?utm_source=x", f"https://mrud.ir/?utm_source=x&{NEW.split('&')[1]}"),
        ("https://ایران.ir/a", f"https://ایران.ir/a?{NEW}"),
        ("https://xn--mgba3a4f16a.ir/a", f"https://xn--mgba3a4f16a.ir/a?{NEW}"),
        ("https://user@mrud.ir/a", f"https://user@mrud.ir/a?{NEW}"),
        ("https://notmrud.ir/a", "https://notmrud.ir/a"),
        ("https://mrud.ir.evil.com/a", "https://mrud.ir.evil.com/a"),
        ("ftp://mrud.ir/a", "ftp://mrud.ir/a"),
        ("https://[broken/a", "https://[broken/a"),
    ],
)
def test_a_link_gets_what_it_lacks(written: str, sent: str) -> None:
    assert tagged(read(f"[ببینید](<{written}>)"), OWN)[0].spans[0].url == sent
    if "؟" not in written and written[-1] != "?":  # which would end a sentence
        assert tagged(read(f"ببینید {written} را"), OWN)[0].plain == f"ببینید {sent} را"


@pytest.mark.parametrize("end", [".", "،", "؟", ").", "»", "…"])
def test_the_end_of_a_sentence_is_no_part_of_a_link(end: str) -> None:
    found, count = tagged(read(f"«(https://mrud.ir/a_(b){end}"), OWN)
    assert found.plain == f"«(https://mrud.ir/a_(b)?{NEW}{end}"
    assert count == 1


def test_styles_hold_what_they_held() -> None:
    text = read("یک **https://mrud.ir/a** و *ب https://mrud.ir/c#d ج* و ~~پایان~~")
    found, count = tagged(text, OWN)
    assert count == 2
    held = {
        span.kind: rich.cut(found, span.start, span.start + span.length) for span in found.spans
    }
    assert held[SpanKind.BOLD].plain == f"https://mrud.ir/a?{NEW}"
    assert held[SpanKind.ITALIC].plain == f"ب https://mrud.ir/c?{NEW}#d ج"
    assert held[SpanKind.STRIKE].plain == "پایان"
    bale = importlib.import_module("adapters.bale.facts").PLATFORM
    assert f"https://mrud.ir/a?{NEW}" in bale.encode(found)[0]


def test_code_and_the_words_of_links_stay() -> None:
    text = read("`https://mrud.ir/a` [به https://mrud.ir/b بروید](https://other.ir)")
    assert tagged(text, OWN) == (text, 0)
    assert tagged(read("https://mrud.ir"), Parameters({}, ("mrud.ir",)))[1] == 0
    assert tagged(read("https://mrud.ir"), Parameters({"a": "b"}, ()))[1] == 0


letters = st.text("abc۱خ%20/.-_~()'*+,;:@!$", max_size=12)
queries = st.lists(st.tuples(st.text("abخ", min_size=1), st.text("01 &=ی")), max_size=3)


@given(path=letters, query=st.none() | letters, fragment=st.none() | letters, values=queries)
def test_no_link_is_broken(
    path: str, query: str | None, fragment: str | None, values: list[tuple[str, str]]
) -> None:
    url = f"https://www.mrud.ir/{path}"
    url += "" if query is None else f"?{query}"
    url += "" if fragment is None else f"#{fragment}"
    parameters = Parameters(dict(values), ("mrud.ir",))
    text = read("[ک](https://mrud.ir)")
    span = rich.of_kind(text, SpanKind.LINK)[0]
    linked = type(text)(plain="ک", spans=(type(span)(kind=span.kind, start=0, length=1, url=url),))
    found = tagged(linked, parameters)[0].spans[0].url or ""
    before, after = urlsplit(url), urlsplit(found)
    assert (before.scheme, before.netloc, before.path, before.fragment) == (
        after.scheme,
        after.netloc,
        after.path,
        after.fragment,
    )
    assert after.query.startswith(before.query)
    pairs = parse_qsl(after.query, keep_blank_values=True)
    asked = {name for name, _ in parse_qsl(before.query, keep_blank_values=True)}
    for name, value in dict(values).items():
        if ";" not in (query or ""):
            assert name in asked or (name, value) in pairs
    assert tagged(tagged(linked, parameters)[0], parameters)[0].spans[0].url == found
    if path[-1:].isalnum() and query is None and fragment is None and not set(path) & set("()"):
        assert tagged(read(f"به {url} بروید"), parameters)[0].plain == f"به {found} بروید"


@given(st.text("ab .https://mrud.ir/?#()*_`[]«»خ", max_size=60))
def test_only_something_is_put_in(source: str) -> None:
    text = read(source)
    found, _ = tagged(text, OWN)
    rest = iter(found.plain)
    assert all(letter in rest for letter in text.plain)
    for span in found.spans:
        assert 0 <= span.start <= span.start + span.length <= len(found.plain)
