"""Whether a message in doubt is on the public page: found only surely, absent only surely."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from broadcaster.adapter import Absent, Call, Found, Hidden, Present, Undecided
from broadcaster.errors import OutcomeUnknown, SendError, Unavailable
from broadcaster.kit import reader
from broadcaster.kit.page import Shown
from broadcaster.kit.reader import PublicPages, judge
from broadcaster.model import Account, Channel, Media, MediaKind, Message, Secret
from broadcaster.testing.loopback import Loopback, answer, refused_port

SENT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SINCE = SENT - timedelta(minutes=1)
TEXT = "وزارت راه:\n\nجاده‌ی چالوس   بسته است"
WORDS = "وزارت راه: جاده‌ی چالوس بسته است"
TOKEN = Secret("123456789:AAsecretAAsecretAAsecret")


def shown(
    own: str, minutes: float | None, text: str = "", *media: str, items: tuple[str, ...] = ()
) -> Shown:
    """A post of this id, so many minutes after the attempt."""
    at = None if minutes is None else SENT + timedelta(minutes=minutes)
    kinds = frozenset(media)
    return Shown(ids=(own, *items), at=at, text=text, media=kinds, files=len(media))


OLD, LATER = shown("90", -60, "پیش از آن"), shown("150", 5, "پس از آن")


def file(kind: MediaKind = MediaKind.PHOTO, digest: str = "d") -> Media:
    return Media(digest=digest, kind=kind, name="n", mime="", size=1)


def judged(
    *posts: Shown,
    text: str = TEXT,
    media: tuple[Media, ...] = (),
    known: tuple[str, ...] = (),
    whole: bool = True,
) -> Found:
    message = Message(index=0, text=text, media=media)
    return judge(message, posts, since=SINCE, known=frozenset(known), whole=whole)


# --- presence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-1, -0.5, 0, 600])
def test_the_whole_text_not_before_the_attempt_is_found(minutes: float) -> None:
    assert judged(OLD, shown("100", minutes, WORDS)) == Present(ids=("100",))


@pytest.mark.parametrize(
    "other",
    [
        shown("100", -1.1, WORDS),
        shown("100", 1, f"{WORDS} …"),
        shown("100", 1, WORDS[:-1]),
        shown("100", 1, ""),
    ],
)
def test_an_older_post_or_a_part_of_the_text_is_another_message(other: Shown) -> None:
    assert isinstance(judged(OLD, other, LATER), Absent)


def test_a_post_that_a_receipt_owns_is_another_message() -> None:
    twin = shown("100", 0, WORDS)
    assert isinstance(judged(OLD, twin, LATER, known=("100",)), Absent)
    assert judged(OLD, twin, shown("101", 1, WORDS), known=("100",)) == Present(ids=("101",))


def test_twin_texts_are_undecided() -> None:
    found = judged(OLD, shown("100", 0, WORDS), shown("101", 1, WORDS), LATER)
    assert isinstance(found, Undecided)
    assert "100, 101" in found.why


def test_a_post_without_a_time_is_undecided() -> None:
    assert isinstance(judged(OLD, shown("100", None, WORDS), LATER), Undecided)
    assert isinstance(judged(OLD, shown("100", None, "دیگر"), LATER), Undecided)


def test_a_text_with_other_files_is_undecided() -> None:
    assert isinstance(judged(OLD, shown("100", 0, WORDS, "photo")), Undecided)
    assert isinstance(judged(OLD, shown("100", 0, WORDS, "document"), media=(file(),)), Undecided)


@pytest.mark.parametrize("media", [(), ("photo",)])
def test_a_caption_is_found_even_if_the_page_does_not_say_what_it_shows(
    media: tuple[str, ...],
) -> None:
    assert judged(OLD, shown("100", 0, WORDS, *media), media=(file(),)) == Present(ids=("100",))


@pytest.mark.parametrize(
    ("kind", "as_shown"),
    [
        (MediaKind.PHOTO, "photo"),
        (MediaKind.VIDEO, "video"),
        (MediaKind.ANIMATION, "video"),
        (MediaKind.DOCUMENT, "document"),
        (MediaKind.AUDIO, "document"),
        (MediaKind.VOICE, "voice"),
    ],
)
def test_a_file_without_words_is_found_by_time_and_kind(kind: MediaKind, as_shown: str) -> None:
    own = shown("100", 0, "", as_shown)
    other = shown("101", 1, "", "sticker")
    assert judged(OLD, own, other, text="", media=(file(kind),)) == Present(ids=("100",))


@pytest.mark.parametrize(
    "posts",
    [
        (shown("100", 0, "", "photo"), shown("101", 1, "", "photo")),
        (shown("100", 0, "", "photo"), shown("101", 1)),
        (shown("100", 0),),
    ],
)
def test_files_without_words_that_could_be_two_are_undecided(posts: tuple[Shown, ...]) -> None:
    assert isinstance(judged(OLD, *posts, LATER, text="", media=(file(),)), Undecided)


ALBUM = (file(), file(MediaKind.VIDEO, "e"), file(digest="f"))


@pytest.mark.parametrize("text", [TEXT, ""])
@pytest.mark.parametrize("items", [(), ("101", "102")])
def test_an_album_in_one_piece_is_found_with_all_its_ids(text: str, items: tuple[str, ...]) -> None:
    words = WORDS if text else ""
    whole = shown("100", 0, words, "photo", "video", "photo", items=items)
    found = Present(ids=("100", "101", "102"))
    assert judged(OLD, whole, text=text, media=ALBUM) == found
    assert judged(OLD, whole, shown("103", 1, "x"), text=text, media=ALBUM) == found


@pytest.mark.parametrize("text", [TEXT, ""])
def test_an_album_that_shows_another_number_of_files_is_undecided(text: str) -> None:
    words = WORDS if text else ""
    for other in (
        shown("100", 0, words, "photo", "video"),
        shown("100", 0, words, "photo", "video", items=("101",)),
        shown("100", 0, words, "photo", "video", "photo", "photo"),
    ):
        assert isinstance(judged(OLD, other, text=text, media=ALBUM), Undecided)
    several = shown("100", 0, words, "photo", "photo")
    assert isinstance(judged(OLD, several, text=text, media=(file(),)), Undecided)


def test_an_album_never_takes_the_ids_of_other_posts() -> None:
    whole = shown("100", 0, WORDS, "photo", "video", "photo")
    assert isinstance(judged(OLD, whole, shown("102", 1, "x"), media=ALBUM), Undecided)
    assert isinstance(judged(OLD, whole, media=ALBUM, known=("101",)), Undecided)


def test_an_album_in_pieces_is_found_behind_its_caption() -> None:
    pieces = [shown("100", 0, WORDS, "photo"), shown("101", 0, "", "video")]
    assert isinstance(judged(OLD, *pieces, media=ALBUM), Undecided)
    pieces.append(shown("102", 0, "", "photo"))
    assert judged(OLD, *pieces, media=ALBUM) == Present(ids=("100", "101", "102"))
    assert isinstance(judged(OLD, *pieces, media=ALBUM, known=("102",)), Undecided)


# --- absence -------------------------------------------------------------------------------------


def test_absence_names_the_newest_post() -> None:
    assert judged(OLD, LATER) == Absent(newest_at=SENT + timedelta(minutes=5))


@pytest.mark.parametrize("minutes", [-60, 0, 0.9])
def test_a_page_that_shows_nothing_later_may_be_an_old_copy(minutes: float) -> None:
    found = judged(shown("90", -90, "کهنه"), shown("91", minutes, "دیگر"))
    assert isinstance(found, Undecided)
    assert "old copy" in found.why


def test_an_attempt_that_the_page_has_scrolled_past_is_undecided() -> None:
    assert isinstance(judged(LATER, whole=False), Undecided)


def test_a_page_without_posts_is_undecided() -> None:
    assert isinstance(judged(), Undecided)
    assert isinstance(judged(shown("100", None, "x")), Undecided)


def test_an_edited_post_may_be_ours() -> None:
    edited = Shown(ids=("100",), at=SENT, text="متن دیگر", edited=True)
    assert isinstance(judged(OLD, edited, LATER), Undecided)
    assert isinstance(judged(OLD, edited, LATER, known=("100",)), Absent)


# --- fetching ------------------------------------------------------------------------------------


def page(*posts: Shown) -> bytes:
    rows = "".join(
        f'<div class="tgme_widget_message" data-post="akhbar/{each.id}">'
        f'<div class="tgme_widget_message_text">{each.text}</div>'
        f'<time datetime="{each.at.isoformat() if each.at else ""}"></time></div>'
        for each in posts
    )
    counter = '<p class="tgme_channel_info_counter"><b class="counter_value">۱۲</b> عضو</p>'
    return answer(200, f"<html>{counter}{rows}</html>".encode())


MakePages = Callable[..., PublicPages]


@pytest.fixture
async def pages() -> AsyncIterator[MakePages]:
    made: list[PublicPages] = []

    def at(reader_url: str | None, proxy: str | None = None) -> PublicPages:
        account = Account(
            name="a",
            platform="p",
            token=TOKEN,
            base_url="http://127.0.0.1:1",
            reader_url=reader_url,
            proxy=proxy,
        )
        made.append(
            PublicPages(
                account, prefix="tgme_", path="/s/{name}", name=lambda channel: channel.username
            )
        )
        return made[-1]

    yield at
    for each in made:
        await each.close()


def sought(found_in: PublicPages, call: Callable[..., Call], **channel: Any) -> Any:
    return found_in.find(call(**channel), since=SINCE, known=frozenset())


@pytest.fixture
def call() -> Callable[..., Call]:
    import time

    def of(username: str = "akhbar") -> Call:
        return Call(
            channel=Channel(name="news", account="a", address="5", username=username),
            message=Message(index=0, text=TEXT),
            key="k",
            deadline=time.monotonic() + 10,
        )

    return of


async def test_one_page_is_enough_and_never_sees_the_token(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    async with Loopback(page(OLD, shown("100", 0, WORDS))) as server:
        assert await sought(pages(server.url), call) == Present(ids=("100",))
    (asked,) = server.received
    assert asked.startswith(b"GET /s/akhbar HTTP/1.1")
    assert TOKEN.reveal().encode() not in asked


async def test_older_pages_are_turned_until_the_attempt(
    pages: MakePages, call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "BETWEEN_S", 0.0)
    told = {
        "": page(shown("120", 9, "نو"), shown("121", 10, "نوتر")),
        "120": page(shown("110", 8, "نو")),
        "110": page(shown("100", 0, WORDS), OLD),
    }

    def say(raw: bytes) -> bytes:
        query = urlsplit(raw.split(b" ", 2)[1].decode()).query
        return told[parse_qs(query).get("before", [""])[0]]

    async with Loopback(say) as server:
        assert await sought(pages(server.url), call) == Present(ids=("100",))
        assert len(server.received) == 3
        told["110"] = page()  # the channel has no older post
        assert isinstance(await sought(pages(server.url), call), Absent)


async def test_pages_that_lead_nowhere_are_turned_a_few_times_only(
    pages: MakePages, call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "BETWEEN_S", 0.0)
    async with Loopback(page(LATER)) as same:
        assert isinstance(await sought(pages(same.url), call), Undecided)
        assert len(same.received) == 2
    endless = iter(range(10_000, 0, -1))
    async with Loopback(lambda _: page(shown(str(next(endless)), 9, "نو"))) as server:
        assert isinstance(await sought(pages(server.url), call), Undecided)
        assert len(server.received) == 1 + reader.OLDER_PAGES


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(302, b"", b"Location: https://peyvandha.ir"), "leads elsewhere"),
        (answer(302, b""), "leads elsewhere"),
        (answer(403, b"<html>"), "403"),
        (answer(502, b"<html>"), "502"),
        (answer(200, b"<html>captcha</html>"), "no posts"),
        (answer(200, b"\xff\xfe"), "no posts"),
    ],
)
async def test_a_page_that_cannot_be_read_is_undecided(
    pages: MakePages, call: Callable[..., Call], said: bytes, why: str
) -> None:
    async with Loopback(said) as server:
        found = await sought(pages(server.url), call)
    assert isinstance(found, Undecided)
    assert why in found.why


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(302, b"", b"Location: https://t.me/Akhbar"), "no public preview"),
        (answer(302, b"", b"Location: /akhbar"), "no public preview"),
        (answer(404, b"<html>"), "404"),
        (answer(410, b"<html>"), "410"),
    ],
)
async def test_a_channel_that_shows_its_posts_to_nobody_is_hidden(
    pages: MakePages, call: Callable[..., Call], said: bytes, why: str
) -> None:
    async with Loopback(said) as server:
        found = await sought(pages(server.url), call)
    assert isinstance(found, Hidden)
    assert why in found.why


async def test_a_channel_without_a_public_name_is_hidden(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    async with Loopback(page()) as server:
        there = pages(server.url)
        assert isinstance(await sought(there, call, username=""), Hidden)
        assert "username" in there.hidden(call(username="").channel)
        assert there.hidden(call().channel) == ""
        assert isinstance(await sought(pages(None), call), Hidden)
        assert server.received == []


async def test_a_host_that_is_down_says_so(pages: MakePages, call: Callable[..., Call]) -> None:
    with pytest.raises(SendError):
        await sought(pages(f"http://127.0.0.1:{refused_port()}"), call)


async def test_the_proxy_of_the_account_is_used(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    async with Loopback(page(OLD, shown("100", 0, WORDS))) as proxy:
        found = await sought(pages("http://t.invalid", proxy.url), call)
    assert found == Present(ids=("100",))
    assert proxy.received[0].startswith(b"GET http://t.invalid/s/akhbar ")
    with pytest.raises(Unavailable):
        await sought(pages("http://t.invalid", f"http://127.0.0.1:{refused_port()}"), call)


async def test_followers_are_counted_on_the_page(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    channel = call().channel
    async with Loopback(page()) as server:
        audience = await pages(server.url).audience(channel)
        assert (audience.number, audience.exact) == (12, True)
        for said in (answer(302, b""), answer(200, b"<html></html>")):
            server.answer = said
            with pytest.raises(OutcomeUnknown):
                await pages(server.url).audience(channel)


async def test_on_a_page_that_is_too_long_nothing_is_absent(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    long = page(OLD, LATER, shown("151", 6, "و" * 300_000))
    async with Loopback(long) as server:
        found = await sought(pages(server.url), call)
    assert isinstance(found, Undecided)
    assert "too long" in found.why
    async with Loopback(
        page(OLD, shown("100", 0, WORDS), shown("151", 6, "و" * 300_000))
    ) as server:
        assert await sought(pages(server.url), call) == Present(ids=("100",)), (
            "what was read counts"
        )


async def test_while_a_page_is_read_everything_else_goes_on(
    pages: MakePages, call: Callable[..., Call]
) -> None:
    made_to_last = answer(200, b"<b><i>" * 90_000)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    async with Loopback(made_to_last) as server:
        ticking = asyncio.create_task(tick())
        looking = asyncio.create_task(sought(pages(server.url), call))
        await server.asked.wait()
        ticks = 0
        assert isinstance(await looking, Undecided)
        ticking.cancel()
    assert ticks > 5
