"""Which links each platform shows, and what readers see of the others."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import SpanKind
from broadcaster.sandbox.markup.urls import checked_url
from broadcaster.text import links, rich
from broadcaster.text.encode import plain
from broadcaster.text.markdown import read

TARGETS = {
    name: importlib.import_module(f"adapters.{name}.facts").PLATFORM.links
    for name in ("telegram", "bale", "rubika", "soroush", "eitaa")
}
NOWHERE = [
    "files/form.pdf",
    "form.pdf",
    "form.pdf/x",
    "files.d/form.pdf",
    "./form.pdf",
    "../آیین‌نامه.pdf",
    "/srv/form.pdf",
    "#anchor",
    "tel:+982188881234",
    "ftp://host.ir/x",
    "bale://chat",
    "sms:123",
    "geo:35,51",
    "https://",
    "https:///x",
    "https://host.ir:99999/",
    "https://host.ir:0/",
    "https:host.ir",
    "1405.09/x",
]


def seen(source: str, platform: str = "telegram") -> str:
    return links.written_out(read(source), TARGETS[platform]).plain


def targets(source: str, platform: str = "telegram") -> list[str | None]:
    text = links.written_out(read(source), TARGETS[platform])
    return [span.url for span in rich.of_kind(text, SpanKind.LINK)]


@pytest.mark.parametrize("target", NOWHERE)
@pytest.mark.parametrize("platform", ["telegram", "bale", "rubika", "soroush"])
def test_a_target_that_is_no_address_is_shown_and_named(platform: str, target: str) -> None:
    source = f"فرم در [اینجا]({target}) است"
    assert seen(source, platform) == f"فرم در اینجا [۱] است\n\n[۱] {target}"
    assert targets(source, platform) == []
    (remark,) = links.remarks(read(source), TARGETS[platform])
    assert target in remark


@pytest.mark.parametrize(
    "target",
    [
        "https://mrud.ir",
        "HTTP://mrud.ir:8080/a?b=۱#c",
        "https://ایران.ایران/خبر",
        "https://user@mrud.ir/",
        "www.mrud.ir/form.pdf",
        "mrud.ir/form.pdf",
        "سامانه.ایران",
        "t.me/khabar",
    ],
)
@pytest.mark.parametrize("platform", ["telegram", "bale", "rubika", "soroush"])
def test_an_address_on_the_web_is_a_link(platform: str, target: str) -> None:
    assert targets(f"[راه]({target})", platform) == [target]
    assert [*links.remarks(read(f"[راه]({target})"), TARGETS[platform])] == []


@pytest.mark.parametrize(
    ("target", "platforms"),
    [
        ("tg://resolve?domain=khabar", {"telegram"}),
        ("ton://transfer/x", {"telegram"}),
        ("http://intranet/x", {"bale", "rubika", "soroush"}),
        ("http://localhost:8080/", {"bale", "rubika", "soroush"}),
    ],
)
def test_what_one_platform_opens_and_another_does_not(target: str, platforms: set[str]) -> None:
    found = {name for name in TARGETS if name != "eitaa" and targets(f"[ا]({target})", name)}
    assert found == platforms


@pytest.mark.parametrize("platform", TARGETS)
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[متن]()", "متن"),
        ("[متن](<>)", "متن"),
        ("<info@example.ir>", "info@example.ir"),
        ("[info@example.ir](mailto:info@example.ir)", "info@example.ir"),
        ("[](mailto:info@example.ir)", "info@example.ir"),
    ],
)
def test_nothing_is_a_link_that_has_nowhere_to_lead(platform: str, source: str, shown: str) -> None:
    assert seen(source, platform) == shown
    assert targets(source, platform) == []
    assert plain(read(source))[0] == shown


def test_a_mail_address_stands_below_its_words() -> None:
    source = "به [دبیرخانه](mailto:info@example.ir) بنویسید"
    assert seen(source) == "به دبیرخانه [۱] بنویسید\n\n[۱] info@example.ir"
    assert plain(read(source))[0] == seen(source)


def test_a_refused_target_is_listed_once_and_others_stay_links() -> None:
    source = "**[یک](a/b)** [دو](https://mrud.ir) [سه](a/b)"
    text = links.written_out(read(source), links.telegram)
    assert text.plain == "یک [۱] دو سه [۱]\n\n[۱] a/b"
    assert [(span.kind, span.start, span.length) for span in text.spans] == [
        (SpanKind.BOLD, 0, 2),
        (SpanKind.LINK, 7, 2),
    ]


def test_many_refused_targets_are_counted() -> None:
    source = " ".join(f"[ا](b/{number})" for number in range(9))
    (remark,) = links.remarks(read(source), links.telegram)
    assert remark == "links cannot lead to b/0, b/1, b/2 and 6 more: written out"


@pytest.mark.parametrize(
    "source",
    [
        "متن[^1] پایان\n\n[^1]: توضیح",
        "متن[^1] پایان\n\n[^1]: https://mrud.ir",
        "متن[۱] پایان\n\n[۱]: ساختمان.",
        "فرم [الف][ب]\n\n[ب]: بعد",
        "فرم [الف][ب]\n\n[ب]: files/form.pdf",
        "[توجه]: فردا",
    ],
)
def test_a_definition_of_words_stays_a_text(source: str) -> None:
    assert read(source).plain == source


def test_a_definition_that_nothing_uses_takes_no_other_away() -> None:
    text = read("[راه][x]\n\n[x]: https://mrud.ir\n\n[y]: https://khane.ir")
    assert text.plain == "راه\n\n[y]: https://khane.ir"
    assert [span.url for span in text.spans] == ["https://mrud.ir"]


def test_a_second_definition_does_not_vanish() -> None:
    assert "https://b.ir" in read("[راه][x]\n\n[x]: https://a.ir\n\n[x]: https://b.ir").plain


@given(
    st.lists(
        st.sampled_from(
            [
                *[
                    "http://",
                    "https://",
                    "tg:",
                    "//",
                    "www.",
                    "a",
                    ".ir",
                    ".",
                    ":",
                    "80",
                    "/",
                    "?",
                    "#",
                    "@",
                    "[",
                    "]",
                    "::1",
                    "%",
                    "2f",
                    "ب",
                    "mailto:",
                    "_",
                    "-",
                    "pdf",
                ],
                " ",
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_no_link_goes_to_telegram_that_it_would_refuse(target: str) -> None:
    if links.telegram(target):
        checked_url(target)
