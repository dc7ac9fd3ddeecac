"""Corrections: words replaced, files replaced, and a look at both beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.cli.conftest import Desk


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """An office with a post that waits, and two pictures."""
    for name, colour in (("غلط.jpg", "red"), ("درست.jpg", "green")):
        Image.new("RGB", (40, 30), colour).save(desk.folder / name)
    text = "جلسه یکشنبه ۱۶ آذر است. یکشنبه می‌آییم."
    desk.run("post", text, "--media", "غلط.jpg", "--at", "in 2h", "--yes")
    return desk


def text(desk: Desk) -> str:
    said: str = desk.run("show", "1", "--json").json["text"]
    return said


def test_words_are_replaced_where_they_occur_once(waiting: Desk) -> None:
    waiting.run("edit", "1", "--yes", "--replace", "یکشنبه ۱۶", "دوشنبه ۱۶")
    assert text(waiting) == "جلسه دوشنبه ۱۶ آذر است. یکشنبه می‌آییم."
    waiting.run(
        "edit", "1", "--yes", "--replace", "مي‌آييم", "- می‌رویم"
    )  # Arabic letters are repaired
    assert text(waiting) == "جلسه دوشنبه ۱۶ آذر است. یکشنبه - می‌رویم."


def test_words_that_are_not_clear_are_refused(waiting: Desk) -> None:
    assert "does not occur in post 1" in waiting.refused(
        "edit", "1", "--yes", "--replace", "سه‌شنبه", "ا"
    )
    assert "occurs 2 times" in waiting.refused(
        "edit", "1", "--yes", "--replace", "یکشنبه", "دوشنبه"
    )
    assert "they are empty" in waiting.refused("edit", "1", "--yes", "--replace", "", "دوشنبه")
    assert "give one of them" in waiting.refused(
        "edit", "1", "--yes", "متن", "--replace", "جلسه", "نشست"
    )
    assert "--all belongs to --replace" in waiting.refused("edit", "1", "--yes", "متن", "--all")
    waiting.run(
        "edit", "1", "--yes", "--replace", "یکشنبه", "دوشنبه", "--all", "--replace", "جلسه", "نشست"
    )
    assert text(waiting) == "نشست دوشنبه ۱۶ آذر است. دوشنبه می‌آییم."


def test_words_are_replaced_in_one_channel(waiting: Desk) -> None:
    waiting.run("edit", "1", "--yes", "--replace", "می‌آییم", "نمی‌آییم", "--to", "news-bale")
    assert text(waiting).endswith("یکشنبه می‌آییم.")
    shown = waiting.run("show", "1").out
    assert "یکشنبه نمی‌آییم." in shown


def test_a_file_is_replaced_before_it_is_out(waiting: Desk) -> None:
    waiting.run("edit", "1", "--yes", "--media", "درست.jpg")
    assert "درست.jpg" in waiting.run("show", "1").out
    assert "یکشنبه می‌آییم" in text(waiting)
    refused = waiting.refused("edit", "1", "--yes", "--media", "درست.jpg", "--to", "news-bale")
    assert "those of the whole post" in refused
    assert "cannot read" in waiting.refused("edit", "1", "--yes", "--media", "نیست.jpg")


def test_a_look_changes_nothing(waiting: Desk) -> None:
    before = text(waiting)
    shown = waiting.run(
        "edit",
        "1",
        "--replace",
        "جلسه",
        "نشست",
        "--media",
        "درست.jpg",
        "--dry-run",
        "--html",
        "ن.html",
    )
    assert "nothing was changed" in shown.out
    assert "نشست یکشنبه" in shown.out
    assert "درست.jpg" in shown.out
    page = (waiting.folder / "ن.html").read_text("utf-8")
    assert page.count("url(data:image/jpeg;base64,") == 1
    assert (text(waiting), Path(waiting.folder / "ن.html").exists()) == (before, True)
    kept = waiting.run(
        "edit", "1", "--yes", "--replace", "جلسه", "نشست", "--dry-run", "--html", "ن.html"
    )
    assert "غلط.jpg" in kept.out
    assert "url(data:" in (waiting.folder / "ن.html").read_text("utf-8")
    assert "add --dry-run" in waiting.refused("edit", "1", "--yes", "متن", "--html", "ن.html")
