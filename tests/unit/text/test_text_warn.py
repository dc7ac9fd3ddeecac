"""What a person is warned of before a text goes out."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.telegram.facts import PLATFORM
from broadcaster.model import Json, Media, MediaKind, Message, Rendering
from broadcaster.text.warn import warnings

DUE = date(2026, 11, 21)  # a Saturday, 30 Aban 1405
PHOTO = Media(digest="0" * 64, kind=MediaKind.PHOTO, name="a.jpg", mime="image/jpeg", size=1)


def warned(
    source: str,
    *more: Message,
    markup: dict[str, Json] | None = None,
    leaving: tuple[str, ...] = ("t.me",),
    normalised: bool = True,
) -> list[str]:
    message = Message(index=0, text=source, markup=markup or {})
    rendering = Rendering(messages=(*more, message), digest="")
    found = warnings(
        source, rendering, PLATFORM.limits, due=DUE, leaving=leaving, normalised=normalised
    )
    return [*found]


@pytest.mark.parametrize(
    "source",
    [
        "دوشنبه ۲ آذر ۱۴۰۵ ساعت ۱۰",
        "شنبه ۳۰ آبان",
        "سه‌شنبه، ۳ آذر ماه",
        "Monday 2 Azar 1405",
        "یکشنبه ۱ آذر تا دوشنبه ۲ آذر",
        "دوشنبه 1405/09/02",
        "پنجشنبه‌ها ۲ نفر",
        "شنبه ۹ صبح",
        "satin 2 azar",
        "رویدادt.me و at.me/x و https://t.mega.ir",
    ],
)
def test_nothing_is_said_of_what_is_right(source: str) -> None:
    assert warned(source) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("*شنبه* ۲ آذر ۱۴۰۵", "دوشنبه"),
        ("سه شنبه مورخ ۲ آذر", "دوشنبه"),
        ("چهارشنبه ۱۴۰۵/۰۹/۰۲", "دوشنبه"),
        ("Sunday 2026-11-23", "Monday"),
        ("شنبه ۳۱ آذر ۱۴۰۵", "does not exist"),
    ],
)
def test_a_weekday_that_does_not_fit_its_date(source: str, said: str) -> None:
    (warning,) = warned(source)
    assert said in warning


def test_a_weekday_is_doubted_once_however_often_it_is_said() -> None:
    assert len(warned("شنبه ۲ آذر ۱۴۰۵، تکرار: شنبه ۲ آذر ۱۴۰۵\nشنبه ۲ آذر ۱۴۰۵")) == 1


def test_links_to_the_platform_that_is_left() -> None:
    link: dict[str, Json] = {"entities": [{"type": "text_link", "url": "https://t.me/news"}]}
    assert any("t.me" in each for each in warned("ما در t.me/news هستیم"))
    assert any("t.me" in each for each in warned("ما اینجا هستیم", markup=link))
    assert warned("ما در t.me/news هستیم", leaving=()) == []


def test_a_caption_that_was_moved() -> None:
    with_media = Message(index=0, media=(PHOTO,))
    (moved,) = warned("متن", with_media)
    assert "1,024" in moved
    assert "the text follows" in moved
    (divided,) = warned("متن", Message(index=0, text="سر", media=(PHOTO,)))
    assert "the rest follows" in divided


def test_arabic_letters_without_the_care() -> None:
    assert warned("كتاب") == []
    assert len(warned("كتاب", normalised=False)) == 1


def test_more_styles_than_are_shown_and_markers_that_close_nothing() -> None:
    many: list[Json] = [{"type": "bold", "offset": n, "length": 1} for n in range(101)]
    (styles,) = warned("متن", markup={"entities": many})
    assert "101" in styles
    (marker,) = warned("** متن **")
    assert "**" in marker


@pytest.mark.parametrize(
    "source",
    [
        r"\*\*ویژه\*\*",
        r"\**ویژه",
        r"*\*ویژه",
        "`**` و **مهم**",
        "```\n**\n```",
        "**********\nمتن",
        r"\_ \` \[ \~\~ \|\| \`\`\`",
        "- یک\n  ```\n  کد\n  ```",
        "> ```\n> کد\n> ```",
    ],
)
def test_what_was_escaped_is_code_or_is_closed_was_meant(source: str) -> None:
    assert warned(source) == []


@pytest.mark.parametrize("source", ["```\nمتن\n\nپس", "متن\n\n```py\nx\n``", "```"])
def test_a_fence_that_is_not_closed(source: str) -> None:
    (warning,) = warned(source)
    assert "not closed" in warning


def test_markers_that_close_nothing_in_what_is_added() -> None:
    rendering = Rendering(messages=(Message(index=0, text="متن\n\n** دفتر"),), digest="")
    written = ("متن", "** دفتر")
    (warning,) = warnings("متن", rendering, PLATFORM.limits, due=DUE, written=written)
    assert "**" in warning


def test_variables_that_stand_for_nothing() -> None:
    (unknown,) = warned("در {channel_link} و {channel_link}")
    assert "{channel_link}" in unknown
    literal = Rendering(messages=(Message(index=0, text="{date} {}"),), digest="")
    assert [*warnings("{{date}} {}", literal, PLATFORM.limits, due=DUE)] == []


@pytest.mark.parametrize(
    "source", ['[راه](https://mrud.ir "خبر")', "[راه][x]\n\n[x]: https://mrud.ir (خبر)"]
)
def test_the_title_of_a_link_is_not_shown(source: str) -> None:
    rendering = Rendering(messages=(Message(index=0, text="راه"),), digest="")
    found = warnings(source, rendering, PLATFORM.limits, due=DUE)
    assert [*found] == ['the title of a link is not shown: "خبر"']


@pytest.mark.parametrize("source", ["![]()\nمتن", "متن ![پوستر]( <> ) پس"])
def test_a_picture_without_a_file(source: str) -> None:
    (warning,) = warned(source)
    assert "![…]()" in warning
    assert warned(source.replace("!", r"\!", 1)) == []
