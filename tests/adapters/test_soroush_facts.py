"""What Soroush Plus's facts say of addresses and links."""

from __future__ import annotations

import pytest

from adapters.soroush.facts import PLATFORM, address, link
from broadcaster.model import Channel


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("@vezarat_rah", "@vezarat_rah"),
        ("vezarat_rah", "@vezarat_rah"),
        ("https://splus.ir/vezarat_rah", "@vezarat_rah"),
        ("splus.ir/vezarat_rah/", "@vezarat_rah"),
        ("10024428989", "10024428989"),
        ("۱۰۰۲۴۴۲۸۹۸۹", "10024428989"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("https://splus.ir/joinchat/AbCdEf", "invitation"),
        ("splus.ir/joingroup/AbCdEf", "invitation"),
        ("-10024428989", "numeric id"),
        ("https://ble.ir/name", "@name"),
        ("کانال", "@name"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_links_need_a_public_name() -> None:
    numbered = Channel(name="n", account="a", address="10024428989", username="rah")
    assert link(numbered, "7") == "https://splus.ir/rah/7"
    assert link(Channel(name="n", account="a", address="@rah"), "7") == "https://splus.ir/rah/7"
    assert link(Channel(name="n", account="a", address="10024428989"), "7") is None


def test_the_dialect_has_no_silence_and_no_pin() -> None:
    assert not PLATFORM.limits.silent
    assert "pin" not in PLATFORM.verbs
