"""The door of a row of the audit log: covered by its hash, and of rows from before, a guess."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from broadcaster.model import Actor, Door
from broadcaster.store import open_store
from broadcaster.store.changes import Halt, Resume
from broadcaster.store.copy import copy
from broadcaster.store.store import Store

PERSON, OWNER = "سارا", "server-1:4711:0123abcd"
OLD = [
    (PERSON, "post", {"key": None}, Door.CLI),
    (PERSON, "post", {"key": "schedule هفتگی 1405-09-03"}, Door.SCHEDULE),
    (OWNER, "halt", {"reason": "the clock"}, Door.DAEMON),
    ("sweep", "lapse", {}, Door.DAEMON),
    ("daemon", "damaged", {}, Door.DAEMON),
    ("uid 1001", "resume", {}, Door.CLI),
]
"""Who, verb, detail, and the door that follows from these."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        made: str = request.getfixturevalue("make_database")()
        return made
    return f"sqlite:///{tmp_path / 'queue.db'}"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    store = open_store(url, folder=tmp_path / "state")
    yield store
    store.close()


def from_before(store: Any) -> None:
    """Rows as the program wrote them that knew no doors."""
    head = ""

    def write(_: int) -> None:
        nonlocal head
        for who, verb, said, _door in OLD:
            detail = compact(said)
            row = {"at": 5, "who": who, "verb": verb, "post": 1, "detail": detail, "refused": None}
            head = sha256((head + compact(row)).encode()).hexdigest()
            store._db.run("audit.put", **row, door=None, hash=head)
        store._db.run("audit.set_head", hash=head)

    store._write(write, None)


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_rows_from_before_are_whole_and_their_doors_are_guessed(store: Store) -> None:
    from_before(store)
    store.change(Actor(PERSON, Door.WEB), Halt(reason="خطا"))
    doors = [row.door for row in reversed(store.audit())]
    assert doors == [*(door for *_, door in OLD), Door.WEB]
    proof = store.verify_audit()
    assert (proof.flaws, proof.rows) == ((), len(OLD) + 1)


@pytest.mark.parametrize(("row", "door"), [(2, "web"), (7, "cli"), (7, None)])
def test_a_changed_door_shows(store: Store, row: int, door: str | None) -> None:
    """Of an old row, too, for which none was written; and so does one that was taken away."""
    from_before(store)
    store.change(Actor(PERSON, Door.WEB), Halt(reason="خطا"))
    database = cast("Any", store)._db
    guard = "audit_update" if "sqlite" in type(store).__module__ else "audit_kept on audit"
    value = "null" if door is None else f"'{door}'"

    def tamper(_: int) -> None:
        database.run(f"drop trigger {guard}")
        database.run(f"update audit set door = {value} where id = {row}")

    cast("Any", store)._write(tamper, None)
    assert f"row {row} does not follow" in store.verify_audit().flaws[0]


def test_doors_move_with_the_office(store: Store, tmp_path: Path) -> None:
    from_before(store)
    store.change(Actor(PERSON, Door.API), Halt(reason="خطا"))
    store.change(OWNER, Resume())
    target = open_store(f"sqlite:///{tmp_path / 'new.db'}", folder=tmp_path / "new")
    copy(store, target, Actor(PERSON), media=tmp_path / "media")
    rows = [row for row in reversed(target.audit()) if row.verb != "seal"]
    doors = [*(door for *_, door in OLD), Door.API, Door.DAEMON, Door.CLI]
    assert [row.door for row in rows] == doors
    assert target.verify_audit().flaws == ()
    target.close()
