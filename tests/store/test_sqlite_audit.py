"""A hand in the audit log's file shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from broadcaster.store.changes import Cancel
from broadcaster.store.sqlite.driver import dbapi as sqlite3
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import StoreOffice

Tamper: TypeAlias = Callable[..., str]
"""Runs statements on the file, its guards taken off; returns the first flaw that is found."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def tamper(store: SqliteStore, path: Path) -> Tamper:
    """The log holds eight rows, of four posts: posted, cancelled."""
    office = StoreOffice(store)
    for _ in range(4):
        office.change(Cancel(post=office.post("bale-news")))
    assert store.verify_audit().flaws == ()

    def run(*statements: str, head: str | None = None) -> str:
        raw = sqlite3.connect(path)
        for trigger in ("audit_update", "audit_delete"):
            raw.execute(f"drop trigger {trigger}")
        for statement in statements:
            assert raw.execute(statement).rowcount > 0
        raw.commit()
        raw.close()
        return store.verify_audit(head).flaws[0]

    return run


@pytest.mark.parametrize(
    "change",
    [
        "who = 'کس دیگر'",
        "door = 'web'",
        "door = null",
        "at = at + 1",
        "verb = 'edit'",
        "post = 99",
        "detail = '{}'",
        "detail = 'no json'",
        "refused = 'x'",
        "hash = upper(hash)",
    ],
)
def test_a_changed_row(tamper: Tamper, change: str) -> None:
    assert "row 5 does not follow" in tamper(f"update audit set {change} where id = 5")


def test_a_changed_row_with_a_hash_that_fits_it(tamper: Tamper, path: Path) -> None:
    """The next row still carries the hash of what stood there before."""
    from broadcaster.store.queue.audit import HASHED, hashed

    raw = sqlite3.connect(path)
    raw.row_factory = sqlite3.Row
    before, row = raw.execute("select * from audit where id in (4, 5) order by id")
    raw.close()
    forged = hashed(before["hash"], {**{name: row[name] for name in HASHED}, "who": "x"})
    found = tamper(f"update audit set who = 'x', hash = '{forged}' where id = 5")
    assert "row 6 does not follow" in found


def test_a_removed_row(tamper: Tamper) -> None:
    assert "rows between them were removed" in tamper("delete from audit where id = 5")


def test_the_first_row_removed(tamper: Tamper) -> None:
    assert "row 2 does not follow" in tamper("delete from audit where id = 1")


def test_two_rows_in_each_others_place(tamper: Tamper) -> None:
    found = tamper(
        "update audit set id = 100 where id = 5",
        "update audit set id = 5 where id = 6",
        "update audit set id = 6 where id = 100",
    )
    assert "row 5 does not follow" in found


def test_the_last_rows_cut_off(tamper: Tamper, store: SqliteStore) -> None:
    head = store.audit_head()
    assert "rows at the end are missing" in tamper("delete from audit where id > 6")
    StoreOffice(store).post("bale-news")  # what is written next does not heal it
    assert "row 9 does not follow" in store.verify_audit().flaws[0]
    assert "no row has the hash" in store.verify_audit(head).flaws[-1]


def test_cut_off_with_the_noted_head_put_right(tamper: Tamper, store: SqliteStore) -> None:
    """Whoever reaches into everything is found out by a head that is known elsewhere."""
    head = store.audit_head()
    found = tamper(
        "delete from audit where id > 6",
        "update meta set value = (select hash from audit where id = 6) where key = 'audit_head'",
        head=head,
    )
    assert "no row has the hash" in found
    assert store.verify_audit().flaws == ()


def test_a_checkpoint_that_no_prune_made(tamper: Tamper) -> None:
    found = tamper(
        "insert into audit_checkpoints (upto, hash, at) select id, hash, 0 from audit where id = 3",
        "delete from audit where id <= 3",
    )
    assert "no prune of ours" in found


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = 'x'",
        "delete from audit",
        "update audit_checkpoints set upto = 9",
        "delete from audit_checkpoints",
    ],
)
def test_the_database_itself_refuses(store: SqliteStore, path: Path, statement: str) -> None:
    StoreOffice(store).post("bale-news")
    raw = sqlite3.connect(path)
    raw.execute("insert into audit_checkpoints (upto, hash, at) values (0, '', 0)")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)
    raw.close()
