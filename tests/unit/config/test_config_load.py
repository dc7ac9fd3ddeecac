from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.adapter import Rate
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.model import MediaKind

Read = Callable[[str], Settings]

TWO = """
[platforms.telegram]
[platforms.bale]
[channels.khabar-telegram]
platform = "telegram"
address = "@ministry_news"
groups = ["news", "urgent"]
[channels.khabar-bale]
platform = "bale"
address = "ministry_news"
title = "اخبار وزارتخانه"
groups = ["news"]
[channels.desk]
platform = "bale"
address = 4500000001
"""


def names(settings: Settings, *to: str) -> list[str]:
    return [channel.channel.name for channel in settings.resolve(to)]


def test_defaults_are_those_of_an_iranian_office(read: Read, tmp_path: Path) -> None:
    settings = read(TWO)
    assert settings.timezone == ZoneInfo("Asia/Tehran")
    assert (settings.calendar, settings.language) == ("jalali", "fa")
    assert settings.state_dir == tmp_path / "state"
    assert settings.store_url == f"sqlite:///{tmp_path}/state/broadcaster.db"
    assert settings.grace == timedelta()
    assert settings.normalise is True
    assert settings.default_to == ()
    channel = settings.channels["khabar-bale"]
    assert channel.late_after == timedelta(hours=6)
    assert channel.give_up_after == timedelta(hours=24)
    assert channel.settle == timedelta(minutes=3)
    assert (channel.on_unknown, channel.when_back, channel.max_attempts) == ("ask", "ask", 8)
    assert channel.channel.options["signature"] == ""
    assert channel.channel.title == "اخبار وزارتخانه"


def test_an_account_takes_from_the_facts_what_the_file_does_not_say(read: Read) -> None:
    telegram = read(TWO).accounts["telegram"]
    assert telegram.base_url == "https://api.telegram.example"
    assert telegram.jurisdiction == "foreign"
    assert telegram.senders == 8
    assert telegram.rate == Rate(count=30, per_s=1)
    assert telegram.channel_rate == Rate(count=20, per_s=60)


def test_an_account_says_otherwise(read: Read, tmp_path: Path) -> None:
    settings = read("""
        [platforms.presse]
        adapter = "telegram"
        enabled = false
        jurisdiction = "domestic"
        token_file = "secrets/presse"
        base_url = "http://127.0.0.1:8791/telegram/"
        proxy = "socks5h://user:hidden@127.0.0.1:1080"
        senders = 3
        rate = "none"
        channel_rate = "5/3s"
        [channels.khabar]
        platform = "presse"
        address = "@x_news"
        [channels.slow]
        platform = "presse"
        address = "@y_news"
        channel_rate = "2/min"
    """)
    account = settings.accounts["presse"]
    assert (account.adapter, account.enabled, account.jurisdiction) == (
        "telegram",
        False,
        "domestic",
    )
    assert account.token_file == tmp_path / "config" / "secrets" / "presse"
    assert account.base_url == "http://127.0.0.1:8791/telegram"
    assert account.proxy == "socks5h://user:hidden@127.0.0.1:1080"
    assert "hidden" not in repr(settings)
    assert account.rate is None
    assert settings.channels["khabar"].rate == Rate(count=5, per_s=3)
    assert settings.channels["slow"].rate == Rate(count=2, per_s=60)


@pytest.mark.parametrize(("switch", "can"), [("", False), ("media = true", True)])
def test_a_platforms_own_key_narrows_its_limits(read: Read, switch: str, can: bool) -> None:
    account = read(f"[platforms.igap]\n{switch}").accounts["igap"]
    assert (MediaKind.PHOTO in account.limits.media) is can


@pytest.mark.parametrize(
    ("to", "channels"),
    [
        ("khabar-bale", ["khabar-bale"]),
        ("news", ["khabar-telegram", "khabar-bale"]),
        ("bale", ["khabar-bale", "desk"]),
        ("foreign", ["khabar-telegram"]),
        ("domestic", ["khabar-bale", "desk"]),
        ("all", ["khabar-telegram", "khabar-bale", "desk"]),
    ],
)
def test_each_kind_of_name_means_its_channels(read: Read, to: str, channels: list[str]) -> None:
    assert names(read(TWO), to) == channels


def test_names_are_resolved_in_the_files_order_without_doubles(read: Read) -> None:
    assert names(read(TWO), "desk", "news", "khabar-telegram") == [
        "khabar-telegram",
        "khabar-bale",
        "desk",
    ]


def test_an_unknown_name_shows_the_nearest(read: Read) -> None:
    with pytest.raises(InputError, match=r'"khabar-bail" is no channel.*did you mean khabar-bale'):
        read(TWO).resolve(["khabar-bail"])


def test_groups_hold_their_channels_in_the_files_order(read: Read) -> None:
    assert read(TWO).groups == {
        "news": ("khabar-telegram", "khabar-bale"),
        "urgent": ("khabar-telegram",),
    }


@pytest.mark.parametrize(
    ("address", "username"),
    [
        ('"@ministry_news"', "ministry_news"),
        ('"ministry_news"', "ministry_news"),
        ('"10525463"', ""),
        ('"c0BXlPz0a1b2c3d4e5f60718293a4b5c"', ""),
        ('"10525463"\nusername = "@ministry_news"', "ministry_news"),
    ],
)
def test_the_username_is_the_address_if_that_is_one(
    read: Read, address: str, username: str
) -> None:
    settings = read(f'[platforms.eitaa]\n[channels.c]\nplatform = "eitaa"\naddress = {address}')
    assert settings.channels["c"].channel.username == username


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("sqlite:///queue.db", "sqlite:///{state}/queue.db"),
        ("sqlite:////srv/queue.db", "sqlite:////srv/queue.db"),
        ("postgresql://b@db.example/queue", "postgresql://b@db.example/queue"),
        ("postgresql:///queue?host=/run/db", "postgresql:///queue?host=/run/db"),
    ],
)
def test_the_store_lies_below_the_state(read: Read, tmp_path: Path, url: str, stored: str) -> None:
    settings = read(f'state_dir = "../var"\n[store]\nurl = "{url}"\npassword_file = "pw"')
    assert settings.store_url == stored.format(state=tmp_path / "var")
    assert settings.store_password_file == tmp_path / "config" / "pw"


def test_a_file_with_a_byte_order_mark_is_read(read: Read) -> None:
    assert read('\ufefflanguage = "en"').language == "en"
