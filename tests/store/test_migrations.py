"""Which stores a program takes, and what it does to them first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from broadcaster.errors import InputError
from broadcaster.model import State
from broadcaster.store import open_store
from broadcaster.store.migrations import Migrations
from broadcaster.store.postgresql import migrate as on_postgresql
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.sqlite import migrate as on_sqlite
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.store.sqlite.schema import strange
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store
from broadcaster.testing.store_office import StoreOffice

KINDS: dict[str, Migrations] = {
    "sqlite": on_sqlite.MIGRATIONS,
    "postgresql": on_postgresql.MIGRATIONS,
}
BODIES = "select proname || prosrc from pg_proc where pronamespace = 'broadcaster'::regnamespace"


class Place:
    """Where a store of one kind stands."""

    def __init__(self, kind: str, url: str, folder: Path) -> None:
        self.kind, self.url, self.folder = kind, url, folder
        self.migrations = KINDS[kind]

    def open(self) -> Store:
        return open_store(self.url, folder=self.folder / "state")

    def put_number(self, number: int) -> None:
        """Make its store, which nobody has opened, one of that schema number."""
        if self.kind == "sqlite":
            with closing(dbapi.connect(self.folder / "queue.db", isolation_level=None)) as raw:
                raw.execute(f"pragma user_version = {number}")
        else:
            with psycopg.connect(self.url, autocommit=True) as admin:
                admin.execute("update broadcaster.migrations set number = %s", [number])

    def run(self, statement: str) -> None:
        """Change its store, which nobody has opened."""
        if self.kind == "sqlite":
            with closing(dbapi.connect(self.folder / "queue.db", isolation_level=None)) as raw:
                raw.execute(statement)
        else:
            with psycopg.connect(self.url, autocommit=True) as admin:
                admin.execute("set search_path = broadcaster")
                admin.execute(statement.encode())


@pytest.fixture(params=list(KINDS))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind: str = request.param
    url = f"sqlite:///{tmp_path / 'queue.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("make_database")()
    return Place(kind, url, tmp_path)


def test_both_have_migrations_of_the_same_numbers() -> None:
    numbers = {kind: [number for number, _ in each.scripts] for kind, each in KINDS.items()}
    assert numbers["sqlite"] == numbers["postgresql"]
    assert all(each.same < each.scripts[0][0] for each in KINDS.values())


def test_a_store_of_the_number_before_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has what the first script makes, and gets all later ones."""
    first, *_ = scripts = place.migrations.scripts
    monkeypatch.setitem(vars(place.migrations), "scripts", [first])
    place.open().close()
    place.put_number(place.migrations.same)
    monkeypatch.setitem(vars(place.migrations), "scripts", scripts)
    office = StoreOffice(place.open())
    post = office.post("bale-news")
    assert office.store.health().schema == place.migrations.latest
    office.store.open("daemon", exclusive=False)
    office.drain()
    assert office.state(post, "bale-news") is State.DELIVERED
    office.store.close()


def test_a_post_from_before_the_record_has_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = scripts = place.migrations.scripts
    monkeypatch.setitem(vars(place.migrations), "scripts", [first])
    place.open().close()
    place.run(
        "insert into posts (source, due, created, stage, author)"
        " values ('متنِ قديمي', 7, 5, 'draft', 'سارا')"
    )
    monkeypatch.setitem(vars(place.migrations), "scripts", scripts)
    store = place.open()
    view = store.post(1)
    assert [(each.number, each.source, each.by, each.at) for each in view.versions] == [
        (1, "متنِ قديمي", "سارا", 5)
    ]
    assert view.versions[0].door is None
    store.close()


@pytest.mark.parametrize("beside", [-1, -2])
def test_an_older_one_is_refused_and_left_as_it_is(place: Place, beside: int) -> None:
    office = StoreOffice(place.open())
    post = office.post("bale-news")
    office.store.close()
    old = place.migrations.same + beside
    place.put_number(old)
    with pytest.raises(InputError, match=rf"schema {old}, .* up to {place.migrations.same} "):
        place.open()
    with pytest.raises(InputError, match=rf"schema {old}, "):  # nor is it changed by being asked
        place.open()
    place.put_number(place.migrations.latest)
    office.store = place.open()
    assert office.shown(post) == "waiting"
    office.store.close()


def test_functions_are_made_anew_where_they_are_others(
    make_database: Callable[[], str],
) -> None:
    url = make_database()
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as admin:
        ours = admin.execute(BODIES).fetchall()
        admin.execute(
            "create or replace function broadcaster.microseconds() returns bigint language sql"
            " as 'select 1::bigint'"
        )
        PostgresStore(url).close()
        assert admin.execute(BODIES).fetchall() != ours, "its hash says nothing of a change"
        admin.execute("update broadcaster.meta set value = '\"old\"' where key = 'functions'")
        office = StoreOffice(PostgresStore(url))
        assert sorted(admin.execute(BODIES).fetchall()) == sorted(ours)
    post = office.post("bale-news")
    office.store.open("daemon", exclusive=False)
    office.drain()
    assert office.state(post, "bale-news") is State.DELIVERED
    office.store.close()


def test_functions_that_are_ours_are_left_alone(make_database: Callable[[], str]) -> None:
    url = make_database()
    made = "select oid from pg_proc where pronamespace = 'broadcaster'::regnamespace order by oid"
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as admin:
        before = admin.execute(made).fetchall()
        PostgresStore(url).close()
        assert before
        assert admin.execute(made).fetchall() == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("select raise(", "/* -- */ delete from posts;\n  select raise("),
        ("'no such edge between states')", "'no such edge between states') \"--\", 1\n"),
        ("between states'", "between --states'"),
    ],
)
def test_nothing_hides_in_a_trigger(tmp_path: Path, before: str, after: str) -> None:
    """Comments are no difference; what only looks like one is."""
    store = SqliteStore(tmp_path / "queue.db")
    cx = store._cx
    sql: str = cx.scalar("select sql from sqlite_schema where name = 'deliveries_edge'")
    cx.run("drop trigger deliveries_edge")
    cx.run(sql.replace("select raise(", "-- as ever\n  select raise("))
    assert strange(cx) == []
    cx.run("drop trigger deliveries_edge")
    assert before in sql
    cx.run(sql.replace(before, after))
    assert strange(cx) == ["trigger deliveries_edge"]
    store.close()
