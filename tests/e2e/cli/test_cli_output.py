"""What commands print: JSON for programs, aligned Persian for people, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import Any

import pytest

TEXT = "اطلاعیه: می‌توانید از فردا نوبت بگیرید."


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("platforms",),
        ("platforms", "bale"),
        ("status",),
        ("list",),
        ("show", "1"),
        ("report",),
        ("move", "1", "--at", "in 3h"),
        ("edit", "1", "متن تازه", "--yes"),
        ("off", "bale"),
        ("on", "bale"),
        ("halt", "--reason", "خطا"),
        ("resume",),
        ("cancel", "1"),
    ],
    ids=" ".join,
)
def test_json_stands_alone_on_stdout(desk: Any, command: tuple[str, ...]) -> None:
    desk.run("post", TEXT, "--at", "in 2h")
    if command == ("resume",):
        desk.run("halt", "--reason", "خطا")
    ran = desk.run(*command, "--json")
    assert ran.json is not None
    assert "\\u06" not in ran.out
    for moment in _moments(ran.json):
        assert datetime.fromisoformat(moment).utcoffset() is not None


def test_stdout_is_utf8_whatever_the_locale(desk: Any) -> None:
    old = {
        "PYTHONIOENCODING": "ascii",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    desk.run("post", stdin=TEXT.encode())
    assert TEXT in desk.run("show", "1", env=old).out
    assert json.loads(desk.run("list", "--json", env=old).out)[0]["text"] == TEXT


def test_columns_stay_aligned_after_words_with_half_spaces(desk: Any, written: Any) -> None:
    written("[channels.desk]", '[channels."خبرهای‌ما"]')
    written('test_channel = "desk"', 'test_channel = "خبرهای‌ما"')
    desk.run("post", TEXT, "--to", "all", "--to", "خبرهای‌ما")
    lines = [line for line in desk.run("show", "1").out.splitlines() if "  waiting  due" in line]
    assert len(lines) == 3
    columns = {line.replace("\u200c", "").index("waiting") for line in lines}
    assert len(columns) == 1


def test_nothing_is_coloured_where_nobody_looks(desk: Any) -> None:
    desk.run("post", TEXT)
    ran = desk.run("list")
    assert "\x1b" not in ran.out + ran.err


def test_a_day_is_reported_in_both_calendars_with_what_is_not_out(desk: Any) -> None:
    desk.run("post", TEXT)
    report = desk.run("report", "--json").json
    assert {each["channel"] for each in report["deliveries"]} == {"news-bale", "news-telegram"}
    assert {each["state"] for each in report["deliveries"]} == {"waiting"}
    assert desk.run("report", "--day", report["day"], "--json").json == report
    assert desk.run("report", "--day", "1404/12/29", "--json").json == {
        "day": "2026-03-20",
        "until": "2026-03-20",
        "deliveries": [],
        "totals": {},
    }
    assert "soonish" in desk.refused("report", "--day", "soonish")


def test_csv_opens_as_utf8_in_a_spreadsheet(desk: Any) -> None:
    desk.run("post", TEXT + '\n\nدر دو بند، با «نقل قول» و "گیومه"')
    out = desk.run("report", "--csv").out
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert rows[0]["متنی که در کانال است"].startswith(TEXT)
    assert rows[0]["متنی که در کانال است"].endswith('"گیومه"')
    assert rows[0]["وضعیت"] == "در نوبت"
    assert re.fullmatch(r"[۰-۹]{4}/[۰-۹]{2}/[۰-۹]{2} [۰-۹]{2}:[۰-۹]{2}", rows[0]["زمان"])


def test_a_reader_that_has_seen_enough_is_no_failure(desk: Any) -> None:
    with desk.started("platforms", "--json") as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        process.wait(30)


def test_help_of_every_command_teaches_with_examples(desk: Any) -> None:
    top = desk.run("--help").out
    for name in ("post", "demo", "resolve", "off", "completion", "sandbox", "daemon", "check"):
        assert name in top
        page = desk.run(name, "--help").out
        assert page.count(f"broadcaster {name}") >= 2, page


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_learn_to_complete_it(desk: Any, shell: str) -> None:
    assert "_BROADCASTER_COMPLETE" in desk.run("completion", shell).out


def test_names_of_channels_are_completed(desk: Any) -> None:
    ran = desk.run(
        env={
            "_BROADCASTER_COMPLETE": "bash_complete",
            "COMP_WORDS": "broadcaster post --to news-",
            "COMP_CWORD": "3",
        }
    )
    assert ran.out.split() == ["plain,news-bale", "plain,news-telegram"]


def test_platforms_say_where_each_number_is_from(desk: Any) -> None:
    (bale,) = desk.run("platforms", "bale", "--json").json["platforms"]
    for fact in (*bale["limits"].values(), *bale["media"].values()):
        assert fact["source"]
    assert bale["proven"] == "sandbox"
    assert "never" in desk.run("platforms", "bale").out


def _moments(value: object) -> list[str]:
    """Every string that begins like a time."""
    if isinstance(value, dict):
        return [found for each in value.values() for found in _moments(each)]
    if isinstance(value, list):
        return [found for each in value for found in _moments(each)]
    return [value] if isinstance(value, str) and value[:2] == "20" and "T" in value else []
