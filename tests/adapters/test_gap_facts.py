"""What Gap's facts say of addresses and links."""

from __future__ import annotations

import pytest

from adapters.gap.facts import address, link
from broadcaster.model import Channel


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("@vezarat_rah", "@vezarat_rah"),
        ("vezarat_rah", "@vezarat_rah"),
        ("https://gap.im/vezarat_rah", "@vezarat_rah"),
        ("gap.im/vezarat_rah/", "@vezarat_rah"),
        ("734512", "734512"),
        ("۷۳۴۵۱۲", "734512"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("09121234567", "telephone"),
        ("۰۹۱۲۱۲۳۴۵۶۷", "telephone"),
        ("+989121234567", "@name"),
        ("https://gap.im/join/AbCdEf", "invitation"),
        ("https://t.me/name", "@name"),
        ("کانال", "@name"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_links_need_a_public_name() -> None:
    numbered = Channel(name="n", account="a", address="734512", username="rah")
    assert link(numbered, "7") == "https://gap.im/rah/7"
    assert link(Channel(name="n", account="a", address="@rah"), "7") == "https://gap.im/rah/7"
    assert link(Channel(name="n", account="a", address="734512"), "7") is None
