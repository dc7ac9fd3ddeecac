"""A schedule holds its content: the daemon opens no file that a poster names."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from broadcaster.app.office import Office

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def posts(desk: Any) -> Path:
    folder: Path = desk.folder / "posts"
    folder.mkdir()
    (folder / "عکس.png").write_bytes(PNG)
    (folder / "ساعت کار.md").write_text(
        "---\nto: desk\nmedia: [عکس.png]\nexpires: in 3h\n---\nساعت کار **نو**\n", encoding="utf-8"
    )
    return folder


def media_of(desk: Any) -> list[Any]:
    office = Office.load(desk.config)
    with office.store() as store:
        return [*store.post(1).post.media]


def files(desk: Any) -> set[str]:
    return {each.name for each in (desk.folder / "state" / "media").glob("??/*")}


def test_what_was_taken_in_is_posted_whatever_became_of_the_file(desk: Any, posts: Path) -> None:
    file = posts / "ساعت کار.md"
    desk.add("--file", str(file))
    shown = desk.json("schedule", "show", "ساعت-کار")
    assert (shown["file"], shown["media"]) == (str(file), [str(posts / "عکس.png")])
    assert shown["taken"] is not None
    assert shown["changed"] == []
    secret = desk.config.parent / "secrets" / "bale"
    file.unlink()
    file.symlink_to(secret)
    (posts / "عکس.png").unlink()
    (posts / "عکس.png").symlink_to(secret)
    assert desk.json("schedule", "show", "ساعت-کار")["changed"] == [
        str(file),
        str(posts / "عکس.png"),
    ]
    desk.run("check")
    assert "has changed since it was taken in" in desk.err
    desk.drain()
    assert desk.received() == ["ساعت کار نو"]
    post = desk.json("show", "1")
    assert files(desk) == {each.digest for each in media_of(desk)}
    assert post["expires"] is not None


def test_files_of_a_schedule_stay_as_long_as_it_does(desk: Any, posts: Path) -> None:
    desk.add("--file", str(posts / "ساعت کار.md"))
    (digest,) = files(desk)
    old = time.time() - 3 * 86_400
    os.utime(desk.folder / "state" / "media" / digest[:2] / digest, (old, old))
    desk.run("prune")
    assert files(desk) == {digest}
    desk.run("backup", str(desk.folder / "copy"))
    assert json.loads((desk.folder / "copy" / "backup.json").read_text())["files"] == [digest]
    desk.run("schedule", "remove", "ساعت-کار")
    desk.run("prune")
    assert files(desk) == set()


def test_a_schedule_of_an_older_program_is_not_opened_and_says_what_to_do(
    desk: Any, posts: Path
) -> None:
    desk.add("متن")
    file = str(posts / "ساعت کار.md")
    for said in ({"file": file}, {"text": "x", "media": ["/proc/self/environ"]}):
        with closing(sqlite3.connect(desk.store)) as store, store:
            (old,) = store.execute("select definition from schedules").fetchone()
            kept = {k: v for k, v in json.loads(old).items() if k not in ("text", "file", "media")}
            store.execute(
                "update schedules set problem = '', definition = ?", [json.dumps(kept | said)]
            )
        assert "save it again" in desk.drain()
        assert desk.received() == []
        assert "broadcaster schedule add ساعت-کار --replace" in desk.run(
            "schedule", "show", "ساعت-کار"
        )
        assert "failed" in desk.run("schedule", "list")
        assert "save it again" in desk.run("status")
        desk.run("check")
        assert "save it again" in desk.err


def test_a_row_that_says_it_is_of_the_config_opens_nothing_either(desk: Any) -> None:
    desk.add("متن")
    said = {"text": "x", "media": ["/proc/self/environ"], "trigger": "every 6h", "zone": "UTC"}
    with closing(sqlite3.connect(desk.store)) as store, store:
        store.execute(
            "update schedules set origin = 'config', definition = ?",
            [json.dumps({**said, "to": ["desk"]})],
        )
    desk.drain()  # the config knows no such schedule: it is removed
    assert desk.json("schedule", "list") == []
    assert desk.received() == []


def test_a_damaged_schedule_is_named_and_the_others_go_on(desk: Any) -> None:
    for name, definition in (("آ", "[1"), ("الف", '{"trigger": 5}'), ("ب", "[" * 100_000)):
        desk.add("متن", name=name)
        with closing(sqlite3.connect(desk.store)) as store, store:
            store.execute("update schedules set definition = ? where name = ?", [definition, name])
    desk.add("خوب", name="ی")
    desk.drain()
    assert desk.received() == ["خوب"]
    for name in ("آ", "الف", "ب"):
        assert "damaged" in desk.json("schedule", "show", name)["problem"]
        assert "damaged" in desk.run("schedule", "show", name)
        assert "damaged" in desk.json("status")["schedules_failed"][name]
    assert desk.run("schedule", "list").count("failed") == 3
    assert [row["schedule"] for row in desk.json("schedule", "next", "-n", "1")] == ["ی"]
    desk.run("check")
    desk.run("schedule", "remove", "آ")
