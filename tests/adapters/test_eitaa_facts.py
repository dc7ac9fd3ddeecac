"""What Eitaa's facts say of addresses and links."""

from __future__ import annotations

import pytest

from adapters.eitaa.facts import PLATFORM, address, link, public_name
from broadcaster.model import Channel


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("10525463", "10525463"),
        ("۱۰۵۲۵۴۶۳", "10525463"),
        ("@vezarat_rah", "vezarat_rah"),
        ("vezarat_rah", "vezarat_rah"),
        ("https://eitaa.com/vezarat_rah", "vezarat_rah"),
        ("eitaa.com/vezarat_rah/", "vezarat_rah"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("https://eitaa.com/joinchat/1234", "panel"),
        ("-10525463", "number"),
        ("https://t.me/name", "number"),
        ("کانال", "number"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_links_and_pages_need_a_public_name() -> None:
    numbered = Channel(name="n", account="a", address="10525463", username="rah")
    nameless = Channel(name="n", account="a", address="10525463")
    assert link(numbered, "7") == "https://eitaa.com/rah/7"
    assert link(Channel(name="n", account="a", address="rah"), "7") == "https://eitaa.com/rah/7"
    assert (link(nameless, "7"), public_name(nameless)) == (None, "")


def test_what_is_posted_stays_as_it_is() -> None:
    assert not PLATFORM.verbs & {"edit", "recall", "pin", "upload"}
    assert PLATFORM.limits.pin_at_send
