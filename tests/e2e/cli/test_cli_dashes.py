"""Texts that begin with a dash are texts; what may be a mistyped option is refused with a hint."""

from __future__ import annotations

from typing import Any

import pytest


def shown(desk: Any, *args: str) -> str:
    (channel,) = desk.run(*args, "--to", "desk", "--dry-run", "--json").json["channels"]
    text: str = channel["messages"][0]["text"]
    return text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("- مورد یک\n- مورد دو", "• مورد یک\n• مورد دو"),
        ("-۵ درجه", "-۵ درجه"),
        ("-5", "-5"),
        ("-مورد", "-مورد"),
        ("--خبر", "--خبر"),
        ("-Attention all", "-Attention all"),
    ],
)
def test_a_text_may_begin_with_a_dash(desk: Any, text: str, seen: str) -> None:
    assert shown(desk, "post", text) == seen
    assert shown(desk, "post", "--silent", "--key", "- k", text) == seen
    assert shown(desk, "schedule", "add", "s", text, "--every", "6h") == seen


def test_a_correction_may_begin_with_a_dash(desk: Any) -> None:
    desk.run("post", "مورد", "--to", "desk", "--at", "in 2h")
    desk.run("edit", "1", "--yes", "- مورد")
    assert "- مورد" in desk.run("show", "1").out


def test_reasons_may_begin_with_a_dash(desk: Any) -> None:
    desk.run("halt", "--reason", "- خطا")
    assert desk.run("status", "--json").json["halted"]["reason"] == "- خطا"


@pytest.mark.parametrize("text", ["-x", "-xyz", "--text with words"])
def test_what_may_be_an_option_is_refused_with_a_hint(desk: Any, text: str) -> None:
    err = desk.refused("post", text, "--to", "desk")
    assert "behind a --" in err
    assert "--file -" in err
    assert text in desk.run("post", "--to", "desk", "--dry-run", "--", text).out


def test_a_mistyped_option_shows_the_nearest(desk: Any) -> None:
    err = desk.refused("post", "متن", "--dry-runn")
    assert "--dry-run" in err
    assert "--file -" not in err
