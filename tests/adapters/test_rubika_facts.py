"""What Rubika's facts say of addresses and links."""

from __future__ import annotations

import pytest

from adapters.rubika.facts import PLATFORM, address, link
from broadcaster.model import Channel

GUID = "c0BkVsC0a1b2c3d4e5f60718293a4b5c"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (f" {GUID} ", GUID),
        ("@vezarat_rah", "@vezarat_rah"),
        ("vezarat_rah", "@vezarat_rah"),
        ("https://rubika.ir/vezarat_rah/", "@vezarat_rah"),
        ("rubika.ir/vezarat_rah", "@vezarat_rah"),
        ("@c0ffee", "@c0ffee"),
    ],
)
def test_an_address_is_normalised_once(typed: str, normal: str) -> None:
    assert address(typed) == normal
    assert address(normal) == normal


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("https://rubika.ir/joinc/ABCDEF", "invitation"),
        ("u0BkVsC0a1b2c3d4e5f60718293a4b5c", "begins with c0"),
        ("https://t.me/name", "c0"),
        ("کانال", "@name"),
        ("", "@name"),
    ],
)
def test_what_is_no_address_says_what_to_write(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        address(typed)


def test_a_link_that_nobody_knows_is_not_made_up() -> None:
    channel = Channel(name="n", account="rubika", address="@rah", username="rah")
    assert link(channel, "7") is None


def test_what_is_not_documented_is_not_claimed() -> None:
    assert PLATFORM.verbs == {"upload", "edit", "recall"}
    assert not PLATFORM.limits.edits_caption
    assert PLATFORM.limits.account_rate.value is None


def test_a_wait_that_is_never_named_is_a_minute_of_quiet() -> None:
    assert PLATFORM.limits.quiet.value == 60.0
