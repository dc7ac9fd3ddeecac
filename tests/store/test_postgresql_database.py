"""The database itself: who may use it, versions, other programs, and what people are told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from broadcaster.errors import InputError
from broadcaster.model import State
from broadcaster.store import open_store
from broadcaster.store.exchange import Capacity
from broadcaster.store.postgresql import connection
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.store import StoreBusy
from broadcaster.store.submit import NewPost
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import StoreOffice, receipt


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = PostgresStore(url, busy_s=0.3)
    yield store
    store.close()


def admin(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as raw:
        for statement in statements:
            raw.execute(statement.encode())


def refused(url: str, password_file: Path | None = None) -> str:
    with pytest.raises(InputError) as caught:
        PostgresStore(url, password_file=password_file)
    return str(caught.value)


QUEUE = """
import sys
from broadcaster.store import open_store
from broadcaster.testing.store_office import StoreOffice
store = open_store(sys.argv[1])
print(StoreOffice(store, "other").post("bale-news"))
store.close()
"""


def test_what_another_process_queues_is_noticed(store: PostgresStore, url: str) -> None:
    assert store.changed(0) is False
    seen: list[bool] = []
    watcher = threading.Thread(target=lambda: seen.append(store.changed(30)))
    watcher.start()
    done = subprocess.run(
        [sys.executable, "-c", QUEUE, url], capture_output=True, text=True, timeout=60, check=True
    )
    watcher.join()
    assert (done.stdout.strip(), seen) == ("1", [True])
    assert StoreOffice(store).claim().post == 1


def test_a_watcher_ends_with_the_store(url: str) -> None:
    store = PostgresStore(url)
    seen: list[bool] = []
    watcher = threading.Thread(target=lambda: seen.append(store.changed(30)))
    watcher.start()
    store.close()
    watcher.join()
    assert seen == [False]


def test_its_clock_is_the_databases(store: PostgresStore, url: str) -> None:
    StoreOffice(store).post("bale-news")
    with psycopg.connect(url) as raw:
        before = raw.execute("select extract(epoch from clock_timestamp()) * 1000000").fetchone()
    tick = store.tick("daemon", [], [], [Capacity(account="bale", count=0)], 30)
    assert before is not None
    assert int(before[0]) <= tick.now <= store.health().now


def test_many_programs_set_up_a_new_database_at_once(make_database: Callable[[], str]) -> None:
    url = make_database()
    stores: list[PostgresStore] = []
    threads = [threading.Thread(target=lambda: stores.append(PostgresStore(url))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({store.health().schema for store in stores}) == 1
    assert len(stores) == 4
    for store in stores:
        store.close()


def test_a_newer_schema_asks_for_an_upgrade(make_database: Callable[[], str]) -> None:
    url = make_database()
    PostgresStore(url).close()
    admin(url, "insert into broadcaster.migrations (number) values (99)")
    assert "schema 99" in refused(url)
    assert "upgrade the program" in refused(url)


def test_a_schema_of_another_program(make_database: Callable[[], str]) -> None:
    url = make_database()
    admin(url, "create schema broadcaster", "create table broadcaster.songs (title text)")
    assert "another program" in refused(url)


def test_tables_of_others_beside_it(make_database: Callable[[], str]) -> None:
    url = make_database()
    admin(url, "create table posts (notes text)")
    store = PostgresStore(url)
    assert StoreOffice(store).post("bale-news") == 1
    store.close()


def test_a_server_that_is_too_old(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "NEEDED", 99)
    assert "99 or newer is needed" in refused(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://office@127.0.0.1:1/office", "check [store] url"),
        ("postgresql://office@no-such-host.invalid/office", "check [store] url"),
        ("postgresql://office@127.0.0.1/office?colour=red", "no address of PostgreSQL"),
    ],
)
def test_a_server_that_cannot_be_reached(url: str, why: str) -> None:
    assert why in refused(url)


def test_no_such_database_and_no_such_user(postgres: Server) -> None:
    assert "createdb" in refused(postgres.url("nowhere"))
    assert "createuser" in refused(postgres.url("postgres", user="nobody-we-know"))


def test_a_wrong_password_is_not_shown(postgres: Server, tmp_path: Path) -> None:
    rules = postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    admin(postgres.url(), "create role clerk login password 'رمز درست'")
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text("s3cret-but-wrong", encoding="utf-8")
    try:
        rules.write_text(f"local all clerk scram-sha-256\n{before}")
        admin(postgres.url(), "select pg_reload_conf()")
        said = refused(postgres.url("postgres", user="clerk"), secret)
        secret.write_text("رمز درست\n", encoding="utf-8")
        right = refused(postgres.url("postgres", user="clerk"), secret)
    finally:
        rules.write_text(before)
        admin(postgres.url(), "select pg_reload_conf()", "drop role clerk")
    assert "password_file" in said
    assert "s3cret" not in said
    assert "may not be written by this user" in right


def test_a_password_file_that_others_can_read(url: str, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("x")
    secret.chmod(0o644)
    assert "chmod 600" in refused(url, secret)


def test_a_person_without_the_right_to_write_still_reads(store: PostgresStore, url: str) -> None:
    StoreOffice(store).post("bale-news")
    admin(
        url,
        "create role reader login",
        "grant usage on schema broadcaster to reader",
        "grant select on all tables in schema broadcaster to reader",
    )
    try:
        reader = PostgresStore(url.replace("office@", "reader@"))
        assert reader.post(1).state == "waiting"
        with pytest.raises(InputError, match="may not be written"):
            StoreOffice(reader).post("bale-news")
        reader.close()
    finally:
        admin(url, "drop owned by reader", "drop role reader")


def test_a_long_writer_means_busy_and_loses_nothing(store: PostgresStore, url: str) -> None:
    office = StoreOffice(store)
    post = office.post("bale-news")
    claim = office.claim()
    with psycopg.connect(url) as raw:
        raw.execute("lock table broadcaster.decisions_turn in exclusive mode")
        with pytest.raises(StoreBusy, match="another program"):
            office.record(claim, receipt("7"))
        assert store.post(post).state == "sending"
    office.record(claim, receipt("7"))
    assert store.post(post).state == "delivered"


def test_a_read_only_server_means_busy(make_database: Callable[[], str]) -> None:
    url = make_database()
    PostgresStore(url).close()
    standby = PostgresStore(f"{url}&options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(StoreBusy, match="read-only"):
        StoreOffice(standby).post("bale-news")
    assert standby.health().counts == {}
    standby.close()


def test_a_process_that_stood_still_inside_a_transaction_stops_nobody(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE_S", 1)
    still = PostgresStore(url)

    def stand_still() -> None:
        with still._cx.write():
            with pytest.raises(StoreBusy):  # it has the store for itself
                StoreOffice(store).post("bale-news")
            time.sleep(2)
            still._cx.run("update meta set value = '7' where key = 'age'")

    with pytest.raises(StoreBusy):
        stand_still()
    StoreOffice(store).post("bale-news")
    still.close()


def test_text_that_it_cannot_keep(store: PostgresStore) -> None:
    office = StoreOffice(store)
    target = office.target("bale-news")
    with pytest.raises(InputError, match="NUL"):
        store.enqueue([NewPost(source="پیش\0پس", targets=(target,))])
    assert store.health().counts == {}


def test_the_database_refuses_what_is_no_edge(store: PostgresStore, url: str) -> None:
    office = StoreOffice(store)
    office.post("bale-news")
    office.drain()
    office.post("bale-desk")
    assert office.state(1, "bale-news") is State.DELIVERED
    born = (
        "insert into broadcaster.deliveries (post, lane, kind, rendering, state, steps, order_at,"
        " next_at) values (9, 9, 'post', '', 'delivered', 1, 0, 0)"
    )
    for statement, why in (
        ("update broadcaster.deliveries set state = 'waiting'", "no such edge"),
        (born, "born"),
        ("delete from broadcaster.deliveries", "never deleted"),
        ("update broadcaster.audit set who = 'x'", "append-only"),
        ("delete from broadcaster.audit", "append-only"),
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=why):
            admin(url, statement)


def test_an_older_copy_put_in_its_place_is_not_used(url: str, tmp_path: Path) -> None:
    """The server's tools can bring back yesterday's queue, which knows nothing of today."""
    store = PostgresStore(url, folder=tmp_path)
    StoreOffice(store).post("bale-news")
    store.close()
    admin(url, "update broadcaster.meta set value = '0' where key = 'age'")
    store = PostgresStore(url, folder=tmp_path)
    assert store.post(1).state == "waiting"
    for verb in (lambda: StoreOffice(store).post("bale-news"), lambda: StoreOffice(store).tick()):
        with pytest.raises(InputError, match=r"older copy.*restore --in-place"):
            verb()
    assert store.new_epoch("سارا", 2, "pg_restore").held == 1
    assert StoreOffice(store).tick().claims == ()
    store.close()
    store = PostgresStore(url, folder=tmp_path)
    StoreOffice(store).post("bale-desk")
    store.close()


def test_an_older_copy_behind_a_running_daemon_is_not_used(store: PostgresStore, url: str) -> None:
    """Such as a standby that took over without the last transactions."""
    office = StoreOffice(store)
    store.open("daemon", exclusive=False)
    office.post("bale-news")
    admin(url, "update broadcaster.meta set value = '0' where key = 'age'", OTHERS)
    with suppress(StoreBusy):
        while True:  # until the server has come to it
            office.tick()
    for _ in range(2):
        with pytest.raises(StoreBusy, match="older copy"):
            office.tick()


OTHERS = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


def test_one_daemon_may_be_alone(store: PostgresStore, url: str) -> None:
    store.open("one", exclusive=False)
    other = PostgresStore(url)
    with pytest.raises(InputError, match="stop it first"):
        other.open("two", exclusive=True)
    store.close("one")
    other.open("two", exclusive=True)
    other.close("two")


def test_open_store_by_url(url: str) -> None:
    store = open_store(url)
    assert store.several_daemons
    assert "office@this machine" in store.health().url
    store.close()
