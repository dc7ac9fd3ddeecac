"""What cannot be undone is shown and asked for; a script has to say that it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cli.terminal import on_a_terminal

TEXT = "ساعت کار اداره از فردا ۸ تا ۱۴ است."
NEW = "ساعت کار اداره از فردا ۸ تا ۱۳ است."
WRONG_DAY = "جلسه یکشنبه ۱۶ آذر ۱۴۰۵ برگزار می‌شود."
"""That day is a Monday."""


def test_without_a_terminal_only_what_is_said_to_be_meant_is_done(desk: Any) -> None:
    desk.run("post", TEXT)
    desk.run("off", "telegram")
    before = desk.run("show", "1", "--json").json
    for command in (
        ("edit", "1", NEW),
        ("recall", "1"),
        ("release", "telegram", "--drop"),
        ("off", "all"),
        ("resolve", "--all", "--posted"),
    ):
        ran = desk.run(*command, code=2)
        assert "nothing was changed" in ran.err
        assert "--yes" in ran.err
    after = desk.run("show", "1", "--json").json
    assert after["text"] == TEXT
    assert {each["state"] for each in after["deliveries"]} <= {"waiting", "held"}
    assert before["text"] == after["text"]
    closed = desk.run("status", "--json").json["closed"]
    assert {each["name"] for each in closed} <= {"telegram", "news-telegram"}


def test_stopping_asks_nothing_of_a_script(desk: Any) -> None:
    desk.run("off", "telegram")
    desk.run("halt", "--reason", "خطا")
    assert desk.run("status", "--json").json["halted"]["reason"] == "خطا"


def test_an_edit_shows_both_texts_and_takes_no_for_no(desk: Any) -> None:
    desk.run("post", TEXT)
    refused = on_a_terminal(desk, "edit", "1", NEW, types="نه\n")
    assert refused.code == 2
    assert "تا ۱۴" in refused.screen
    assert "تا ۱۳" in refused.screen
    assert "news-bale, news-telegram" in refused.screen
    assert desk.run("show", "1", "--json").json["text"] == TEXT
    assert [row["verb"] for row in desk.run("audit", "--json").json] == ["post"]
    agreed = on_a_terminal(desk, "edit", "1", NEW, types="شاید\nبله\n")
    assert agreed.code == 0
    assert "answer yes or no" in agreed.screen
    assert desk.run("show", "1", "--json").json["text"] == NEW


def test_a_recall_shows_what_it_would_remove(desk: Any) -> None:
    desk.run("post", TEXT)
    kept = on_a_terminal(desk, "recall", "1", "--to", "news-bale", types="\n")
    assert kept.code == 2
    assert TEXT in kept.screen
    assert "cancelled (1): news-bale" in kept.screen
    assert on_a_terminal(desk, "recall", "1", "--to", "news-bale", types="آري\n").code == 0
    states = desk.run("show", "1", "--json").json["deliveries"]
    assert [each["state"] for each in states] == ["cancelled", "waiting"]


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(desk: Any) -> None:
    desk.run("post", TEXT)
    desk.run("off", "telegram")
    before = desk.run("show", "1", "--json").json
    edited = desk.run("edit", "1", NEW, "--dry-run")
    assert "تا ۱۴" in edited.out
    assert "تا ۱۳" in edited.out
    assert "nothing was changed" in edited.out
    names = ["news-bale", "news-telegram"]
    looked = desk.run("edit", "1", NEW, "--dry-run", "--json").json
    assert (looked["post"], looked["edited"]) == (1, names)
    assert (looked["posted_anew"], looked["refused"]) == ([], {})
    assert [(each["channel"], each["ok"]) for each in looked["channels"]] == [
        (name, True) for name in names
    ]
    removed = desk.run("recall", "1", "--dry-run", "--json").json
    assert removed == {"post": 1, "removed": names, "refused": {}}
    off = desk.run("off", "all", "--dry-run").out
    assert "3 channels: desk, news-bale, news-telegram" in off
    assert "news-telegram" in desk.run("halt", "--reason", "خطا", "--dry-run").out
    assert desk.run("show", "1", "--json").json == before
    assert desk.run("status", "--json").json["halted"] is None


@pytest.mark.parametrize("command", [("off", "all"), ("halt", "--reason", "خطا")])
def test_what_stops_much_asks_on_a_terminal(desk: Any, command: tuple[str, ...]) -> None:
    asked = on_a_terminal(desk, *command, types="n\n")
    assert asked.code == 2
    assert "news-bale, news-telegram" in asked.screen
    status = desk.run("status", "--json").json
    assert (status["closed"], status["halted"]) == ([], None)


def test_a_post_shows_its_first_lines_and_when_it_expires(desk: Any) -> None:
    text = "سطر یکم\n\nسطر دوم\nسطر سوم\nسطر چهارم"
    asked = on_a_terminal(desk, "post", text, "--expires", "in 3h", types="خیر\n")
    assert asked.code == 2
    assert "سطر یکم" in asked.screen
    assert "سطر سوم" in asked.screen
    assert "سطر چهارم" not in asked.screen
    assert "expires: " in asked.screen
    assert desk.posts() == []


def test_a_weekday_that_is_not_that_of_its_date_needs_a_yes(desk: Any) -> None:
    err = desk.refused("post", WRONG_DAY)
    assert "دوشنبه" in err
    assert "--yes" in err
    line = f'{{"text": "{WRONG_DAY}", "key": "k"}}'.encode()
    assert "line 1: " in desk.refused("post", "--batch", stdin=line)
    asked = on_a_terminal(desk, "post", WRONG_DAY, "--to", "news-bale", types="n\n")
    assert asked.code == 2
    assert "دوشنبه" in asked.screen
    desk.run("post", WRONG_DAY, "--yes")
    desk.run("post", "--batch", "--yes", stdin=line)
    assert len(desk.posts()) == 2
    desk.run("post", "--batch", stdin=line)
    assert len(desk.posts()) == 2, "a key that is known queues nothing, so nothing is judged"
