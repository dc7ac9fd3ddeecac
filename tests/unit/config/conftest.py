from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.adapter import Fact, Limits, Measure, NoKeys, Platform, Proven, Rate
from broadcaster.config import ConfigError, Settings, load
from broadcaster.model import MediaKind

DOMESTIC = ("bale", "soroush", "gap", "igap", "eitaa", "rubika")


@dataclass(frozen=True)
class Igap:
    media: bool = False


def address(text: str) -> str:
    if not text or " " in text:
        raise ValueError(f'"{text}" is no address: write @username')
    return text


def media_switch(limits: Limits, config: Igap) -> Limits:
    return limits if config.media else replace(limits, media={})


def platform(name: str) -> Platform:
    return Platform(
        name=name,
        title="پیام‌رسان",
        jurisdiction="domestic" if name in DOMESTIC else "foreign",
        limits=Limits(
            measure=Measure.CHARS,
            text=Fact(value=4096, source="guess"),
            caption=Fact(value=1024, source="guess"),
            album=Fact(value=(1, 1), source="guess"),
            media={MediaKind.PHOTO: Fact(value=10_000_000, source="guess")},
            account_rate=Fact(value=Rate(count=30, per_s=1), source="guess"),
            channel_rate=Fact(value=Rate(count=20, per_s=60), source="guess"),
            quiet=Fact(value=30, source="guess"),
            edit_within=Fact(value=timedelta(hours=48), source="guess"),
            recall_within=Fact(value=timedelta(hours=48), source="guess"),
        ),
        proven=Proven.SANDBOX,
        base_url=f"https://api.{name}.example",
        reader_url=None,
        senders=8,
        config=Igap if name == "igap" else NoKeys,
        encode=lambda text: (text.plain, {}),
        narrow=media_switch if name == "igap" else None,
        link=lambda channel, message: None,
        address=address,
    )


@pytest.fixture
def platforms() -> Mapping[str, Platform]:
    return {name: platform(name) for name in ("telegram", *DOMESTIC)}


@pytest.fixture
def read(tmp_path: Path, platforms: Mapping[str, Platform]) -> Callable[[str], Settings]:
    """Load a config from its text."""
    path = tmp_path / "config" / "broadcaster.toml"
    path.parent.mkdir()

    def read(text: str) -> Settings:
        path.write_text(text, encoding="utf-8")
        return load(path, platforms)

    return read


@pytest.fixture
def mistakes(read: Callable[[str], Settings]) -> Callable[[str], tuple[str, ...]]:
    """The mistakes of a config text that must be refused."""

    def mistakes(text: str) -> tuple[str, ...]:
        with pytest.raises(ConfigError) as caught:
            read(text)
        return caught.value.mistakes

    return mistakes
