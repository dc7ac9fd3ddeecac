"""What readers see, people and programs, and what a posted text can never do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.sandbox.markup.spans import units
from broadcaster.sandbox.page import times
from broadcaster.sandbox.page.rich import rich
from tests.unit.sandbox.conftest import TOKEN

KINDS = ("bold", "italic", "code", "pre", "text_link", "spoiler", "blockquote", "url", "other")
PIECES = [*"می‌آ <>&\"'/ab\n", "👨", "https://a.ir/"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
URLS = st.sampled_from(["https://a.ir/?x=1&y='\"<", "javascript:alert(1)", "data:text/html,x", ""])


class Reader(HTMLParser):
    """The words, tags and link targets of a piece of HTML."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.open: list[str] = []
        self.feed(said)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _ in attrs} <= {"dir", "href", "rel", "target", "class", "tabindex"}
        if tag == "br":
            self.words += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    text = draw(WORDS)
    numbers = st.integers(0, max(units(text), 1))
    entities = st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS), "offset": numbers, "length": numbers, "url": URLS}
    )
    return text, draw(st.lists(entities, max_size=6))


@given(marked())
def test_a_text_keeps_its_words_and_gets_our_tags_only(
    said: tuple[str, list[dict[str, Any]]],
) -> None:
    text, entities = said
    read = Reader(rich(text, entities))
    assert read.words == text
    assert read.open == []
    assert read.tags <= {"b", "i", "code", "pre", "a", "span", "blockquote", "br"}
    assert all(target.startswith("https://") for target in read.targets)


def test_dates_and_sizes_are_persian() -> None:
    at = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
    assert times.day(at) == "چهارشنبه ۴ آذر ۱۴۰۵"
    assert times.clock(at) == "۰۲:۳۵"
    assert times.size(1536) == "۱٫۵ کیلوبایت"
    assert [times.abbreviated(n) for n in (987, 1204, 3_000_000)] == ["987", "1.2K", "3M"]


async def test_a_public_page_is_what_programs_expect_of_telegram(client: Any) -> None:
    number = await client.say("خط یک\nخط <b>دو</b>")
    page = await client.page("/telegram/reader/s/news")
    assert f'data-post="news/{number}"' in page
    assert re.search(r'class="text tgme_widget_message_text[^>]*>خط یک<br>خط &lt;b&gt;دو', page)
    assert re.search(
        r'tgme_widget_message_date" href="/telegram/reader/news/1">\s*<time [^>]*datetime="20', page
    )
    assert '<span class="counter_value">1.2K</span>' in page
    assert "tgme_channel_info_header_title" in page
    assert "tgme_widget_message" not in await client.page("/telegram/reader/news")
    assert f'data-post="news/{number}"' in await client.page(
        f"/telegram/reader/news/{number}?embed=1"
    )


async def test_pages_turn_by_twenty(client: Any) -> None:
    for n in range(45):
        await client.say(f"پیام {n + 1}")
    newest = await client.page("/telegram/reader/s/news")
    assert _ids(newest) == [*range(26, 46)]
    assert 'data-before="26"' in newest
    older = await client.page("/telegram/reader/s/news?before=26")
    assert _ids(older) == [*range(6, 26)]
    assert _ids(await client.page("/telegram/reader/s/news?before=6")) == [*range(1, 6)]
    assert _ids(await client.page("/telegram/reader/s/news?after=5")) == [*range(6, 26)]


async def test_a_deleted_message_is_gone_for_readers_and_marked_in_the_overview(
    client: Any,
) -> None:
    number = await client.say("اشتباه")
    await client.say("درست")
    await client.call("deleteMessage", chat_id="@news", message_id=number)
    page = await client.page("/telegram/reader/s/news")
    assert _ids(page) == [2]
    assert "اشتباه" not in page
    overview = await client.page("/")
    assert "پیام حذف شد" in overview
    assert "اشتباه" in overview
    await client.page(f"/telegram/reader/news/{number}", code=404)


async def test_the_overview_marks_what_is_edited_pinned_and_silent(client: Any) -> None:
    sent = await client.call("sendMessage", chat_id="@news", text="متن", disable_notification=True)
    number = sent["result"]["message_id"]
    assert "ویرایش‌شده" not in await client.page("/")
    await client.call("editMessageText", chat_id="@news", message_id=number, text="متنِ نو")
    await client.call("pinChatMessage", chat_id="@news", message_id=number)
    page = await client.page("/")
    assert all(word in page for word in ("متنِ نو", "ویرایش‌شده", "سنجاق‌شده", "بی‌صدا"))


async def test_the_overview_of_many_channels_shows_the_newest(client: Any) -> None:
    for n in range(62):
        await client.say("سلام", f"@channel{n}")
    page = await client.page("/")
    assert "۶۰ کانال از ۶۲" in page
    assert "@channel61<" in page
    assert "@channel1<" not in page


async def test_a_page_can_lag_behind_or_be_closed(client: Any, opened: Callable[..., Any]) -> None:
    await client.say("یکم")
    delay = {"platform": "telegram", "name": "reader_delay", "value": "3600"}
    await client.control("switches", delay)
    assert _ids(await client.page("/telegram/reader/s/news")) == []
    await client.page("/telegram/reader/news/1", code=404)
    assert "یکم" in await client.page("/")
    async with opened(None, telegram={"public_page": "off"}) as closed:
        await closed.say("یکم")
        assert "یکم" not in await closed.page("/telegram/reader/s/news")


@pytest.mark.parametrize("path", ["s/nobody", "nobody"])
async def test_a_channel_without_messages_has_a_page(client: Any, path: str) -> None:
    assert "nobody" in await client.page(f"/telegram/reader/{path}")
    assert await client.control("channels") == []


async def test_a_private_link_leads_to_its_message(client: Any) -> None:
    await client.say("یکم", "-1001234567890")
    assert "یکم" in await client.page("/telegram/reader/c/1234567890/1")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.html", b"<script>alert(1)</script>"),
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ],
)
async def test_a_posted_page_is_a_download_and_no_page(
    client: Any, name: str, content: bytes
) -> None:
    await client.upload("sendDocument", name, content, chat_id="@news")
    (entry,) = await client.control("messages")
    (media,) = entry["media"]
    file = (await client.call("getFile", file_id=media["file_id"]))["result"]["file_path"]
    for path in (f"_sandbox/files/{media['sha256']}", f"telegram/file/bot{TOKEN}/{file}"):
        async with client.session.get(f"{client.url}/{path}") as answer:
            assert answer.status == 200
            assert await answer.read() == content
            assert answer.headers["Content-Disposition"] == "attachment"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_bales_page_tells_programs_what_the_channel_is(client: Any) -> None:
    await client.say("یکم", "@akhbar", "bale")
    page = await client.page("/bale/reader/akhbar")
    assert re.search(
        r'<script id="__NEXT_DATA__" type="application/json">\{.*"isChannel": true', page
    )


def _ids(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-post="news/(\d+)"', page)]
