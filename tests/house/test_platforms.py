"""Every platform's folder has the same shape, and its fake counts as its facts say."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Platform

FOLDERS = [
    path
    for path in sorted((Path(__file__).resolve().parents[2] / "adapters").iterdir())
    if path.is_dir() and path.name != "__pycache__"
]
PROMISED = {"bale", "eitaa", "gap", "igap", "rubika", "soroush", "telegram"}
FAKED = [folder for folder in FOLDERS if folder.name in PROMISED]
"""All but the adapter of a library, which has no wire of its own to fake."""


def part(folder: Path, name: str) -> Any:
    return importlib.import_module(f"adapters.{folder.name}.{name}")


def test_the_promised_platforms_are_there() -> None:
    assert {folder.name for folder in FOLDERS} >= PROMISED


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_platform_has_facts_a_client_and_a_fake(folder: Path) -> None:
    parts = {"__init__.py", "facts.py", "adapter.py"}
    if folder in FAKED:
        parts.add("sandbox.py")
    assert parts <= {path.name for path in folder.iterdir()}
    assert (folder / "__init__.py").read_text("utf-8") == ""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_facts_and_client_are_of_the_folder_they_stand_in(folder: Path) -> None:
    platform: Platform = part(folder, "facts").PLATFORM
    assert platform.name == folder.name
    assert part(folder, "adapter").ADAPTER.platform is platform


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_number_of_the_facts_says_where_it_is_from(folder: Path) -> None:
    limits = part(folder, "facts").PLATFORM.limits
    for name in ("text", "caption", "album", "account_rate", "channel_rate", "quiet"):
        assert getattr(limits, name).source.strip(), name
    assert None not in (limits.text.value, limits.caption.value, limits.album.value)


@pytest.mark.parametrize("folder", FAKED, ids=lambda folder: folder.name)
def test_the_fake_counts_as_the_facts_say(folder: Path) -> None:
    """Both were typed from the platform's documents; a slip in one shows in the other.

    Where the documents say nothing, or the field contradicts them, the facts may be more cautious.
    """
    limits = part(folder, "facts").PLATFORM.limits
    said = {"text": limits.text, "caption": limits.caption, "album": limits.album}
    for name, number in part(folder, "sandbox").FAKE.limits.items():
        fact = said[name]
        if fact.source.startswith(("D ", "P ")):
            assert fact.value == number, name
        else:
            assert fact.value <= number, f"{name}: more than the fake takes"
