"""What planning says of a post, in Persian: every remark of ours has its words."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster.app.persian import in_persian, number, size
from broadcaster.model import Channel, Conversion, Json, Media, MediaKind, Options, Post
from broadcaster.text.render import RenderError, render
from broadcaster.text.warn import warnings

NAMES = ("telegram", "bale", "igap", "rubika", "soroush", "eitaa", "gap", "apprise")
DUE = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOURCES = (
    "**مهم** *کج* ~~باطل~~ `کد` ||راز|| [راه](form.pdf) [ما](https://mrud.ir)\n\n> نقل [بی](<>)",
    "```\nکد\n```",
    "**`کد`** ~~[`a`](https://a.ir)~~ _a*b_ **متن:**بعد *یک **دو** سه* [الف [ب]](https://a.ir)",
    "https://t.me/x {نیست} ** ![a](https://a.ir/b.png) ![خالی]() شنبه ۲ آذر ۱۴۰۵ ```",
    '[a](https://a.ir "عنوان") كتابي',
    "واژه " * 3000,
    " ",
)
PHOTO = Media(
    digest="1" * 64,
    kind=MediaKind.PHOTO,
    name="عکس یک.jpg",
    mime="image/jpeg",
    size=900,
    width=600,
    height=400,
)
FILES = (
    (),
    (PHOTO, replace(PHOTO, digest="2" * 64)),
    (replace(PHOTO, width=9000, height=9000),),
    (replace(PHOTO, width=9000, height=90),),
    (replace(PHOTO, width=90_000, height=9_000),),
    (replace(PHOTO, frames=7),),
    (replace(PHOTO, size=10**9),),
    (replace(PHOTO, kind=MediaKind.DOCUMENT),),
    (replace(PHOTO, kind=MediaKind.VOICE, mime="audio/ogg"),),
    (replace(PHOTO, kind=MediaKind.ANIMATION, mime="image/gif"),),
    (replace(PHOTO, kind=MediaKind.VIDEO, mime="video/webm"),),
)
STEPS = (
    "picture scaled 6000x4000 → 2560x1707, white around it to 2560x1800, JPEG 85",
    "picture converted from HEIC, white behind what was transparent, JPEG 85",
    "picture converted from JPEG, colours of print (CMYK) as RGB, JPEG 85",
)


def said() -> Iterator[str]:
    """Whatever is said of these posts, on every platform."""
    settings: dict[str, Json] = {
        "link_hosts": ["mrud.ir"],
        "link_parameters": {"utm_source": "x"},
        "album": "first",
    }
    for name in NAMES:
        platform = importlib.import_module(f"adapters.{name}.facts").PLATFORM
        for source in SOURCES:
            for files in FILES:
                post = Post(
                    id=1,
                    source=source,
                    media=files,
                    options=Options(silent=True, pin=True, preview=False, album="first"),
                    reply_to=3,
                    due=0,
                    created=0,
                )
                channel = Channel(name="a", account="a", address="@a", options=settings)
                try:
                    found = render(platform, platform.limits, post, channel, due=DUE)
                except RenderError as error:
                    yield str(error)
                    continue
                yield from (*found.lost, *found.notes)
                yield from warnings(
                    source,
                    found,
                    platform.limits,
                    due=DUE.date(),
                    leaving=("t.me",),
                    normalised=False,
                )


def test_every_remark_has_persian_words() -> None:
    remarks = {*said(), *(f"{PHOTO.name}: {each}" for each in STEPS)}
    assert len(remarks) > 40
    assert sorted(each for each in remarks if not in_persian(each)) == []
    for each in remarks:
        words = re.sub("\u2068[^\u2069]*\u2069", "", in_persian(each) or "")
        left = {*re.findall(r"(?<!-)\b[A-Za-z]{3,}", words)} - {"CMYK", "RGB", "JPEG", "long"}
        assert left == set(), (each, words)


@pytest.mark.parametrize(
    ("remark", "words"),
    [
        ("2 of 3 pictures left out", "۲ عکس از ۳ عکس نمی‌رود"),
        ("links cannot lead to a.pdf: written out", "پیوند به \u2068a.pdf\u2069 ممکن نیست؛"),
        (
            "عکس.jpg: picture scaled 6000x4000 → 2560x1707, JPEG 85",
            "\u2068عکس.jpg\u2069: عکس از ۶۰۰۰×۴۰۰۰ به ۲۵۶۰×۱۷۰۷ کوچک شد، JPEG با کیفیت ۸۵",
        ),
        ("1 link gets utm_source=bale", "به ۱ پیوند افزوده می‌شود: \u2068utm_source=bale\u2069"),
    ],
)
def test_the_words_are_right(remark: str, words: str) -> None:
    assert (in_persian(remark) or "").startswith(words)


def test_what_nobody_has_put_into_words_is_known_as_such() -> None:
    assert in_persian("a remark of an outside adapter") is None


def test_numbers_are_persian() -> None:
    assert number(1024) == "۱٬۰۲۴"
    assert size(2_050_000) == "۲٫۰۵ مگابایت"
    assert size(12) == "۱۲ بایت"


def test_a_conversion_is_what_the_converter_says() -> None:
    made = Conversion(of="1" * 64, media=PHOTO, loss=STEPS[0])
    assert in_persian(f"x: {made.loss}")
