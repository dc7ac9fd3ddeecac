"""The dry run as one HTML page: everything is in it, and nothing in it is markup by accident."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from broadcaster.adapter import Platform
from broadcaster.app.preview_page import page
from broadcaster.config.settings import ChannelSettings
from broadcaster.model import Channel, Media, MediaKind, Options, Post, Verb
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage
from broadcaster.text.measure import measure
from broadcaster.text.render import render

NAMES = ("telegram", "bale", "rubika", "igap")
DUE = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOURCE = (
    '# عنوان\n\n**مهم:**بعد <script>alert("x")</script> &amp; 👨‍👩‍👧‍👦 *کج* ||راز||\n\n'
    "[راه](https://mrud.ir/a?b=1&c=2) و https://khane.ir/۱\n\n> نقل"
)
PHOTO = Media(
    digest="0" * 64, kind=MediaKind.PHOTO, name="<پوستر>.jpg", mime="image/jpeg", size=2048
)


class Seen(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.bold: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.words += data
        if "b" in self.open:
            self.bold.append(data)

    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


def planned(platform: Platform, *media: Media) -> PlannedChannel:
    channel = Channel(name=f"news-{platform.name}", account="a", address="@news", title="خبر <b>")
    settings = ChannelSettings(
        channel=channel,
        account="a",
        enabled=True,
        late_after=timedelta(hours=6),
        give_up_after=timedelta(hours=6),
        settle=timedelta(minutes=3),
        on_unknown="ask",
        when_back="ask",
        max_attempts=8,
        rate=None,
    )
    options = Options(pin=True, silent=True)
    post = Post(id=1, source=SOURCE, media=media, options=options, due=0, created=0)
    rendering = render(platform, platform.limits, post, channel, due=DUE)
    messages = tuple(
        PlannedMessage(message=each, length=measure(each.text, platform.limits.measure), limit=4096)
        for each in rendering.messages
        if each.verb is Verb.SEND
    )
    return PlannedChannel(
        settings=settings, rendering=rendering, messages=messages, warnings=("هشدار <i>",)
    )


def facts(name: str) -> Platform:
    platform: Platform = importlib.import_module(f"adapters.{name}.facts").PLATFORM
    return platform


def shown(name: str, *media: Media) -> Seen:
    platform = facts(name)
    channel = planned(platform, *media)
    plan = Plan(due=DUE, channels=(channel,))
    return Seen(page(plan, {channel.settings.channel.name: platform}, when="دوشنبه"))


@pytest.mark.parametrize("name", NAMES)
def test_each_platform_shows_its_words_and_its_own_styles(name: str) -> None:
    seen = shown(name)
    assert seen.open == []
    assert '<script>alert("x")</script> &amp; 👨‍👩‍👧‍👦' in seen.words
    assert "script" not in [tag for tag, _ in seen.tags]
    assert "https://khane.ir/۱" in seen.links()
    assert "https://mrud.ir/a?b=1&c=2" in seen.links()
    assert ("مهم:" in seen.bold) == (name != "igap")
    assert "هشدار <i>" in seen.words
    assert facts(name).title in seen.words


def test_files_and_flags_are_shown() -> None:
    seen = shown("telegram", PHOTO)
    assert "<پوستر>.jpg" in seen.words
    assert "۲٫۰۵ کیلوبایت" in seen.words
    assert "📌" in seen.words
    assert "🔕" in seen.words


def test_a_channel_that_refuses_says_why() -> None:
    telegram = facts("telegram")
    refused = replace(
        planned(telegram), rendering=None, messages=(), reason="file <1> is too large"
    )
    plan = Plan(due=None, channels=(refused,))
    seen = Seen(page(plan, {"news-telegram": telegram}, when="at once"))
    assert "file <1> is too large" in seen.words


def test_pictures_are_shown_and_nothing_is_said_in_english() -> None:
    telegram = facts("telegram")
    channel = planned(telegram, PHOTO, replace(PHOTO, digest="1" * 64, name="عکس1.jpg"))
    plan = Plan(due=DUE, channels=(replace(channel, warnings=()),))
    text = page(
        plan, {"news-telegram": telegram}, when="دوشنبه", pictures={PHOTO.digest: b"\xff\xd8small"}
    )
    seen = Seen(text)
    (drawn,) = [attributes for tag, attributes in seen.tags if attributes.get("role") == "img"]
    assert drawn["class"] == f"picture p{PHOTO.digest}"
    assert f".p{PHOTO.digest}{{background-image:url(data:image/jpeg;base64,/9hzbWFsbA==)}}" in text
    assert text.count("base64") == 1
    assert '<bdi dir="ltr"><bdi>عکس1</bdi>.jpg</bdi>' in text
    apart = r"<article>.*?<footer>|<style>.*?</style>|<[^>]*>|&[a-z]+;|@news"
    ours = re.sub(apart, "", text, flags=re.DOTALL)
    assert re.findall("[A-Za-z]{2,}", ours) == []


@pytest.mark.browser
def test_the_page_fits_a_phone(browser_path: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    channels = tuple(planned(facts(name), PHOTO) for name in NAMES)
    platforms = {f"news-{name}": facts(name) for name in NAMES}
    file = tmp_path / "preview.html"
    file.write_text(page(Plan(due=DUE, channels=channels), platforms, when="دوشنبه"), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        try:
            screen = browser.new_page(viewport={"width": 360, "height": 740})
            complaints: list[str] = []
            screen.on("console", lambda message: complaints.append(message.text))
            screen.goto(file.as_uri())
            assert screen.locator("section").count() == len(NAMES)
            assert screen.evaluate("document.documentElement.scrollWidth") <= 360
            assert complaints == []
        finally:
            browser.close()
