"""What Telegram's facts say of addresses, links and larger limits."""

from __future__ import annotations

from dataclasses import fields

import pytest

from adapters.telegram.facts import PLATFORM, Config, address, link, narrow
from broadcaster.adapter import Shape
from broadcaster.model import Channel, MediaKind


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("@ministry_news", "@ministry_news"),
        (" ministry_news ", "@ministry_news"),
        ("https://t.me/ministry_news", "@ministry_news"),
        ("t.me/s/ministry_news/", "@ministry_news"),
        ("http://telegram.me/ministry_news", "@ministry_news"),
        ("-1001234567890", "-1001234567890"),
        ("-۱۰۰۱۲۳۴۵۶۷۸۹۰", "-1001234567890"),
        ("https://t.me/c/1234567890/15", "-1001234567890"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("1234567890", "-1001234567890"),
        ("1001234567890", "write -1001234567890$"),
        ("-1234567890", "-100"),
        ("-5012345678", "-5012345678 is the id of a basic group"),
        ("-۵۰۱۲۳۴۵۶۷۸", "make it a supergroup"),
        ("https://t.me/+AbCdEf", "invitation"),
        ("t.me/joinchat/AbCdEf", "invitation"),
        ("@ab", "@name"),
        ("کانال وزارت", "@name"),
        ("https://ble.ir/name", "@name"),
        ("", "@name"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_the_advice_for_a_basic_group_names_no_other_chat() -> None:
    with pytest.raises(ValueError, match="basic group") as refused:
        address("-5012345678")
    assert "-1005012345678" not in str(refused.value)


def channel(address: str, username: str = "") -> Channel:
    return Channel(name="n", account="telegram", address=address, username=username)


def test_links_are_public_where_there_is_a_public_name() -> None:
    assert link(channel("@akhbar"), "7") == "https://t.me/akhbar/7"
    assert link(channel("-1001234", "akhbar"), "7") == "https://t.me/akhbar/7"
    assert link(channel("-1001234"), "7") == "https://t.me/c/1234/7"


def test_its_megabytes_are_binary() -> None:
    """A file of these bytes is taken; its own server code says so."""
    sizes = {kind: fact.value for kind, fact in PLATFORM.limits.media.items()}
    assert sizes.pop(MediaKind.PHOTO) == 10_485_760
    assert set(sizes.values()) == {52_428_800}
    shape = PLATFORM.limits.photo.value
    assert shape == Shape(sides=10_000, ratio=20)


def test_a_local_server_takes_larger_files_but_no_larger_photos() -> None:
    assert narrow(PLATFORM.limits, Config()) == PLATFORM.limits
    wide = narrow(PLATFORM.limits, Config(local_server=True))
    assert wide.media[MediaKind.VIDEO].value == 2000 * 2**20
    assert wide.media[MediaKind.PHOTO] == PLATFORM.limits.media[MediaKind.PHOTO]
    for field in fields(wide):
        if field.name != "media":
            assert getattr(wide, field.name) == getattr(PLATFORM.limits, field.name)
