"""Whatever one schedule raises is its own problem: the others go on, and its reason is said."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.files import Opener
from broadcaster.model import Media
from broadcaster.store.views import AWAY
from tests.unit.engine.schedule_house import START, House

DUE = START + timedelta(hours=4, minutes=31)
NESTED = "+++\na = " + "[" * 100_000 + "\n+++\nمتن"


def broken(house: House, kind: str) -> str:
    """The keys of a schedule in the config that cannot be posted in one of many ways."""
    folder = house.folder / "posts"
    folder.mkdir(exist_ok=True)
    file = folder / "a.md"
    match kind:
        case "long name":
            return f'text = "بد"\nmedia = ["{"x" * 300}.jpg"]'
        case "pipe":
            os.mkfifo(file)
        case "device":
            return 'file = "/dev/zero"'
        case "folder":
            file.mkdir()
        case "link":
            file.symlink_to("/etc/passwd")
        case "loop":
            file.symlink_to("a.md")
        case "of others":
            file.write_text("متن", encoding="utf-8")
            folder.chmod(0o777)
        case "without end":
            with file.open("wb") as written:
                written.truncate(1 << 40)
        case "no text":
            file.write_bytes(b"\xff\xfe\0")
        case "nested":
            file.write_text(NESTED, encoding="utf-8")
        case "secret":
            file.write_text("---\nmedia: [/proc/self/environ]\n---\nx", encoding="utf-8")
        case "above":
            (house.folder / "s.txt").write_text("x")
            file.write_text("---\nmedia: [../s.txt]\n---\nx", encoding="utf-8")
        case "linked media":
            (folder / "s.txt").symlink_to("/etc/passwd")
            file.write_text("---\nmedia: [s.txt]\n---\nx", encoding="utf-8")
    return 'file = "posts/a.md"'


KINDS = (
    *("long name", "pipe", "device", "folder", "link", "loop", "of others", "without end"),
    *("no text", "nested", "secret", "above", "linked media"),
)


@pytest.mark.parametrize("kind", KINDS)
async def test_one_that_cannot_be_posted_keeps_no_other_from_it(house: House, kind: str) -> None:
    said = f'[schedules.a-bad]\nevery = "day 08:00"\n{broken(house, kind)}\n'
    said += '[schedules.b-good]\nevery = "day 08:00"\ntext = "خوب"\n'
    house.settings = house.configured(said)
    daemon = house.daemon("one")
    await daemon.look()
    house.now = DUE
    for _ in range(3):
        await daemon.look()
    assert house.texts() == ["خوب"]
    assert (house.row("a-bad").problem != "", house.row("b-good").problem) == (True, "")
    assert [verb for verb, _ in house.log()].count("fail") == 1
    house.now += timedelta(days=1)
    await daemon.look()
    assert house.row("a-bad").passed_why != AWAY
    assert house.texts() == ["خوب"] * 2


@pytest.mark.parametrize(
    "bug", [RecursionError(), MemoryError(), OSError(5, "x"), ValueError("\0\x1b"), KeyError("x")]
)
async def test_a_bug_is_the_problem_of_its_row(
    house: House, bug: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.daemon.recurring.AGAIN_S", 0.0)

    def fails(path: Path, opened: Opener) -> Media:
        raise bug

    monkeypatch.setattr(house, "take", fails)
    house.settings = house.configured(
        '[schedules.a-bad]\nevery = "day 08:00"\ntext = "x"\nmedia = ["a.jpg"]\n'
        '[schedules.b-good]\nevery = "day 08:00"\ntext = "خوب"\n'
    )
    daemon = house.daemon("one")
    await daemon.look()
    house.now = DUE
    for _ in range(3):
        await daemon.look()
    assert house.texts() == ["خوب"]
    assert type(bug).__name__ in house.row("a-bad").problem
    assert sum(1 for each in caplog.records if each.exc_info) == 1  # where: once


async def test_rows_that_are_damaged_stand_in_the_way_of_nobody(house: House) -> None:
    for number in range(8):
        house.add(f"a{number}")
    house.add("b", text="خوب")
    statements = (
        "update schedules set definition = '[1' where name = 'a0'",
        "update schedules set definition = '{}' where name = 'a1'",
        "update schedules set definition = replace(definition, 'every', 'avery') where name = 'a2'",
        "update schedules set next_at = 9e18 where name = 'a3'",
        "update schedules set next_at = -9e18 where name = 'a4'",
        "update schedules set origin = 'nobody', files = 'x' where name = 'a5'",
        "update schedules set definition = json_set(definition, '$.missed', 'x') where name = 'a6'",
        "update schedules set definition = '', next_at = null where name = 'a7'",
    )
    with house.store._cx.write():
        for statement in statements:
            house.store._cx.run(statement)
    daemon = house.daemon("one")
    house.now = DUE
    for _ in range(3):
        await daemon.look()
    assert "خوب" in house.texts()
    assert [name for name in ("a0", "a1", "a2", "a6", "a7") if not house.row(name).problem] == []
    assert not house.store.files()


async def test_a_bad_schedule_is_tried_each_minute_and_not_at_each_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Path] = []

    def fails(path: Path, opened: Opener) -> Media:
        tries.append(path)
        raise MemoryError

    monkeypatch.setattr(house, "take", fails)
    house.settings = house.configured(
        '[schedules.a]\nevery = "day 08:00"\ntext = "x"\nmedia = ["a.jpg"]\n'
    )
    daemon = house.daemon("one")
    await daemon.look()
    house.now = DUE
    for _ in range(5):
        await daemon.look()
    assert len(tries) == 1


async def test_it_is_not_said_that_no_daemon_ran_where_one_did(house: House) -> None:
    house.add()
    daemon = house.daemon("one")
    await daemon.look()
    house.now = START + timedelta(days=2)  # the store was locked meanwhile, for one
    await daemon.look()
    assert house.row().passed_why not in ("", AWAY)
    assert house.row().problem == ""
