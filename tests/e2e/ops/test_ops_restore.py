"""Backup, restore, and a copy that somebody put back by hand: nothing is sent twice."""

from __future__ import annotations

import json
import shutil
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from broadcaster.store.sqlite.driver import dbapi as sqlite3


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "پوستر.png"
    Image.new("RGB", (64, 48), "#10596b").save(path)
    return path


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


def test_a_backup_holds_queue_and_files_for_its_owner_alone(office: Any, picture: Path) -> None:
    office.post("با تصویر", "--media", str(picture))
    made = office.run("backup", "copy", "--json").json
    folder = office.folder / "copy"
    assert (made["files"], made["missing"]) == (1, [])
    assert made["audit_head"] == office.audit()[0]["hash"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes(folder) == {0o600}
    listed = json.loads((folder / "backup.json").read_text())
    (digest,) = listed["files"]
    copy = folder / "media" / digest[:2] / digest
    assert copy.read_bytes() == (office.media / digest[:2] / digest).read_bytes()


def test_a_target_that_exists_is_refused(office: Any) -> None:
    office.post("متن")
    (office.folder / "taken").write_text("نامه")
    ran = office.run("backup", "taken", code=2)
    assert "exists already" in ran.err
    assert (office.folder / "taken").read_text() == "نامه"
    ran = office.run("backup", "no/such/folder", code=2)
    assert "No such file or directory" in ran.err
    assert [path.name for path in office.folder.glob(".*")] == []


def test_after_a_restore_nothing_is_resent(served: Any, picture: Path) -> None:
    later = served.post("فردا می‌رود", "--at", "in 2h")
    waiting = served.post("اطلاعیه", "--media", str(picture))
    served.run("backup", "copy")
    daemon = served.daemon("--drain")
    assert daemon.popen.wait(60) == 0
    sent = served.accepted()
    assert len(sent) == 2

    ran = served.run("restore", "copy", "--json").json
    assert (ran["held"], ran["unknown"], ran["epoch"]) == (4, 0, 2)
    assert Path(ran["before"]).is_file()
    for post in (later, waiting):
        assert set(served.states(post).values()) == {"held"}
    assert served.daemon("--drain").popen.wait(60) == 0
    assert served.accepted() == sent

    new = served.post("خبر تازه")
    assert new > waiting, "no number is given out twice"
    served.run("release", "--all", "--drop", "--yes")
    served.daemon("--drain").popen.wait(60)
    assert len(served.accepted()) == len(sent) + 2
    verbs = [row["verb"] for row in served.audit()]
    assert verbs[:3] == ["release", "post", "restore"]
    assert served.run("audit", "--verify").out.startswith("the log is whole")


def test_on_a_new_machine(office: Any, picture: Path) -> None:
    post = office.post("با تصویر", "--media", str(picture))
    office.run("backup", "copy")
    shutil.rmtree(office.folder / "state")
    office.run("restore", "copy")
    assert set(office.states(post).values()) == {"held"}
    (digest,) = json.loads((office.folder / "copy" / "backup.json").read_text())["files"]
    assert (office.media / digest[:2] / digest).is_file()


def test_a_damaged_store_gives_way_to_its_backup(office: Any) -> None:
    post = office.post("متن")
    office.run("backup", "copy")
    office.store.write_bytes(b"\x00" * 4096 * 10)
    ran = office.run("list", code=2)
    assert "restore" in ran.err
    office.run("restore", "copy")
    assert set(office.states(post).values()) == {"held"}
    assert list(office.store.parent.glob("*before-restore*"))


@pytest.mark.parametrize("harm", ["change the queue", "remove a file", "remove the list"])
def test_a_backup_that_is_not_whole_changes_nothing(office: Any, picture: Path, harm: str) -> None:
    office.post("متن", "--media", str(picture))
    office.run("backup", "copy")
    folder = office.folder / "copy"
    match harm:
        case "change the queue":
            with (folder / "broadcaster.db").open("r+b") as file:
                file.seek(5000)
                file.write(b"x")
        case "remove a file":
            next((folder / "media").glob("??/*")).unlink()
        case "remove the list":
            (folder / "backup.json").unlink()
    kept = office.post("دیگر")
    assert "backup" in office.run("restore", "copy", code=2).err
    assert set(office.states(kept).values()) == {"waiting"}


def test_what_cannot_be_restored(office: Any, tmp_path: Path) -> None:
    office.post("متن")
    assert "no backup nowhere" in office.run("restore", "nowhere", code=2).err
    assert "--in-place" in office.run("restore", str(office.store), code=2).err
    assert "say what to restore" in office.run("restore", code=2).err
    (tmp_path / "letter.db").write_text("نامه" * 1000)
    assert "cannot be restored" in office.run("restore", "letter.db", code=2).err


def test_not_under_a_running_daemon(office: Any) -> None:
    office.post("متن")
    office.run("backup", "copy")
    office.daemon()
    assert "another daemon" in office.run("restore", "copy", code=1).err
    assert "another daemon" in office.run("restore", "--in-place", code=1).err


def copy_by_hand(office: Any) -> Path:
    """As `cp` does it, with the daemon stopped."""
    aside = Path(office.folder) / "by-hand.db"
    shutil.copy(office.store, aside)
    return aside


@pytest.mark.parametrize("mark", ["kept", "put back as well"])
def test_an_older_copy_put_back_by_hand_does_not_run(served: Any, mark: str) -> None:
    post = served.post("یک بار")
    aside = copy_by_hand(served)
    marked = served.store.with_name("broadcaster.db.mark")
    shutil.copy(marked, served.folder / "mark")
    assert served.daemon("--drain").popen.wait(60) == 0
    sent = served.accepted()
    for suffix in ("-wal", "-shm"):
        served.store.with_name(served.store.name + suffix).unlink(missing_ok=True)
    if mark == "kept":
        shutil.copyfile(aside, served.store)  # into the same file
    else:
        aside.rename(served.store)
        shutil.copy(served.folder / "mark", marked)

    process = served.start("daemon", "--drain")
    assert process.popen.wait(60) == 2
    assert "restore --in-place" in process.text()
    assert "restore --in-place" in served.run("post", "دیگر", code=2).err
    assert served.accepted() == sent
    assert set(served.states(post).values()) == {"waiting"}, "it can still be looked at"

    served.run("restore", "--in-place")
    assert set(served.states(post).values()) == {"held"}
    assert served.daemon("--drain").popen.wait(60) == 0
    assert served.accepted() == sent


def test_a_restore_that_was_broken_off_lets_nothing_in(office: Any) -> None:
    post = office.post("متن")
    office.run("backup", "copy")
    raw = sqlite3.connect(office.store)
    raw.execute("update meta set value = 'it is being replaced' where key = 'sealed'")
    raw.commit()
    raw.close()
    assert "it is being replaced" in office.run("post", "نه", code=1).err
    assert office.start("daemon").popen.wait(60) == 1
    office.run("restore", "copy")
    assert set(office.states(post).values()) == {"held"}
    assert office.post("آری") > post


def test_a_store_that_is_gone_is_not_silently_a_new_one(office: Any) -> None:
    office.post("متن")
    for path in office.store.parent.glob("broadcaster.db*"):
        if not path.name.endswith(".mark"):
            path.unlink()
    ran = office.run("post", "دیگر", code=2)
    assert "is gone" in ran.err
    assert not office.store.exists()
    office.store.with_name("broadcaster.db.mark").unlink()
    assert office.post("از نو") == 1


def test_a_backup_while_everything_goes_on(served: Any) -> None:
    served.daemon()
    posts = [served.post(f"اطلاعیهٔ {number}") for number in range(3)]
    served.run("backup", "copy")
    served.post("بعد از آن")
    time.sleep(0.1)
    assert len(posts) == 3
    assert (served.folder / "copy" / "backup.json").is_file()
