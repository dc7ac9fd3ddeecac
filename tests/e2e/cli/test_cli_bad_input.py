"""Bad input: exit code 2, the thing and the next step named on stderr, nothing half-queued."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

TEXT = "اطلاعیه: می‌توانید از فردا نوبت بگیرید."


def test_an_unknown_name_shows_the_nearest(desk: Any) -> None:
    err = desk.refused("post", TEXT, "--to", "news-bael")
    assert '"news-bael"' in err
    assert "news-bale" in err


def test_an_unknown_config_key_shows_the_nearest(desk: Any, written: Any) -> None:
    written("[platforms.bale]\n", "[platforms.bale]\nsendres = 4\n")
    err = desk.refused("list")
    assert "platforms.bale.sendres" in err
    assert "senders" in err


def test_every_mistake_of_a_config_is_named_at_once(desk: Any, written: Any) -> None:
    written('state_dir = "../state"', 'state_dir = "../state"\ncolour = "red"\ngrace = "5 apples"')
    written('platform = "telegram"', 'platform = "telegrm"')
    err = desk.refused("check")
    assert "colour" in err
    assert "grace" in err
    assert "telegrm" in err
    assert str(desk.config) in err


def test_broken_toml_is_named_with_its_line(desk: Any, written: Any) -> None:
    written('test_channel = "desk"', 'test_channel = "desk')
    assert "line 3" in desk.refused("status")


def test_a_name_for_two_things_is_refused(desk: Any, written: Any) -> None:
    written('groups = ["news"]\n\n', 'groups = ["bale"]\n\n')
    assert "bale" in desk.refused("list")


def test_a_config_that_is_not_there_is_named(empty: Any) -> None:
    assert "broadcaster init" in empty.refused("list")
    assert "there.toml" in empty.refused("--config", "there.toml", "list")


def test_a_missing_file_is_named(desk: Any) -> None:
    assert "poster.jpg" in desk.refused("post", TEXT, "--media", "poster.jpg")
    assert "khabar.md" in desk.refused("post", "--file", "khabar.md")
    assert "other.md" in desk.refused("post", TEXT, "--text-for", "news-bale=@other.md")


def test_an_empty_file_cannot_be_posted(desk: Any) -> None:
    (desk.folder / "empty.jpg").touch()
    assert "empty.jpg" in desk.refused("post", TEXT, "--media", "empty.jpg")


def test_a_file_too_large_for_a_platform_is_refused_with_the_platform(desk: Any) -> None:
    with (desk.folder / "film.bin").open("wb") as file:
        file.truncate(60_000_000)
    err = desk.refused("post", TEXT, "--media", "film.bin")
    assert "news-bale" in err
    assert "news-telegram" in err
    assert not (desk.folder / "state" / "media").exists()


@pytest.mark.parametrize("text", ["", " \n\t ", "#"], ids=["empty", "white", "renders to nothing"])
def test_there_must_be_something_to_say(desk: Any, text: str) -> None:
    assert desk.refused("post", text).startswith("error: ")
    assert desk.refused("post", stdin=text.encode()).startswith("error: ")


def test_text_comes_from_one_place(desk: Any) -> None:
    (desk.folder / "khabar.md").write_text(TEXT, encoding="utf-8")
    assert "--file" in desk.refused("post", TEXT, "--file", "khabar.md")


def test_text_must_be_utf8(desk: Any) -> None:
    assert "UTF-8" in desk.refused("post", stdin="سلام".encode("cp1256"))
    (desk.folder / "old.txt").write_bytes("سلام".encode("cp1256"))
    assert "old.txt" in desk.refused("post", "--file", "old.txt")


def test_control_characters_are_refused_with_their_place(desk: Any, tmp_path: Path) -> None:
    file = tmp_path / "خبر\x1b[31m.txt"
    file.write_text("متن", encoding="utf-8")
    bad = "خط یک\nمتن\x1b[31m"
    lines = [{"text": bad}, {"text": "متن", "key": "k\0"}, {"text": "یک\u2028دو"}]
    for said in (
        desk.refused("post", bad),
        desk.refused("post", "-", stdin=bad.encode()),
        desk.refused("post", TEXT, "--text-for", f"news-bale={bad}"),
        desk.refused("schedule", "add", "s", "--every", "6h", bad),
    ):
        assert "U+001B" in said
        assert "line 2, column 4" in said
    assert "the key" in desk.refused("post", TEXT, "--key", "خبر\n۱")
    assert "the name of the file" in desk.refused("post", TEXT, "--media", str(file))
    said = desk.refused("post", "--batch", stdin="\n".join(map(json.dumps, lines)).encode())
    assert "line 1: the text holds" in said
    assert "line 2: the key" in said
    assert "line 3" not in said
    post = desk.run("post", TEXT, "--json").json["id"]
    assert "U+001B" in desk.refused("edit", str(post), bad, "--yes")


def test_a_reason_never_keeps_a_halt_from_happening(desk: Any) -> None:
    desk.run("halt", "--reason", "خطا\x1b[2J\nدر متن")
    assert "خطا [2J در متن" in desk.run("status").err


def test_a_text_has_a_largest_size(desk: Any, written: Any, tmp_path: Path) -> None:
    long = "الف" * 11_000
    file = tmp_path / "خبر.md"
    file.write_text(long, encoding="utf-8")
    for said in (
        desk.refused("post", long),
        desk.refused("post", "--file", str(file)),
        desk.refused("post", "--batch", stdin=json.dumps({"text": long}).encode()),
        desk.refused("post", TEXT, "--text-for", f"news-bale=@{file}"),
        desk.refused("schedule", "add", "s", "--every", "6h", "--file", str(file)),
    ):
        assert "66,000 bytes" in said
        assert "65,536" in said
    post = desk.run("post", TEXT, "--json").json["id"]
    assert "66,000 bytes" in desk.refused("edit", str(post), "--file", str(file), "--yes")
    assert "1,048,576" in desk.refused("post", "-", stdin=b"a" * 2_000_001)
    desk.write(f"{desk.config.read_text('utf-8')}\n[limits]\ntext_bytes = 66000\n")
    desk.run("post", "--file", str(file))


@pytest.mark.parametrize("at", ["2020-01-01 08:00", "۱۳۹۹/۱/۱ ۸:۰۰", "1399/01/01 08:00+03:30"])
def test_a_time_in_the_past_is_refused_and_shown_in_both_calendars(desk: Any, at: str) -> None:
    err = desk.refused("post", TEXT, "--at", at)
    assert "past" in err
    assert "2020" in err
    assert any(year in err for year in ("۱۳۹۸", "۱۳۹۹"))
    assert "past" in desk.refused("post", TEXT, "--at", at, "--dry-run")
    assert "past" in desk.refused("post", TEXT, "--expires", at)


def test_a_time_that_cannot_be_read_shows_one_that_can(desk: Any) -> None:
    err = desk.refused("post", TEXT, "--at", "soonish")
    assert "soonish" in err
    assert "فردا ۸ صبح" in err


def test_it_cannot_expire_before_it_is_due(desk: Any) -> None:
    err = desk.refused("post", TEXT, "--at", "in 3h", "--expires", "in 2h")
    assert "--expires" in err


def test_a_key_stands_for_one_content(desk: Any) -> None:
    first = desk.run("post", TEXT, "--key", "ettela-7", "--json").json
    err = desk.refused("post", "متنی دیگر", "--key", "ettela-7")
    assert f"post {first['id']}" in err
    assert "اطلاعیه" in err
    assert "متنی دیگر" in err
    assert "--key" in desk.refused("post", TEXT, "--key", " ")


def test_more_than_ten_messages_must_be_meant(desk: Any) -> None:
    long = ("at 8. " * 10_000).encode()
    assert "--allow-long" in desk.refused("post", stdin=long)
    desk.run("post", "--allow-long", stdin=long)


def test_a_text_for_a_channel_that_is_no_target_is_refused(desk: Any) -> None:
    err = desk.refused("post", TEXT, "--to", "news-bale", "--text-for", "desk=سلام")
    assert "desk" in err
    assert "NAME=TEXT" in desk.refused("post", TEXT, "--text-for", "سلام")
    assert "twice" in desk.refused("post", TEXT, *["--text-for", "news-bale=سلام"] * 2)


def test_there_must_be_something_to_wait_for(desk: Any) -> None:
    assert "draft" in desk.refused("post", TEXT, "--wait", "--draft")
    assert "timeout" in desk.refused("post", TEXT, "--at", "in 2h", "--wait", "--timeout", "5s")
    assert "--wait" in desk.refused("post", TEXT, "--timeout", "5s")
    assert "5 apples" in desk.refused("post", TEXT, "--wait", "--timeout", "5 apples")


def test_somebody_must_say_where_to(desk: Any, written: Any) -> None:
    written('default_to = ["news"]\n', "")
    assert "--to" in desk.refused("post", TEXT)
    written('test_channel = "desk"\n', "")
    assert "test_channel" in desk.refused("post", TEXT, "--test")
    assert "--test" in desk.refused("post", TEXT, "--test", "--to", "news")


@pytest.mark.parametrize(
    "command",
    [
        ("show", "99"),
        ("watch", "99"),
        ("move", "99", "--at", "in 2h"),
        ("cancel", "99"),
        ("retry", "99"),
        ("edit", "99", TEXT, "--yes"),
        ("recall", "99", "--yes"),
        ("pin", "99"),
        ("resolve", "99", "news-bale", "--posted"),
        ("post", TEXT, "--reply-to", "99"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("post", ["99", "9223372036854775808", "9" * 30])
def test_an_unknown_post_is_named(desk: Any, command: tuple[str, ...], post: str) -> None:
    """However large a number was mistyped: a database has a largest one."""
    err = desk.refused(*(post if word == "99" else word for word in command))
    assert f"there is no post {post}" in err


def test_no_post_of_such_a_number_has_been_audited(desk: Any) -> None:
    desk.run("post", TEXT)
    assert desk.run("audit", "--post", "1", "--json").json
    assert desk.run("audit", "--post", "9" * 30, "--json").json == []


def test_an_unknown_name_is_named_everywhere(desk: Any) -> None:
    desk.run("post", TEXT)
    for command in ("off", "on", "release"):
        assert "news-bael" in desk.refused(command, "news-bael")
    assert "does not go to desk" in desk.refused("cancel", "1", "--to", "desk")
    assert "psot" in desk.refused("psot")
    assert "twitter" in desk.refused("platforms", "twitter")


@pytest.mark.parametrize(
    "typed",
    [
        *("https://t.me/news/4711", "t.me/news/4711", "", " ", "47 11", "4711\n4712", "۴۷\u200c۱۱"),
        *("4" * 129, "\x1b[31m", "\\4711"),
    ],
)
def test_what_cannot_be_the_id_of_a_message_is_refused(desk: Any, typed: str) -> None:
    desk.run("post", TEXT)
    assert "ID" in desk.refused("resolve", "1", "news-bale", typed, "--posted")


def test_a_decision_must_be_said_whole(desk: Any) -> None:
    assert "--posted" in desk.refused("resolve", "1", "news-bale")
    assert "--all" in desk.refused("resolve", "1", "--posted")
    assert "--yes" in desk.refused("resolve", "--all", "--posted")
    assert "--missed" in desk.refused("retry")
    assert "--all" in desk.refused("release")
    assert "reason" in desk.refused("halt")


def test_a_store_that_cannot_be_written_is_named(desk: Any, written: Any) -> None:
    (desk.folder / "state").write_text("a file where a folder should be", encoding="utf-8")
    err = desk.refused("post", TEXT)
    assert "state" in err


def test_a_damaged_store_is_named(desk: Any) -> None:
    desk.store.parent.mkdir()
    desk.store.write_bytes(b"this is no database, " * 1000)
    for command in (("post", TEXT), ("list",), ("check",)):
        ran = desk.run(*command, code=2)
        assert "broadcaster.db" in ran.err


def test_a_store_of_a_newer_version_is_left_alone(desk: Any) -> None:
    desk.run("post", TEXT)
    store = sqlite3.connect(desk.store)
    store.execute("pragma user_version = 1000")
    store.close()
    ran = desk.run("post", TEXT, code=2)
    assert "1000" in ran.err
    assert "upgrade" in ran.err


def test_a_second_daemon_is_refused_with_the_first_ones_pid(desk: Any) -> None:
    with desk.started("daemon") as first:
        while b"running" not in first.stderr.readline():
            assert first.poll() is None
        assert f"pid {first.pid}" in desk.run("daemon", code=2).err
    assert first.returncode == 0


def test_a_token_that_others_can_read_stops_the_daemon_with_the_chmod_to_run(desk: Any) -> None:
    (desk.folder / "config" / "secrets" / "bale").chmod(0o644)
    assert "chmod 600" in desk.run("daemon", code=2).err
    assert "chmod 600" in desk.run("check", code=2).err


def test_a_port_in_use_is_named(desk: Any) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert str(port) in desk.refused("sandbox", "--port", str(port))
    assert "PLATFORM.NAME=VALUE" in desk.refused("sandbox", "--port", "0", "--switch", "bale")


@pytest.mark.parametrize("option", ["--at", "--expires"])
def test_an_empty_time_is_no_time(desk: Any, option: str) -> None:
    assert "the time is empty" in desk.refused("post", TEXT, option, "")
    assert "the time is empty" in desk.refused("post", TEXT, option, " \u200c", "--dry-run")


@pytest.mark.parametrize("name", ["at", "expires", "to"])
def test_an_empty_value_in_a_file_or_a_batch_is_refused(desk: Any, name: str) -> None:
    (desk.folder / "khabar.md").write_text(f"---\n{name}:\n---\n{TEXT}", encoding="utf-8")
    assert "empty" in desk.refused("post", "--file", "khabar.md")
    line = json.dumps({"text": TEXT, name: [] if name == "to" else ""})
    assert "line 1" in desk.refused("post", "--batch", stdin=line.encode())


HALVES = [
    ["post", TEXT, "--key", "k\udcff"],
    ["post", TEXT, "--to", "\udcd3"],
    ["halt", "--reason", "خطا\udcd3"],
    ["off", "telegram", "--reason", "\udcd3"],
    ["post", "--media=x\udcd3.png"],
    ["show", "\udcd3"],
]


@pytest.mark.parametrize("args", HALVES, ids=lambda args: " ".join(args[:2]))
def test_an_argument_that_is_not_utf8_is_named(desk: Any, args: list[str]) -> None:
    err = desk.refused(*args)
    assert "is not UTF-8" in err
    assert "\\x" in err


def test_a_file_whose_name_is_not_utf8_is_not_posted_under_a_broken_one(desk: Any) -> None:
    (desk.folder / "x\udcd3.txt").write_text("متن", encoding="utf-8")
    assert "rename it" in desk.refused("post", TEXT, "--media", "x\udcd3.txt")


@pytest.mark.parametrize("name", ["text", "key", "at"])
def test_half_a_character_in_a_batch_is_named_with_its_column(desk: Any, name: str) -> None:
    lines = [json.dumps({"text": "نوبت 😀"}), '{"text": "a", "' + name + '": "\\\\\\ud83d"}']
    err = desk.refused("post", "--batch", stdin="\n".join(lines).encode())
    assert "line 2: \\ud83d (column" in err
    assert "line 1" not in err
