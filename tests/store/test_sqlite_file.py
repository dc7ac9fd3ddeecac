"""The file itself: locks, versions, damage, rights, and processes that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.errors import InputError
from broadcaster.model import State
from broadcaster.store import open_store
from broadcaster.store.changes import Halt, Resume
from broadcaster.store.sqlite.driver import dbapi as sqlite3
from broadcaster.store.sqlite.listener import WriteListener
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import StoreBusy
from broadcaster.store.views import Query
from broadcaster.testing.store_office import StoreOffice, receipt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "broadcaster.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, busy_s=0.2)
    yield store
    store.close()


def run(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Another process on the same store."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


ENQUEUE = """
import sys
from pathlib import Path
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import StoreOffice
office = StoreOffice(SqliteStore(Path(sys.argv[1])), "other")
print(office.post("bale-news"))
"""

CLAIM_AND_DIE = """
import os, signal, sys
from pathlib import Path
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import StoreOffice
store = SqliteStore(Path(sys.argv[1]))
store.open("first", exclusive=True)
office = StoreOffice(store, "first")
office.post("bale-news")
office.claim()
print("claimed", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_another_process_queues_is_noticed_and_claimed(store: SqliteStore, path: Path) -> None:
    seen: list[bool] = []
    watcher = threading.Thread(target=lambda: seen.append(store.changed(30)))
    watcher.start()
    done = run(ENQUEUE, path)
    watcher.join()
    assert (done.stdout.strip(), seen) == ("1", [True])
    assert StoreOffice(store).claim().post == 1


def test_own_ticks_are_no_nudge(store: SqliteStore) -> None:
    office = StoreOffice(store)
    office.post("bale-news")
    assert store.changed(0)
    office.drain()
    assert not store.changed(0)


def test_a_watcher_ends_with_the_store(path: Path) -> None:
    store = SqliteStore(path)
    seen: list[bool] = []
    watcher = threading.Thread(target=lambda: seen.append(store.changed(30)))
    watcher.start()
    store.close()
    watcher.join()
    assert seen == [False]


def test_killed_between_claim_and_result_is_in_doubt(path: Path) -> None:
    done = run(CLAIM_AND_DIE, path)
    assert (done.stdout.strip(), done.returncode) == ("claimed", -signal.SIGKILL)
    store = SqliteStore(path)
    assert store.open("second", exclusive=True) == (1,)
    assert [view.delivery.state for view in store.unknowns()] == [State.UNKNOWN]
    assert StoreOffice(store, "second").tick().claims == ()
    store.close("second")


def test_one_daemon_at_a_time(store: SqliteStore, path: Path) -> None:
    store.open("one", exclusive=True)
    other = SqliteStore(path)
    with pytest.raises(InputError, match=f"pid {os.getpid()}"):
        other.open("two", exclusive=True)
    other.close()
    store.close("one")
    third = SqliteStore(path)
    third.open("three", exclusive=True)
    third.close("three")


def test_closing_gives_back_what_was_not_sent(path: Path) -> None:
    store = SqliteStore(path)
    office = StoreOffice(store)
    store.open(office.owner, exclusive=True)
    office.post("bale-news")
    claim = office.claim()
    store.close(office.owner)
    again = SqliteStore(path)
    assert again.health().daemons == ()
    assert again.open("next", exclusive=True) == (claim.delivery,)
    again.close()


def test_a_newer_schema_asks_for_an_upgrade(store: SqliteStore, path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("pragma user_version = 99")
    raw.close()
    with pytest.raises(InputError, match=r"schema 99.*upgrade the program"):
        SqliteStore(path)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_text("این یک پایگاه داده نیست\n" * 100)
    with pytest.raises(InputError, match=r"queue\.db.*restore"):
        SqliteStore(path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw = sqlite3.connect(path)
    raw.execute("create table notes (text)")
    raw.commit()
    raw.close()
    with pytest.raises(InputError, match="another program"):
        SqliteStore(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="state_dir"):
        SqliteStore(tmp_path / "file" / "queue.db")


def test_a_person_without_the_right_to_write_still_reads(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StoreOffice(store).post("bale-news")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may always write
    reader = SqliteStore(path)
    assert reader.post(1).state == "waiting"
    with pytest.raises(InputError, match="only be read"):
        StoreOffice(reader).post("bale-news")
    reader.close()


def test_a_long_writer_means_busy_and_loses_nothing(store: SqliteStore, path: Path) -> None:
    office = StoreOffice(store)
    post = office.post("bale-news")
    claim = office.claim()
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("begin immediate")
    with pytest.raises(StoreBusy, match="another program"):
        office.record(claim, receipt("7"))
    assert store.post(post).state == "sending"
    raw.execute("rollback")
    raw.close()
    office.record(claim, receipt("7"))
    assert store.post(post).state == "delivered"


def test_the_database_refuses_what_is_no_edge(store: SqliteStore, path: Path) -> None:
    office = StoreOffice(store)
    office.post("bale-news")
    office.drain()
    raw = sqlite3.connect(path)
    office.change(Halt(reason="x"))
    office.change(Resume())
    office.post("bale-desk")
    (columns,) = raw.execute(
        "select group_concat(name) from pragma_table_info('deliveries')"
    ).fetchone()
    for statement, why in (
        ("update deliveries set state = 'waiting'", "no such edge"),
        (f"insert into deliveries ({columns}) select {columns} from deliveries", "born"),
        ("delete from deliveries", "never deleted"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match=why):
            raw.execute(statement)
        raw.rollback()
    raw.close()


def test_watching_goes_on_after_a_time_in_which_the_file_could_not_be_read(path: Path) -> None:
    SqliteStore(path).close()
    watch = WriteListener(path, 0.2, 0)
    watch.wait(0)
    good = path.read_bytes()
    path.write_bytes(b"no database" * 2000)
    assert watch.wait(0.1), "the next tick will tell"
    path.write_bytes(good)
    store = SqliteStore(path, busy_s=0.2)
    StoreOffice(store).post("bale-news")
    store.close()
    assert watch.wait(5)
    watch.close()
    watch.wait(0)


def test_backup_is_a_whole_copy(store: SqliteStore, tmp_path: Path) -> None:
    StoreOffice(store).post("bale-news")
    target = tmp_path / "copy.db"
    store.backup(target)
    copy = SqliteStore(target)
    assert len(copy.posts(Query())) == 1
    copy.close()
    with pytest.raises(InputError, match="exists"):
        store.backup(target)


def test_open_store_by_url(tmp_path: Path) -> None:
    store = open_store("sqlite:///queue.db", folder=tmp_path)
    assert (tmp_path / "queue.db").exists()
    store.close()
    with pytest.raises(InputError, match="mysql"):
        open_store("mysql://host/db")
