"""What one person may queue within an hour, and how large a file may be."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.e2e import warm

EVERY = ("schedule", "add", "n", "--every", "6h", "x")


def batch(desk: Any, lines: int, *more: str) -> subprocess.CompletedProcess[bytes]:
    said = "\n".join(json.dumps({"text": f"متن {n}", "key": f"k{n}"}) for n in range(lines))
    return warm.run(("post", "--batch", *more), cwd=desk.folder, stdin=said.encode())


def test_a_person_queues_so_many_an_hour_and_no_more(desk: Any) -> None:
    desk.configure("[limits]\nposts_per_hour = 3\n")
    assert b"too many" in batch(desk, 4).stderr
    assert desk.json("list") == []
    assert batch(desk, 3).returncode == 0
    assert batch(desk, 3).returncode == 0  # the same again is nothing new
    desk.run("post", "یکی دیگر", code=2)
    assert "posts_per_hour" in desk.err
    assert "one person may queue 3 an hour" in desk.err
    desk.run("post", "متن 1", "--key", "k1")
    assert len(desk.json("list")) == 3
    desk.configure("[limits]\nposts_per_hour = 4\n")
    desk.run("post", "یکی دیگر")


def test_a_file_that_is_too_large_is_not_even_read(desk: Any) -> None:
    desk.configure("[limits]\nmedia_bytes = 50_000_000\n")
    large = desk.folder / "film.mp4"
    with large.open("wb") as written:
        written.truncate(1 << 42)
    for args in (
        ("post", "x"),
        ("post", "x", "--dry-run"),
        ("schedule", "add", "n", "--every", "6h", "x"),
    ):
        desk.run(*args, "--media", str(large), code=2)
        assert "too large" in desk.err
        assert "media_bytes" in desk.err
    small = desk.folder / "a.txt"
    small.write_text("سلام", encoding="utf-8")
    desk.configure("[limits]\nmedia_bytes = 5\n")
    desk.run("post", "x", "--media", str(small), code=2)
    assert "a file may have 5" in desk.err
    desk.configure("[limits]\nmedia_bytes = 8\n")
    desk.run("post", "x", "--media", str(small))


@pytest.mark.parametrize("args", [("post", "x"), ("post", "x", "--dry-run"), EVERY])
def test_a_file_that_no_platform_takes_is_not_even_read(desk: Any, args: tuple[str, ...]) -> None:
    large = desk.folder / "فیلم.mp4"
    with large.open("wb") as written:
        written.truncate(900 << 30)
    desk.run(*args, "--media", str(large), code=2)
    said = " ".join(desk.err.split())
    assert "فیلم.mp4 is too large for bale: it has 966,367,641,600 bytes" in said
    assert "a file may have 50,000,000" in said
    assert desk.json("list") == []


@pytest.mark.parametrize("args", [("post", "x"), ("post", "x", "--dry-run"), EVERY])
def test_a_file_that_cannot_be_read_is_named(desk: Any, args: tuple[str, ...]) -> None:
    desk.run(*args, "--media", "/proc/self/mem", code=2)
    assert "cannot read /proc/self/mem: Input/output error" in desk.err


def test_a_file_without_an_end_is_read_to_what_a_file_may_have(desk: Any) -> None:
    """It says that it has no byte at all."""
    desk.configure("[limits]\nmedia_bytes = 1000\n")
    desk.run("post", "x", "--media", "/proc/self/pagemap", code=2)
    assert "/proc/self/pagemap is too large" in desk.err
