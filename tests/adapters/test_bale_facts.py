"""What Bale's facts say of addresses and links."""

from __future__ import annotations

import pytest

from adapters.bale.facts import PLATFORM, address, link
from broadcaster.model import Channel


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("@vezarat_rah", "@vezarat_rah"),
        ("vezarat_rah", "@vezarat_rah"),
        ("https://ble.ir/vezarat_rah", "@vezarat_rah"),
        ("ble.ir/vezarat_rah/", "@vezarat_rah"),
        ("4500000001", "4500000001"),
        ("۴۵۰۰۰۰۰۰۰۱", "4500000001"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("https://ble.ir/join/AbCdEf", "@name"),
        ("ble.ir/join", "invitation"),
        ("-1001234", "numeric id"),
        ("https://t.me/name", "@name"),
        ("کانال", "@name"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_links_need_a_public_name() -> None:
    known = Channel(name="n", account="bale", address="4500000001", username="rah")
    assert link(known, "7") == "https://ble.ir/rah/7"
    assert link(Channel(name="n", account="bale", address="@rah"), "7") == "https://ble.ir/rah/7"
    assert link(Channel(name="n", account="bale", address="4500000001"), "7") is None


def test_the_dialect_has_no_silence_and_no_preview_switch() -> None:
    assert not PLATFORM.limits.silent
    assert not PLATFORM.limits.preview_switch
