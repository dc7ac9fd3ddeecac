"""Which pictures are converted for whom, and what becomes of several where there are no albums."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from broadcaster.adapter import Platform
from broadcaster.model import Channel, Conversion, Json, Media, MediaKind, Options, Post, Rendering
from broadcaster.text.conversion import fitting, need
from broadcaster.text.render import RenderError, render
from tests.unit.text.test_text_render import DUE, media


def facts(name: str) -> Platform:
    platform: Platform = importlib.import_module(f"adapters.{name}.facts").PLATFORM
    return platform


TELEGRAM, BALE, GAP = facts("telegram"), facts("bale"), facts("gap")
LARGE = media(number=1, name="بزرگ.jpg", size=20_000_000, width=6000, height=4000)
SMALL = replace(LARGE, digest="2" * 64, size=900_000, width=2560, height=1707)
TINY = replace(LARGE, digest="3" * 64, size=90_000, width=800, height=533)
MADE = Conversion(of=LARGE.digest, media=SMALL, loss="picture scaled 6000x4000 → 2560x1707")


def shown(
    platform: Platform,
    *files: Media,
    converted: tuple[Conversion, ...] = (),
    options: Options | None = None,
    settings: dict[str, Json] | None = None,
) -> Rendering:
    post = Post(
        id=1,
        source="خبر",
        media=files,
        converted=converted,
        options=options or Options(),
        due=0,
        created=0,
    )
    channel = Channel(name="news", account="a", address="@news", options=settings or {})
    return render(platform, platform.limits, post, channel, due=DUE)


def test_only_what_a_platform_refuses_is_converted() -> None:
    assert need(TELEGRAM, TELEGRAM.limits, SMALL) is None
    assert need(TELEGRAM, TELEGRAM.limits, media(MediaKind.VIDEO)) is None
    assert need(TELEGRAM, TELEGRAM.limits, replace(SMALL, frames=3)) is None
    assert need(TELEGRAM, TELEGRAM.limits, media(MediaKind.DOCUMENT)) is None
    found = need(TELEGRAM, TELEGRAM.limits, LARGE)
    assert found
    assert found.size == TELEGRAM.limits.media[MediaKind.PHOTO].value
    camera = media(MediaKind.DOCUMENT, mime="image/heic")
    assert need(BALE, BALE.limits, camera)
    assert need(BALE, BALE.limits, replace(SMALL, colours="cmyk"))
    assert need(BALE, BALE.limits, replace(camera, mime="application/pdf")) is None


def test_the_largest_that_fits_stands_for_it() -> None:
    tiny = replace(MADE, media=TINY)
    assert fitting(TELEGRAM, TELEGRAM.limits, LARGE, (tiny, MADE)) is MADE
    assert fitting(TELEGRAM, TELEGRAM.limits, SMALL, (tiny, MADE)) is None
    other = replace(MADE, of="9" * 64)
    assert fitting(TELEGRAM, TELEGRAM.limits, LARGE, (other,)) is None


@pytest.mark.parametrize(
    ("chosen", "config", "happens"),
    [(True, False, True), (None, True, True), (False, True, False), (None, False, False)],
)
def test_a_person_says_more_than_the_config(
    chosen: bool | None, config: bool, happens: bool
) -> None:
    options, settings = Options(convert=chosen), {"convert": config}
    if not happens:
        with pytest.raises(RenderError, match="too large"):
            shown(TELEGRAM, LARGE, converted=(MADE,), options=options, settings={**settings})
        return
    found = shown(TELEGRAM, LARGE, converted=(MADE,), options=options, settings={**settings})
    assert found.messages[0].media == (SMALL,)
    assert found.lost == (f"بزرگ.jpg: {MADE.loss}",)


def test_others_get_the_file_as_it_is() -> None:
    igap = facts("soroush")
    options = Options(convert=True)
    assert shown(igap, LARGE, converted=(MADE,), options=options).messages[0].media == (LARGE,)


def test_the_first_picture_stands_for_an_album() -> None:
    files = [media(number=n) for n in range(3)]
    paper = media(MediaKind.DOCUMENT, 9, mime="application/pdf")
    all_of_them = shown(GAP, *files, paper)
    assert len(all_of_them.messages) == 4
    for options, settings in (
        (Options(album="first"), None),
        (Options(), {"album": "first"}),
        (Options(album="first"), {"album": "all"}),
    ):
        first = shown(GAP, *files, paper, options=options, settings=settings)  # type: ignore[arg-type]
        sent = [each.digest for message in first.messages for each in message.media]
        assert sent == [files[0].digest, paper.digest]
        assert "2 of 3 pictures left out" in first.lost
    kept = shown(GAP, *files, options=Options(album="all"), settings={"album": "first"})
    assert len(kept.messages) == 3
    album = shown(TELEGRAM, *files, options=Options(album="first"))
    assert len(album.messages[0].media) == 3
    assert album.lost == ()
