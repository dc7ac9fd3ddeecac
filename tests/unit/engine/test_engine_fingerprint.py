"""Daemons agree on settings by a digest that depends on nothing but them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Rate
from broadcaster.config import Settings, load
from broadcaster.discovery import Platforms
from broadcaster.engine.fingerprint import fingerprint

CONFIG = """
timezone = "Asia/Tehran"
[platforms.bale]
token_file = "bale"
[platforms.telegram]
token_file = "telegram"
[channels."اخبار"]
platform = "bale"
address = "@khabar"
groups = ["news", "desk"]
[channels.telegram-news]
platform = "telegram"
address = "@khabar"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "broadcaster.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return load(path, Platforms())


def of(settings: Settings, account: str = "bale", **changed: Any) -> str:
    return fingerprint(replace(settings.accounts[account], **changed), settings.channels)


@pytest.mark.parametrize(
    "changed", [{"token_file": None}, {"proxy": "socks5://127.0.0.1:1"}, {"senders": 99}]
)
def test_what_belongs_to_the_machine_is_left_out(settings: Settings, changed: Any) -> None:
    assert of(settings, **changed) == of(settings)


@pytest.mark.parametrize(
    "changed",
    [{"base_url": "http://127.0.0.1:1/bale"}, {"rate": Rate(count=1, per_s=9)}, {"enabled": False}],
)
def test_what_changes_a_post_or_its_pace_is_in_it(settings: Settings, changed: Any) -> None:
    assert of(settings, **changed) != of(settings)


def test_channels_are_in_that_of_their_own_account(settings: Settings) -> None:
    channel = settings.channels["اخبار"]
    moved = replace(channel, channel=replace(channel.channel, address="@digar"))
    other = {**settings.channels, "اخبار": moved}
    for account, same in (("bale", False), ("telegram", True)):
        found = fingerprint(settings.accounts[account], other)
        assert (found == of(settings, account)) is same


def test_it_is_the_same_in_every_process(settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from broadcaster.config import load;"
        "from broadcaster.discovery import Platforms;"
        "from broadcaster.engine.fingerprint import fingerprint;"
        "s = load(Path(sys.argv[1]), Platforms());"
        "print(fingerprint(s.accounts['bale'], s.channels))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(settings.path)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {of(settings)}
