"""Attached files go when nothing names them, and never from under a post that is on its way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PIL import Image

from broadcaster.store import media

DAY = 86_400.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


def taken(folder: Path, name: str, *, age_s: float = 0.0) -> str:
    path = folder.parent / name
    Image.new("RGB", (8, 8), f"#{len(name):02x}59{ord(name[0]) % 256:02x}").save(path)
    digest = media.take(path, folder).digest
    old = time.time() - age_s
    os.utime(media.blob(folder, digest), (old, old))
    return digest


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("??/*")}


def test_what_nothing_names_goes(folder: Path) -> None:
    named, unnamed = taken(folder, "a.png", age_s=2 * DAY), taken(folder, "bb.png", age_s=2 * DAY)
    assert media.sweep(folder, lambda: {named}, before=time.time() - DAY) == 1
    assert left(folder) == {named}
    assert unnamed != named


def test_what_was_taken_lately_stays(folder: Path) -> None:
    digest = taken(folder, "a.png", age_s=2 * DAY)
    assert taken(folder, "a.png") == digest  # again, for a post that is not queued yet
    assert media.sweep(folder, set, before=time.time() - DAY) == 0
    assert left(folder) == {digest}


def test_what_a_killed_post_left_half_copied_goes(folder: Path) -> None:
    taken(folder, "a.png")
    half = folder / ".new-x1"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    assert media.sweep(folder, lambda: left(folder), before=time.time() - DAY) == 1
    assert not half.exists()


def test_nothing_goes_while_somebody_takes_or_copies(folder: Path) -> None:
    digest = taken(folder, "a.png", age_s=2 * DAY)
    with media.hold(folder):
        assert media.sweep(folder, set, before=time.time()) == 0
    assert left(folder) == {digest}
    assert media.sweep(folder, set, before=time.time()) == 1


def test_a_folder_that_is_not_there(folder: Path) -> None:
    assert media.sweep(folder, set, before=time.time()) == 0
