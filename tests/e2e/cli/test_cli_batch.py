"""``post --batch``: all is checked before anything is queued, and keys make it repeatable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def lines(*posts: dict[str, Any]) -> bytes:
    return "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts).encode()


def test_each_line_becomes_a_post(desk: Any) -> None:
    batch = lines(
        {"text": "یکم **مهم**"},
        {"text": "دوم", "to": "desk", "silent": True, "at": "فردا ۸ صبح"},
        {"text": "سوم", "to": ["news"], "text_for": {"news-bale": "سوم در بله"}, "key": "k3"},
    )
    ran = desk.run("post", "--batch", stdin=b"\n" + batch + b"\n")
    assert ran.out == "3 posts queued (1 to 3)\n"
    assert "no daemon is running" in ran.err
    second, third = (desk.run("show", number, "--json").json for number in ("2", "3"))
    assert [each["channel"] for each in second["deliveries"]] == ["desk"]
    assert second["state"] == "scheduled"
    assert {each["channel"] for each in third["deliveries"]} == {"news-bale", "news-telegram"}


def test_a_batch_with_keys_can_be_repeated(desk: Any) -> None:
    batch = lines({"text": "یکم"}, {"text": "دوم", "key": "own"})
    first = desk.run("post", "--batch", "--key", "1405-09-02", "--json", stdin=batch).json
    assert [(each["line"], each["id"], each["existing"]) for each in first] == [
        (1, 1, False),
        (2, 2, False),
    ]
    again = desk.run("post", "--batch", "--key", "1405-09-02", stdin=batch)
    assert again.out == "2 lines had been queued before: nothing new\n"
    grown = lines({"text": "یکم"}, {"text": "دوم", "key": "own"}, {"text": "سوم"})
    assert desk.run("post", "--batch", "--key", "1405-09-02", stdin=grown).out == (
        "1 post queued (3)\n2 lines had been queued before: nothing new\n"
    )
    assert len(desk.posts()) == 3


def test_an_hour_that_has_passed_is_no_matter_for_what_was_queued(desk: Any) -> None:
    soon = lines({"text": "یکم", "key": "k", "at": "2099-01-01 09:00"})
    desk.run("post", "--batch", stdin=soon)
    passed = lines({"text": "یکم", "key": "k", "at": "2020-01-01 09:00"})
    assert "before" in desk.run("post", "--batch", stdin=passed).out


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b'{"txet": "x"}', 'line 2: "txet" is no key of a post; did you mean text?'),
        (b'{"text": 5}', "line 2: text must be text in quotes, not 5"),
        (b'{"text": "x", "to": ["nowhere"]}', 'line 2: "nowhere" is no channel'),
        (b'{"text": "x", "silent": "yes"}', "line 2: silent must be true or false"),
        (b'{"text": "x", "reply_to": true}', "line 2: reply_to must be the number of a post"),
        (b'{"text": "x", "reply_to": 7}', "line 2: there is no post 7"),
        (b'{"text": "x", "at": "2020-01-01 09:00"}', "line 2: "),
        (b'{"text": "x", "media": "none.jpg"}', "line 2: "),
        (b'{"text": "x", "text_for": "y"}', "line 2: text_for must be an object"),
        (b'{"text": ""}', "line 2: there is nothing to post"),
        (b'{"text": "x"', "line 2: it is no JSON (column 13)"),
        (b'["x"]', "line 2: it is no object"),
        (b'{"text": "x", "text": "y"}', 'line 2: "text" comes twice in it'),
        (b'{"text": "x", "text_for": {"desk": "1", "desk": "2"}}', 'line 2: "desk" comes twice'),
        (b'{"text": "\xff"}', "line 2: it is not UTF-8"),
        (b'{"text": "x", "key": " "}', "line 2: its key is empty"),
        (b'{"text": "y", "key": "k1"}', "line 2: its key 'k1' is that of line 1"),
    ],
)
def test_one_bad_line_stops_all(desk: Any, line: bytes, word: str) -> None:
    batch = lines({"text": "خوب", "key": "k1"}) + line + b"\n" + lines({"text": "خوب"})
    said = desk.refused("post", "--batch", stdin=batch)
    assert "nothing was queued; 1 line of 3 cannot be posted" in said
    assert word in said


def test_many_bad_lines_are_counted(desk: Any) -> None:
    said = desk.refused("post", "--batch", stdin=b"x\n" * 30)
    assert "30 lines of 30" in said
    assert "line 20: " in said
    assert "and 10 lines more" in said
    assert "line 21: " not in said


def test_a_key_of_another_content_names_its_line(desk: Any) -> None:
    desk.run("post", "یکم", "--key", "k")
    said = desk.refused("post", "--batch", stdin=lines({"text": "نو"}, {"text": "دو", "key": "k"}))
    assert "line 2: the key 'k' was used for another content" in said
    assert "lines 1 to 2 are not queued, none is" in said


def test_a_dry_run_queues_nothing(desk: Any) -> None:
    ran = desk.run("post", "--batch", "--dry-run", stdin=lines({"text": "یکم"}, {"text": "دوم"}))
    assert ran.out == "every line is good: 2 posts to 2 channels; nothing was queued\n"
    assert not desk.store.is_file()


def test_a_dry_run_counts_the_channels_of_each_line_for_programs(desk: Any) -> None:
    batch = lines({"text": "یکم"}, {"text": "دوم", "to": "desk"})
    ran = desk.run("post", "--batch", "--dry-run", "--json", stdin=batch)
    assert ran.json == [{"line": 1, "channels": 2}, {"line": 2, "channels": 1}]


def test_files_are_kept_with_the_posts(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "بیانیه.txt").write_text("متن", encoding="utf-8")
    batch = lines({"text": "پیوست", "media": ["بیانیه.txt"]})
    desk.run("post", "--batch", stdin=batch)
    assert any(each.is_file() for each in (tmp_path / "state" / "media").rglob("*"))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["متن"], "cannot read متن"),
        (["--file", "x.md"], "--file is for one post"),
        (["--wait"], "--wait is for one post"),
        (["--skip-invalid"], "queued as a whole"),
    ],
)
def test_what_is_for_one_post_is_refused(desk: Any, more: list[str], word: str) -> None:
    assert word in desk.refused("post", "--batch", *more, stdin=lines({"text": "یکم"}))


def test_no_line_is_a_mistake(desk: Any) -> None:
    assert "no lines" in desk.refused("post", "--batch", stdin=b"\n\n")


@pytest.mark.slow
def test_ten_thousand_posts_in_one_process(desk: Any) -> None:
    batch = lines(*({"text": f"خبر {number}", "to": "desk"} for number in range(10_000)))
    ran = desk.run("post", "--batch", "--key", "many", stdin=batch)
    assert ran.out == "10,000 posts queued (1 to 10000)\n"
    health = desk.run("status", "--json").json
    assert "10000" in json.dumps(health)


def test_a_table_of_a_spreadsheet(desk: Any) -> None:
    table = desk.folder / "خبرها.csv"
    table.write_text(
        "متن;کانال;ساعت\nنوبت صبح از ۷ است.;desk;فردا ۸ صبح\nعصر;desk;\n", encoding="utf-8-sig"
    )
    assert desk.run("post", "--batch", str(table)).out == "2 posts queued (1 to 2)\n"
    assert desk.run("show", "1", "--json").json["state"] == "scheduled"
    table.write_text("متن,کانال\nعصر,nowhere\n", encoding="utf-8")
    assert "line 2: " in desk.refused("post", "--batch", str(table))
