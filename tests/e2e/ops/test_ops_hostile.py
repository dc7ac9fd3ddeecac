"""Somebody who may write to the state folder sends no other file, and writes to none."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from broadcaster.store.sqlite.driver import dbapi as sqlite3
from tests.e2e import warm
from tests.e2e.ops.conftest import TOKEN

WORDS = "متن پیوست: ساعت کار اداره".encode()
DAY = 86_400.0


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "نامه.txt"
    path.write_bytes(WORDS)
    return path


def blob(office: Any) -> Path:
    (path,) = office.media.glob("??/*")
    assert isinstance(path, Path)
    return path


def token(office: Any) -> Path:
    path = office.config.parent / "secrets" / "bale"
    assert isinstance(path, Path)
    return path


def drained(office: Any, code: int = 3) -> None:
    assert office.daemon("--drain").popen.wait(60) == code


def told(office: Any, post: int, words: str) -> bool:
    """Whether a person who looks at the post reads these words."""
    return words in " ".join(office.run("show", str(post)).out.split())


def write(office: Any, *statements: str) -> None:
    with closing(sqlite3.connect(office.store)) as raw:
        for statement in statements:
            raw.execute(statement)
        raw.commit()


def _link(path: Path, secret: Path) -> None:
    path.unlink()
    path.symlink_to(secret)


def _pipe(path: Path, _: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _content(path: Path, secret: Path) -> None:
    path.write_bytes(secret.read_bytes())


def _folder(path: Path, secret: Path) -> None:
    aside = secret.parent / path.name
    shutil.copy(secret, aside)
    shutil.rmtree(path.parent)
    path.parent.symlink_to(secret.parent)


@pytest.mark.parametrize("harm", [_link, _pipe, _content, _folder])
def test_a_file_that_was_replaced_is_not_sent(
    served: Any, letter: Path, harm: Callable[[Path, Path], None]
) -> None:
    post = served.post("پیوست", "--media", str(letter))
    other = served.post("بی پیوست")
    harm(blob(served), token(served))
    drained(served)
    assert set(served.states(post).values()) == {"failed"}
    assert set(served.states(other).values()) == {"delivered"}, "the daemon goes on"
    assert told(served, post, "the stored copy of نامه.txt")
    assert len(served.accepted()) == 2
    assert TOKEN not in json.dumps(served.run("show", str(post), "--json").json)


def test_what_was_changed_in_the_queue_is_not_sent(served: Any, letter: Path) -> None:
    changed = served.post("سلام همکاران")
    attached = served.post("پیوست", "--media", str(letter))
    gone, sound = served.post("خبر سوم"), served.post("خبر چهارم")
    digest = blob(served).name
    path = str(token(served))
    write(
        served,
        "update renderings set messages = replace(messages, 'سلام', 'این متن عوض شد')",
        f"update renderings set messages = replace(messages, '{digest}', '{path}')",
        "update renderings set messages = '[]' where messages like '%خبر سوم%'",
    )
    drained(served)
    for post in (changed, attached, gone):
        assert set(served.states(post).values()) == {"failed"}
        assert told(served, post, "not what was checked")
    assert set(served.states(sound).values()) == {"delivered"}
    sent = json.dumps(served.accepted(), ensure_ascii=False)
    assert "عوض شد" not in sent
    assert TOKEN not in sent


def test_a_backup_names_what_is_not_as_it_was(office: Any, letter: Path, tmp_path: Path) -> None:
    office.post("پیوست", "--media", str(letter))
    _link(blob(office), token(office))
    ran = office.run("backup", "copy", code=1)
    assert f"left out: media/{blob(office).parent.name}/" in ran.err
    assert "symbolic link" in ran.err
    assert TOKEN not in "".join(
        path.read_text(errors="ignore") for path in (tmp_path / "copy").rglob("*") if path.is_file()
    )
    office.run("restore", "copy")
    blob(office).unlink()
    blob_path = office.media / hashlib.sha256(WORDS).hexdigest()[:2]
    (blob_path / hashlib.sha256(WORDS).hexdigest()).write_bytes(b"something else")
    ran = office.run("backup", "again", "--json", code=1)
    assert "its content is not what was attached" in ran.json["spoilt"][0]


def test_a_wrong_file_however_large_takes_no_room_in_a_backup(office: Any, letter: Path) -> None:
    """A file of holes says that it is large, and takes none itself."""
    office.post("پیوست", "--media", str(letter))
    with blob(office).open("r+b") as file:
        file.truncate(64 << 20)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, hard))  # for what is started from here
    try:
        ran = office.run("backup", "copy", "--json", code=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "its content is not what was attached" in ran.json["spoilt"][0]


def test_a_wrong_file_is_read_no_further_than_the_right_one_goes(
    office: Any, letter: Path, tmp_path: Path
) -> None:
    """To read so large a one to its end would take hours."""
    office.post("پیوست", "--media", str(letter))
    with blob(office).open("r+b") as file:
        file.truncate(900 << 30)
    ran = office.run("backup", "copy", "--json", code=1)
    assert "its content is not what was attached" in ran.json["spoilt"][0]
    with blob(office).open("r+b") as file:
        file.truncate(len(WORDS))
    office.run("backup", "whole")
    with blob(office).open("r+b") as file:
        file.truncate(900 << 30)
    office.run("restore", "whole")
    assert blob(office).read_bytes() == WORDS


def test_a_backup_writes_into_its_folder_only(office: Any, letter: Path, tmp_path: Path) -> None:
    office.post("پیوست", "--media", str(letter))
    digest = blob(office).name
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (office.media / "x" / "x").mkdir(parents=True)
    (office.media / "x" / "x" / "a").symlink_to(deep)
    climb = "x/a/" + "../" * 6 + "pwned"
    write(office, f"update posts set media = replace(media, '{digest}', '{climb}')")
    before = {path for path in tmp_path.rglob("*") if "pwned" in path.name}
    ran = office.run("backup", "copy", code=1)
    assert "is no digest" in ran.err
    assert {path for path in tmp_path.rglob("*") if "pwned" in path.name} == before == set()
    assert "نامه.txt" in office.run("show", "1").out, "it can still be looked at"


def test_a_prune_removes_nothing_elsewhere(office: Any, tmp_path: Path) -> None:
    office.post("متن")
    victim = tmp_path / "victim"
    theirs = [victim / "letter", victim / ("0" * 64), victim / ".new-1"]
    victim.mkdir()
    office.media.mkdir(exist_ok=True)
    for path in theirs:
        path.touch()
        os.utime(path, (time.time() - 9 * DAY,) * 2)
    for name in ("zz", "ab", "00"):
        (office.media / name).symlink_to(victim)
    assert "0 attached files" in office.run("prune").out
    assert all(path.exists() for path in theirs)


@pytest.mark.parametrize("suffix", [".mark", ".lock", ".turn", "-wal", "-shm"])
def test_a_link_beside_the_store_is_named_and_not_followed(office: Any, suffix: str) -> None:
    office.post("متن")
    beside = office.store.with_name(office.store.name + suffix)
    beside.unlink(missing_ok=True)
    beside.symlink_to(token(office))
    for words in (("post", "دیگر"), ("daemon",), ("list",)):
        assert f"{beside}: it is a symbolic link" in office.run(*words, code=2).err
    assert token(office).read_text() == TOKEN
    beside.unlink()
    office.run("list")


def test_a_restore_takes_what_the_backup_lists_and_no_more(
    office: Any, letter: Path, tmp_path: Path
) -> None:
    office.post("پیوست", "--media", str(letter))
    office.run("backup", "copy")
    name = blob(office).name
    copy = tmp_path / "copy" / "media"
    (copy / "ee").mkdir()
    (copy / "ee" / "shadow").symlink_to("/etc/shadow")
    (copy / "ee" / ("e" * 64)).symlink_to(token(office))
    with (copy / "ee" / ("f" * 64)).open("wb") as sparse:
        sparse.truncate(1 << 30)
    shutil.rmtree(office.media)
    office.run("restore", "copy")
    assert [path.name for path in office.media.glob("??/*")] == [name]

    kept = copy / name[:2] / name
    kept.rename(tmp_path / "aside")
    kept.symlink_to(tmp_path / "aside")
    assert "is damaged" in office.run("restore", "copy", code=2).err


def test_a_restore_refuses_what_acts_behind_our_back(office: Any, tmp_path: Path) -> None:
    post = office.post("متن")
    office.run("backup", "copy")
    database = tmp_path / "copy" / "broadcaster.db"
    evil = (
        "create trigger evil after insert on renderings begin"
        " update renderings set messages = replace(new.messages, 'سلام', 'بدرود')"
        " where digest = new.digest; end"
    )
    with closing(sqlite3.connect(database)) as raw:
        raw.execute(evil)
        raw.commit()
    listed = json.loads((tmp_path / "copy" / "backup.json").read_text())
    listed["database"] = hashlib.sha256(database.read_bytes()).hexdigest()
    (tmp_path / "copy" / "backup.json").write_text(json.dumps(listed))
    assert "trigger evil" in office.run("restore", "copy", code=2).err
    assert set(office.states(post).values()) == {"waiting"}, "nothing was changed"

    write(office, evil)
    assert "trigger evil" in office.run("check", code=2).err
    daemon = office.start("daemon")
    assert daemon.popen.wait(60) == 2
    assert "trigger evil" in daemon.text()
    write(office, "drop trigger evil", "analyze")
    office.run("check")


def test_a_restore_reads_no_log_that_lies_beside_the_backup(office: Any, tmp_path: Path) -> None:
    post = office.post("متن")
    office.run("backup", "copy")
    database = tmp_path / "copy" / "broadcaster.db"
    aside = tmp_path / "aside.db"
    shutil.copy(database, aside)
    with closing(sqlite3.connect(aside)) as raw:
        raw.execute("pragma journal_mode = wal")
        raw.execute("update posts set source = 'عوض شد'")
        raw.commit()
        shutil.copy(f"{aside}-wal", f"{database}-wal")
    office.run("restore", "copy")
    assert "عوض شد" not in office.run("show", str(post)).out


def test_root_works_on_no_folder_of_somebody_else(office: Any) -> None:
    if os.geteuid():
        pytest.skip("needs root, to give a folder away")
    office.post("متن")
    office.run("backup", "before")
    os.chown(office.store.parent, 61001, 61001)
    for words in (("backup", "copy"), ("restore", "before")):
        ran = office.run(*words, code=2)
        assert f"sudo -u '#61001' broadcaster {words[0]}" in ran.err
    assert not (office.folder / "copy").exists()


def test_nothing_is_imported_of_the_folder_where_somebody_is(office: Any, tmp_path: Path) -> None:
    """``python -m broadcaster`` from its cold start, which a variable of Python's asks for."""
    ours = warm.environment()["PYTHONPATH"]
    office.environment["PYTHONPATH"] = ours
    ran = tmp_path / "it-ran"
    for name in ("adapters", "click"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    post = office.post("متن")
    assert set(office.states(post)) == {"news-bale", "news-telegram"}
    assert not ran.exists()
    before = os.pathsep.join((str(tmp_path), ours))
    shutil.rmtree(tmp_path / "click")
    told = office.run("list", "--state", "held", env={"PYTHONPATH": before}, code=2).err
    assert f"{tmp_path}/adapters/__init__.py stands in the way" in told
    assert not ran.exists()
