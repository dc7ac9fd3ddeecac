"""Nobody without rights on the tables can hold up who writes, whatever lock they take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.store import StoreBusy
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import StoreOffice, receipt

LOCKS = "select locktype, classid, objid, objsubid from pg_locks where database is not null"
TABLES = "fan_outs_turn", "decisions_turn", "lanes_turn"


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture
def stranger(postgres: Server, database: str) -> Iterator[psycopg.Connection]:
    """The connection of a role that may connect, and nothing else."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("create role stranger login")
    name = database.split("/")[3].split("?")[0]
    try:
        with psycopg.connect(postgres.url(name, user="stranger"), autocommit=True) as raw:
            yield raw
    finally:
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("drop owned by stranger")
            admin.execute("drop role stranger")


def take_every_advisory_lock(stranger: psycopg.Connection, owner: str = "daemon") -> None:
    for number in range(3):
        stranger.execute("select pg_advisory_lock(1111704403, %s)", [number])
    stranger.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [owner])


def test_advisory_locks_stop_nothing(database: str, stranger: psycopg.Connection) -> None:
    take_every_advisory_lock(stranger)
    with closing(PostgresStore(database, busy_s=5)) as store:  # it is made meanwhile
        store.open("daemon", exclusive=False)
        office = StoreOffice(store)
        post = office.post("bale-news")
        office.record(office.claim(), receipt("7"))
        assert office.shown(post) == "delivered"
        wide = office.post(*(f"bale-{number}" for number in range(WIDE)))
        office.tick()
        assert office.store.post(wide).state != "planned"
        store.close("daemon")


def test_no_lock_that_can_be_seen_is_an_advisory_one(
    database: str, stranger: psycopg.Connection
) -> None:
    """Everybody can see the locks of others, and could take those that need no rights."""
    with closing(PostgresStore(database)) as store:
        store.open("daemon", exclusive=False)
        with store._cx.write():
            kinds = {row[0] for row in stranger.execute(LOCKS)}
            assert "relation" in kinds
            assert "advisory" not in kinds


@pytest.mark.parametrize("mode", ["access share", "row share", "exclusive", "access exclusive"])
def test_a_stranger_cannot_lock_the_tables(
    database: str, stranger: psycopg.Connection, mode: str
) -> None:
    PostgresStore(database).close()
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), stranger.transaction():
            stranger.execute(f"lock table broadcaster.{table} in {mode} mode".encode())


def test_who_may_read_everything_stops_nobody(database: str, stranger: psycopg.Connection) -> None:
    with closing(PostgresStore(database, busy_s=5)) as store:
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("grant usage on schema broadcaster to stranger")
            admin.execute("grant select on all tables in schema broadcaster to stranger")
        with stranger.transaction():
            for table in TABLES:
                stranger.execute(f"lock table broadcaster.{table} in access share mode".encode())
            StoreOffice(store).post("bale-news")


def test_a_connection_that_takes_a_daemons_name_is_let_alone(
    database: str, stranger: psycopg.Connection
) -> None:
    with closing(PostgresStore(database, busy_s=5)) as store:
        store.open("daemon", exclusive=False)
        name = store._cx.scalar("select current_setting('application_name')")
        stranger.execute("select set_config('application_name', %s, false)", [name])
        store._cx.close()  # the connection is lost
        with pytest.raises(psycopg.Error):
            store._cx.one("select 1")
        office = StoreOffice(store)
        assert office.shown(office.post("bale-news")) == "waiting"
        assert stranger.execute("select 1").fetchone() == (1,)
        store.close("daemon")


def test_a_lost_connection_that_works_on_is_ended(database: str) -> None:
    with closing(PostgresStore(database, busy_s=5)) as store:
        store.open("daemon", exclusive=False)
        name = store._cx.scalar("select current_setting('application_name')")
        with psycopg.connect(database) as lost:
            lost.execute("select set_config('application_name', %s, false)", [name])
            lost.execute("lock table broadcaster.decisions_turn in exclusive mode")
            store._cx.close()
            office = StoreOffice(store)
            assert office.shown(office.post("bale-news")) == "waiting"
            with pytest.raises(psycopg.OperationalError):
                lost.execute("select 1")
        store.close("daemon")


def test_several_make_the_same_new_store(database: str) -> None:
    ready = threading.Barrier(6)

    def make(_: int) -> str:
        ready.wait(10)
        with closing(PostgresStore(database)) as store:
            return store.identity.store

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(make, range(6)))) == 1


def test_who_waits_for_a_writer_in_vain_says_so(database: str) -> None:
    with closing(PostgresStore(database, busy_s=1)) as store, psycopg.connect(database) as other:
        other.execute("lock table broadcaster.decisions_turn in exclusive mode")
        with pytest.raises(StoreBusy, match="another program"):
            StoreOffice(store).post("bale-news")
