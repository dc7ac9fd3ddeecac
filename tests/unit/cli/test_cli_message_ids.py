"""The id of a message as people give it: a number in any digits, or a link as the apps copy it."""

from __future__ import annotations

import pytest

from broadcaster.adapter import Platform
from broadcaster.discovery import Platforms
from broadcaster.model import Channel
from broadcaster.text.message_ids import any_id

PLATFORMS = Platforms()
NEWS = Channel(name="news", account="a", address="@ministry_news")
PRIVATE = Channel(name="private", account="a", address="-1001234567890")
NUMBERED = Channel(name="by-number", account="a", address="12345", username="ministry_news")


def platform(name: str) -> Platform:
    return PLATFORMS[name]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4711", "4711"),
        (" 4711 ", "4711"),
        ("۴۷۱۱", "4711"),
        ("٤٧١١", "4711"),
        ("a-B_9.x:1", "a-B_9.x:1"),
        ("4" * 128, "4" * 128),
    ],
)
def test_an_id_is_taken_with_the_digits_of_platforms(typed: str, meant: str) -> None:
    assert any_id(typed) == meant


@pytest.mark.parametrize("typed", ["", "a/b", "4" * 129, "a\\b"])
def test_what_no_platform_has_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="ID"):
        any_id(typed)


@pytest.mark.parametrize(
    ("name", "channel", "typed"),
    [
        ("bale", NEWS, "https://ble.ir/ministry_news/64"),
        ("bale", NEWS, "ble.ir/ministry_news/64?utm=1"),
        ("bale", NEWS, "http://www.ble.ir/Ministry_News/64/"),
        ("bale", NEWS, "\u200fhttps://ble.ir/ministry_news/۶۴\u200c"),
        ("bale", NUMBERED, "https://ble.ir/ministry_news/64"),
        ("bale", Channel(name="c", account="a", address="77"), "https://ble.ir/any_name/64"),
        ("telegram", NEWS, "https://t.me/ministry_news/64?single"),
        ("telegram", NEWS, "t.me/s/ministry_news/64"),
        ("telegram", NEWS, "https://telegram.me/ministry_news/64"),
        ("telegram", NEWS, "https://t.me/ministry_news/3/64"),
        ("telegram", NEWS, "tg://resolve?domain=ministry_news&post=64&single"),
        ("telegram", PRIVATE, "https://t.me/c/1234567890/64"),
        ("telegram", PRIVATE, "https://t.me/c/1234567890/2/64?single"),
        ("telegram", PRIVATE, "tg://privatepost?channel=1234567890&post=64"),
        ("telegram", NEWS, "https://t.me/c/1234567890/64"),
        ("eitaa", NUMBERED, "https://eitaa.com/ministry_news/64"),
        ("soroush", NEWS, "https://splus.ir/ministry_news/64"),
        ("gap", NEWS, "gap.im/ministry_news/64"),
        ("rubika", NEWS, "https://rubika.ir/ministry_news/64"),
        ("igap", NUMBERED, "https://iGap.net/ministry_news/64"),
        ("igap", NUMBERED, "۶۴"),
    ],
)
def test_a_copied_link_is_understood(name: str, channel: Channel, typed: str) -> None:
    read = platform(name).message_id
    assert read is not None
    assert read(channel, typed) == "64"


@pytest.mark.parametrize(
    ("name", "channel", "typed", "why"),
    [
        ("bale", NEWS, "https://ble.ir/other_news/64", "belongs to other_news"),
        ("bale", NEWS, "https://t.me/ministry_news/64", "ble.ir/"),
        ("bale", NEWS, "https://ble.ir/ministry_news", "ble.ir/NAME/4711"),
        ("bale", NEWS, "سلام", "such as 4711"),
        ("bale", NEWS, "0", "such as 4711"),
        ("bale", NEWS, "-5", "such as 4711"),
        ("telegram", NEWS, "https://t.me/other_news/64", "belongs to other_news"),
        ("telegram", PRIVATE, "https://t.me/c/999/64", "-100999"),
        ("telegram", NEWS, "https://t.me/joinchat/abc", "t.me/NAME/4711"),
        ("telegram", NEWS, "tg://resolve?domain=ministry_news", "such as 4711"),
        ("eitaa", NUMBERED, "https://eitaa.com/other_news/64", "belongs to other_news"),
        ("rubika", NEWS, "https://rubika.ir/ministry_news/abc", "such as 4711"),
        ("apprise", NEWS, "64", "no ID"),
    ],
)
def test_what_cannot_be_an_id_there_is_refused(
    name: str, channel: Channel, typed: str, why: str
) -> None:
    read = platform(name).message_id
    assert read is not None
    with pytest.raises(ValueError, match=why):
        read(channel, typed)
