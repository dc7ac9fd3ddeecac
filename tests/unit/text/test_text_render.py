"""Whole posts: every platform of ours, captions, albums, flags, endings, and what is lost."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapter import AlbumMix, Fact, Limits, Measure, Platform, Shape
from broadcaster.model import (
    Channel,
    Json,
    Media,
    MediaKind,
    Message,
    Options,
    Post,
    Rendering,
    Verb,
)
from broadcaster.text.markdown import read
from broadcaster.text.measure import measure
from broadcaster.text.render import RenderError, render

DUE = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NAMES = ("telegram", "bale", "igap", "rubika", "soroush", "eitaa", "gap")
PLATFORMS: dict[str, Platform] = {
    name: importlib.import_module(f"adapters.{name}.facts").PLATFORM for name in NAMES
}
TELEGRAM, BALE, IGAP = PLATFORMS["telegram"], PLATFORMS["bale"], PLATFORMS["igap"]


def media(kind: MediaKind = MediaKind.PHOTO, number: int = 0, **more: object) -> Media:
    mime = {"photo": "image/jpeg", "video": "video/mp4", "animation": "image/gif"}
    mime |= {"audio": "audio/mpeg", "voice": "audio/ogg"}
    item = Media(
        digest=f"{number:064x}",
        kind=kind,
        name=f"{kind}-{number}",
        mime=mime.get(kind, "application/pdf"),
        size=1000,
    )
    return replace(item, **more)  # type: ignore[arg-type]


def made(
    source: str,
    platform: Platform = TELEGRAM,
    *files: Media,
    options: Options | None = None,
    limits: Limits | None = None,
    settings: Mapping[str, Json] | None = None,
    texts: Mapping[str, str] | None = None,
    reply_to: int | None = None,
) -> Rendering:
    post = Post(
        id=1,
        source=source,
        media=files,
        options=options or Options(),
        texts=texts or {},
        due=0,
        created=0,
        reply_to=reply_to,
    )
    channel = Channel(name="news", account="a", address="@news", options=settings or {})
    return render(platform, limits or platform.limits, post, channel, due=DUE)


def words(rendering: Rendering) -> list[str]:
    return [message.text for message in rendering.messages]


@pytest.mark.parametrize("name", NAMES)
def test_a_long_announcement_fits_every_platform_and_loses_no_word(name: str) -> None:
    platform = PLATFORMS[name]
    sentences = [f"بند{n} «می‌آید» **مهم{n}** و می‌رود." for n in range(900)]
    paragraphs = [" ".join(sentences[n : n + 7]) for n in range(0, 900, 7)]
    rendering = made("# عنوان\n\n" + "\n\n".join(paragraphs), platform)
    assert len(rendering.messages) > 3
    for message in rendering.messages:
        limit = platform.limits.text.value
        assert limit is not None
        assert measure(message.text, platform.limits.measure) <= limit
    seen = " ".join(words(rendering)).replace("*", "")
    assert [word for word in seen.split() if word.startswith("بند")] == [
        f"بند{n}" for n in range(900)
    ]
    assert [message.index for message in rendering.messages] == [*range(len(rendering.messages))]


def test_the_digest_is_of_what_would_be_sent() -> None:
    one = made("متن")
    assert one.digest == made("متن").digest
    others = [
        made("متن دیگر"),
        made("**متن**"),
        made("متن", TELEGRAM, media()),
        made("متن", options=Options(silent=True)),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 5


def test_a_caption_that_fits_stays_with_its_file() -> None:
    rendering = made("متن", TELEGRAM, media())
    assert words(rendering) == ["متن"]
    assert rendering.messages[0].media
    assert rendering.lost == ()


def test_a_long_caption_keeps_its_first_paragraphs_and_the_rest_follows() -> None:
    first, rest = "عنوان مهم", "واژه " * 400
    rendering = made(f"{first}\n\n{rest}", TELEGRAM, media())
    assert words(rendering) == [first, rest.strip()]
    assert [bool(message.media) for message in rendering.messages] == [True, False]


def test_a_long_first_paragraph_follows_its_file_as_a_whole() -> None:
    rendering = made("واژه " * 400, TELEGRAM, media())
    assert words(rendering) == ["", ("واژه " * 400).strip()]


def test_albums_take_what_may_stand_together() -> None:
    files = [media(MediaKind.PHOTO, n) for n in range(11)] + [media(MediaKind.VIDEO, 11)]
    files += [media(MediaKind.DOCUMENT, n) for n in (12, 13)] + [media(MediaKind.VOICE, 14)]
    rendering = made("متن", TELEGRAM, *files)
    assert [len(message.media) for message in rendering.messages] == [6, 6, 2, 1]
    assert [each for message in rendering.messages for each in message.media] == files
    assert words(rendering) == ["متن", "", "", ""]
    assert any("15 files" in said for said in rendering.lost)


def test_without_albums_each_file_is_a_message() -> None:
    rendering = made("متن", PLATFORMS["rubika"], media(), media(number=1))
    assert [len(message.media) for message in rendering.messages] == [1, 1]
    assert words(rendering) == ["متن", ""]
    assert any("2 files" in said for said in rendering.lost)


def limited(*kinds: MediaKind, most: int = 10_000, mix: AlbumMix = AlbumMix.NONE) -> Limits:
    return replace(
        TELEGRAM.limits,
        media={kind: Fact(value=most, source="a test") for kind in kinds},
        album_mix=mix,
    )


@pytest.mark.parametrize(
    ("file", "kinds", "sent"),
    [
        (media(MediaKind.ANIMATION, mime="video/mp4"), ["video", "document"], "video"),
        (media(MediaKind.ANIMATION), ["video", "document"], "document"),
        (media(MediaKind.VOICE), ["audio", "document"], "audio"),
        (media(MediaKind.VOICE), ["document"], "document"),
        (media(MediaKind.PHOTO), ["document", "video"], "document"),
    ],
)
def test_a_kind_that_is_missing_is_sent_as_a_wider_one(
    file: Media, kinds: list[str], sent: str
) -> None:
    rendering = made("متن", TELEGRAM, file, limits=limited(*map(MediaKind, kinds)))
    assert rendering.messages[0].media[0].kind == sent
    assert any(f"sent as a {sent}" in said for said in rendering.lost)


@pytest.mark.parametrize(
    ("width", "height", "sent", "why"),
    [
        (5000, 5000, "photo", ""),
        (1080, 9200, "document", "10,000 together"),
        (2000, 100, "photo", ""),
        (2100, 100, "document", "20 times"),
        (100, 2100, "document", "20 times"),
        (None, None, "photo", ""),
    ],
)
def test_a_photo_that_would_be_refused_for_its_shape_is_a_document(
    width: int | None, height: int | None, sent: str, why: str
) -> None:
    file = media(width=width, height=height)
    rendering = made("متن", TELEGRAM, file)
    assert rendering.messages[0].media[0].kind == sent
    assert [why in said and "sent as a document" in said for said in rendering.lost] == (
        [True] if why else []
    )


def test_a_photo_of_another_shape_leaves_the_album() -> None:
    """One item that is refused would take all the others with it."""
    files = [media(number=1), media(number=2, width=2100, height=100), media(number=3)]
    rendering = made("متن", TELEGRAM, *files)
    kinds = [[each.kind for each in message.media] for message in rendering.messages]
    assert kinds == [["photo"], ["document"], ["photo"]]
    assert len(rendering.lost) == 2


def test_nobody_shows_a_picture_that_decoders_take_for_a_bomb() -> None:
    file = media(width=14_000, height=14_000)
    for name in ("gap", "soroush", "bale"):
        rendering = made("متن", PLATFORMS[name], file)
        assert rendering.messages[0].media[0].kind is MediaKind.DOCUMENT
        assert any("14,000 x 14,000" in said for said in rendering.lost)


def test_a_picture_that_moves_is_a_document_or_said_to_stand_still() -> None:
    file = media(mime="image/webp", frames=3)
    rendering = made("متن", TELEGRAM, file)
    assert rendering.messages[0].media[0].kind is MediaKind.DOCUMENT
    assert any("moves" in said for said in rendering.lost)
    for platform, limits in (
        (TELEGRAM, limited(MediaKind.PHOTO)),
        (PLATFORMS["eitaa"], PLATFORMS["eitaa"].limits),  # it tells by itself what a file is
    ):
        rendering = made("متن", platform, file, limits=limits)
        assert rendering.messages[0].media[0].kind is MediaKind.PHOTO
        assert any("stands still" in said for said in rendering.lost)


def test_a_damaged_picture_is_a_document_and_named() -> None:
    damaged = media(MediaKind.DOCUMENT, mime="image/png")
    (said,) = made("متن", TELEGRAM, damaged).lost
    assert "cannot be read" in said
    assert made("متن", TELEGRAM, media(MediaKind.DOCUMENT, mime="application/pdf")).lost == ()


@pytest.mark.parametrize(
    ("kind", "mime", "sent"),
    [
        ("photo", "image/webp", "photo"),
        ("video", "video/mp4", "video"),
        ("video", "video/quicktime", "document"),
        ("audio", "audio/mpeg", "audio"),
        ("audio", "audio/flac", "document"),
        ("voice", "audio/ogg", "document"),
        ("animation", "image/gif", "document"),
    ],
)
def test_a_format_that_a_kind_may_not_have_is_a_document(kind: str, mime: str, sent: str) -> None:
    file = media(MediaKind(kind), mime=mime)
    rendering = made("متن", PLATFORMS["rubika"], file)
    assert rendering.messages[0].media[0].kind == sent
    assert [mime in said for said in rendering.lost] == ([] if sent == kind else [True])


def test_words_of_a_file_without_a_caption_are_a_message_of_their_own() -> None:
    rendering = made("متن", PLATFORMS["bale"], media(MediaKind.ANIMATION))
    assert words(rendering) == ["", "متن"]
    assert [len(message.media) for message in rendering.messages] == [1, 0]


def test_what_fits_no_kind_is_refused_with_its_reason() -> None:
    narrow = replace(limited(MediaKind.PHOTO), photo=Fact(value=Shape(sides=100), source="a test"))
    with pytest.raises(RenderError, match=r"photo-0 cannot be sent.* 100 together"):
        made("متن", TELEGRAM, media(width=60, height=60), limits=narrow)


@pytest.mark.parametrize(
    ("file", "limits", "said"),
    [
        (media(MediaKind.DOCUMENT), limited(MediaKind.PHOTO), "telegram takes no document"),
        (media(), limited(), "only text"),
        (media(size=20_000), limited(MediaKind.PHOTO), "20,000 bytes.* 10,000"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_numbers(
    file: Media, limits: Limits, said: str
) -> None:
    with pytest.raises(RenderError, match=said):
        made("متن", TELEGRAM, file, limits=limits)


@pytest.mark.parametrize("source", ["", "  \n", "\n\n\n", "\u200c\u200b"])
def test_nothing_to_see_is_refused(source: str) -> None:
    with pytest.raises(RenderError, match="nothing"):
        made(source, settings={"signature": "وزارت"})


def test_a_limit_that_nothing_fits_is_refused() -> None:
    tiny = replace(TELEGRAM.limits, text=Fact(value=1, source="a test"))
    with pytest.raises(RenderError, match=r"telegram.*too small"):
        made("🙂🙂", limits=tiny)


def test_a_file_needs_no_words() -> None:
    rendering = made("", TELEGRAM, media())
    assert words(rendering) == [""]
    assert rendering.messages[0].markup == {}


def test_flags_go_where_they_exist_and_are_lost_elsewhere() -> None:
    wanted = Options(silent=True, pin=True, preview=False)
    telegram = made("https://mrud.ir", options=wanted)
    assert [message.verb for message in telegram.messages] == [Verb.SEND, Verb.PIN]
    assert telegram.messages[0].silent
    assert not telegram.messages[0].preview
    assert (telegram.messages[1].index, telegram.messages[1].acts_on) == (1, 0)
    assert telegram.lost == ()
    igap = made("https://mrud.ir", IGAP, options=wanted)
    assert igap.messages == (Message(index=0, text="https://mrud.ir"),)
    assert len(igap.lost) == 3
    eitaa = made("متن", PLATFORMS["eitaa"], options=wanted)
    assert [message.pin for message in eitaa.messages] == [PLATFORMS["eitaa"].limits.pin_at_send]


def test_a_channel_may_do_without_previews() -> None:
    assert not made("https://mrud.ir", settings={"preview": False}).messages[0].preview


def test_endings_belong_to_every_post() -> None:
    settings: dict[str, Json] = {
        "signature": "**وزارت {name}**\n{channel_link}",
        "hashtags": ["اطلاعیه", "#راه آهن"],
        "variables": {"name": "راه"},
        "link": "https://t.me/news",
    }
    rendering = made("متن", settings=settings)
    assert words(rendering) == ["متن\n\nوزارت راه\nhttps://t.me/news\n\n#اطلاعیه #راه_آهن"]
    assert words(made("", TELEGRAM, media(), settings=settings))[0].startswith("وزارت راه")


def test_a_channel_may_have_a_text_of_its_own() -> None:
    assert words(made("متن", texts={"news": "دیگر"})) == ["دیگر"]
    assert words(made("متن", texts={"other": "دیگر"})) == ["متن"]


@pytest.mark.parametrize(
    ("written", "settings", "shown"),
    [
        ("{weekday} {date} ساعت {time}", {}, "دوشنبه ۲ آذر ۱۴۰۵ ساعت ۱۴:۳۰"),
        ("{date}", {"language": "en", "calendar": "gregorian"}, "23 November 2026"),
        ("{time}", {"zone": "UTC"}, "۱۱:۰۰"),
        ("{{date}} {unknown} {{unknown}} {} {", {}, "{date} {unknown} {{unknown}} {} {"),
        ("{channel_link}", {}, "{channel_link}"),
        ("{own}", {"variables": {"own": "«{weekday}» {own}"}}, "«دوشنبه» {own}"),
        ("{وزیر}", {"variables": {"وزیر": "ایشان"}}, "ایشان"),
    ],
)
def test_variables_stand_for_the_hour_when_it_is_due(
    written: str, settings: dict[str, Json], shown: str
) -> None:
    assert words(made(written, settings=settings)) == [shown]


def test_parts_are_marked_where_wanted() -> None:
    long = "\n\n".join(f"بند {n} " + "واژه " * 150 for n in range(14))
    settings: dict[str, Json] = {"part_marks": True}
    parts = words(made(long, settings=settings))
    count = len(parts)
    assert count > 2
    digits = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    for number, part in enumerate(parts, 1):
        assert part.endswith(f"\n\n({number}/{count})".translate(digits))
        assert measure(part, Measure.UTF16) <= 4096
    for short in ("کوتاه", "ا" * 4096):
        assert words(made(short, settings=settings)) == [short]
    files = words(made("واژه " * 300, TELEGRAM, media(), settings=settings))
    assert files == ["", ("واژه " * 300).strip()]


def test_what_is_not_shown_is_said() -> None:
    source = "**الف** *ب* ~~پ~~ ||ت|| `ث` [ج](https://mrud.ir)\n\n> چ\n\n```\nح\n```"
    assert made(source).lost == ()
    assert len(made(source, IGAP).lost) == 7
    assert "spoilers are shown openly" in made(source, BALE).lost
    assert made("ساده", IGAP).lost == ()
    assert any(
        "reply" in said
        for said in made(
            "متن", replace(IGAP, limits=replace(IGAP.limits, reply=False)), reply_to=3
        ).lost
    )


@given(st.integers(1, 60), st.integers(0, 3), st.sampled_from(NAMES))
def test_files_keep_their_order_and_appear_once(count: int, kinds: int, name: str) -> None:
    platform = PLATFORMS[name]
    every = [kind for kind in MediaKind if kind in platform.limits.media][: kinds + 1]
    if not every:
        return
    files = [media(every[n * 7 % len(every)], n) for n in range(count)]
    rendering = made("متن", platform, *files)
    assert [each for message in rendering.messages for each in message.media] == files
    assert rendering.messages[0].text == "متن"


PIECES = [
    *("متن", "می‌رود", "«نقل»", "**", "*", "_", "~~", "||", "`", "[", "]", "(", ")", ":", "،", "!"),
    *(
        " ",
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
        "🇮🇷",
    ),
    *("\u200c", "\u200f", "https://mrud.ir/a_b", "[راه](https://mrud.ir/x)", "#تگ_ها", "@a_b"),
    *("---", "\n```\n", "وزارت راه و شهرسازی اعلام کرد. ", "|الف|ب|\n|-|-|\n|پ|ت|\n", "C++"),
]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=50).map("".join),
    st.sampled_from(("telegram", "rubika", "soroush")),
    st.integers(120, 300),
)
def test_the_parts_together_are_what_was_written(source: str, name: str, limit: int) -> None:
    platform = PLATFORMS[name]
    limits = replace(platform.limits, text=Fact(value=limit, source="a test"))
    written = read(source).plain
    try:
        parts = words(made(source, platform, limits=limits))
    except RenderError:
        assert not any(letter.isalnum() for letter in written)
        return
    assert "".join("".join(parts).split()) == "".join(written.split())
    assert all(measure(part, platform.limits.measure) <= limit for part in parts)
