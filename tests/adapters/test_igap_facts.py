"""What iGap's facts say of addresses, links and the switch for files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.igap.facts import PLATFORM, Config, address, link, narrow
from broadcaster.model import Channel


@pytest.mark.parametrize(("typed", "normal"), [(" 12345 ", "12345"), ("۱۲۳۴۵", "12345")])
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("@vezarat_rah", "as username"),
        ("https://iGap.net/vezarat_rah", "as username"),
        ("https://profile.igap.net/vezarat_rah", "as username"),
        ("0", "room id"),
        ("99999999999999999999", "room id"),
        ("-5", "room id"),
        ("کانال", "room id"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_a_link_that_nobody_knows_is_not_made_up() -> None:
    assert link(Channel(name="n", account="igap", address="1", username="rah"), "7") is None


def test_files_are_behind_the_switch() -> None:
    assert narrow(PLATFORM.limits, Config()) == replace(PLATFORM.limits, media={})
    assert narrow(PLATFORM.limits, Config(media=True)) == PLATFORM.limits
    assert PLATFORM.limits.media
