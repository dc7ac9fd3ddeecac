"""An office moves from one database to another and back, with all that ever happened in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.model import Stage, State
from broadcaster.store import media, open_store
from broadcaster.store.changes import Cancel, Close, Edit, Halt, Recall, Resume
from broadcaster.store.copy import copy
from broadcaster.store.live import Cause
from broadcaster.store.queue.upkeep import LEFT, META, TABLES
from broadcaster.store.queue.verbs import QueueStore
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.store import Store, StoreBusy
from broadcaster.store.upkeep import Batch
from broadcaster.store.views import Query
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    REJECTED,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    with ExitStack() as stack:

        def by(url: str) -> Store:
            store = open_store(url, folder=tmp_path / "state")
            stack.callback(store.close)
            return store

        yield by


@pytest.fixture
def postgresql(emptied: Callable[[], str]) -> str:
    return emptied()


@pytest.fixture(params=["to PostgreSQL", "to SQLite", "to another file"])
def move(request: pytest.FixtureRequest) -> tuple[str, str]:
    """From where to where."""
    here, there = "sqlite:///here.db", "sqlite:///there.db"
    if request.param == "to another file":
        return here, there
    server = request.getfixturevalue("postgresql")
    return (here, server) if request.param == "to PostgreSQL" else (server, there)


def live(store: Store) -> StoreOffice:
    """A year in an office, in a moment: every state, an edit, a recall, a switch, a draft."""
    office = StoreOffice(store)
    office.now = store.health().now - 3600 * SECOND
    office.post("bale-news", "bale-desk", texts=["یک", "دو"], author="سارا", key="نوروز")
    office.drain()
    edited = office.post("bale-news", texts=["پیش"])
    office.drain()
    office.change(
        Edit(
            post=edited,
            source="پس",
            targets=(office.target("bale-news", "پس"),),
            editable=frozenset({"bale-news"}),
        )
    )
    office.drain()
    recalled = office.post("bale-news")
    office.drain()
    office.change(Recall(post=recalled, recallable=frozenset({"bale-news"})))
    office.drain()
    for outcome in (IN_DOUBT, REJECTED, UNAVAILABLE):
        office.post(f"gap-{outcome.outcome}")
        office.send(outcome, account="gap")
    office.change(Cancel(post=office.post("eitaa-news")))
    office.change(Close(channels=("eitaa-news",), cause=Cause.OFF, reason="تعطیل"))
    office.post("eitaa-news")
    office.sweep()
    later = office.now + 2 * LATE_AFTER
    office.post("igap-news", due=later, expires=2 * later)
    office.post("igap-news", stage=Stage.DRAFT)
    office.change(Halt(reason="سوگواری"))
    office.change(Resume())
    return office


def told(store: Store) -> list[Any]:
    """All that people can ask a store."""
    rows = store.posts(Query(limit=1000))
    health = store.health()
    return [
        [store.post(row.post.id) for row in rows],
        rows,
        store.unknowns(),
        [row for row in store.audit(limit=1000) if row.verb not in {"seal", "copy"}],
        health.gates,
        health.counts,
        store.keyed("نوروز"),
        store.schedules(),
    ]


def test_everything_is_there_and_goes_on(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    office = live(source)
    before = told(source)
    done = copy(source, target, "سارا", media=tmp_path / "media")
    assert told(target) == told(source) == before
    assert done.rows["posts"] == len(before[1])
    assert target.verify_audit().flaws == ()
    assert target.audit()[0].verb == "copy"
    moved = StoreOffice(target)
    moved.now = office.now + 60 * SECOND
    assert [claim.channel for claim in moved.tick(account="gap").claims] == ["gap-Unavailable"]
    new = moved.post("bale-news")
    assert new == 1 + max(row.post.id for row in before[1])
    assert moved.claim().post == new


def test_the_source_is_sealed_and_says_where_the_office_is(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    live(source)
    copy(source, target, "سارا", media=tmp_path / "media")
    again = opened(move[0])
    assert again.daemons() == ()
    with pytest.raises(Refused, match="has moved to"):
        StoreOffice(again).post("bale-news")
    with pytest.raises(Refused, match=r"is in .* already"):
        copy(again, target, "سارا", media=tmp_path / "media")


def test_there_and_back(opened: Callable[[str], Store], postgresql: str, tmp_path: Path) -> None:
    here, there, back = map(opened, ("sqlite:///here.db", postgresql, "sqlite:///back.db"))
    live(here)
    before = told(here)
    copy(here, there, "سارا", media=tmp_path / "media")
    copy(there, back, "سارا", media=tmp_path / "media")
    assert told(back) == before
    assert [row.verb for row in back.audit(limit=3)] == ["copy", "seal", "copy"]
    assert back.verify_audit().flaws == ()


def test_numbers_are_never_given_out_again(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    """The last posts were pruned: nothing of them is left but their numbers."""
    source, target = map(opened, move)
    office = StoreOffice(source)
    for _ in range(3):
        office.post("bale-news")
    office.drain()
    assert isinstance(source, QueueStore)
    database = source._db
    source._write(lambda _: database.run("delete from deliveries"), None)
    source._write(lambda _: database.run("delete from posts"), None)
    copy(source, target, "سارا", media=tmp_path / "media")
    moved = StoreOffice(target)
    assert moved.post("bale-news") == 4
    assert moved.claim().delivery == 4


def test_what_was_on_the_wire_is_in_doubt_and_not_resent(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    office = StoreOffice(source, "dead")
    post = office.post("bale-news", "bale-desk")
    claim = office.claim(count=1)
    copy(source, target, "سارا", media=tmp_path / "media")
    moved = StoreOffice(target)
    assert [view.delivery.channel for view in target.unknowns()] == [claim.channel]
    assert [each.channel for each in moved.drain()] == ["bale-desk"]
    assert moved.state(post, claim.channel) is State.UNKNOWN


def test_while_a_daemon_works_nothing_moves(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    source.open("daemon", exclusive=not source.several_daemons)
    other = opened(move[0])
    with pytest.raises(Refused, match="stop it first"):
        copy(other, target, "سارا", media=tmp_path / "media")
    StoreOffice(source).post("bale-news")


def test_a_store_in_use_is_not_written_over(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    live(source)
    StoreOffice(target).post("rubika-news")
    with pytest.raises(InputError, match="not empty"):
        copy(source, target, "سارا", media=tmp_path / "media")
    assert len(target.posts(Query())) == 1
    again = opened(move[0])
    assert StoreOffice(again).post("bale-news")


def test_a_failure_on_the_way_lifts_the_seal(
    move: tuple[str, str],
    opened: Callable[[str], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, target = map(opened, move)
    live(source)
    before = told(source)
    half = list(islice(source.export(), 4))

    def breaks() -> Iterator[Batch]:
        yield from half
        raise StoreBusy("the connection is gone")

    monkeypatch.setattr(source, "export", breaks)
    with pytest.raises(StoreBusy, match="gone"):
        copy(source, target, "سارا", media=tmp_path / "media")
    assert target.posts(Query()) == []
    again = opened(move[0])
    StoreOffice(again).post("bale-news")
    copy(again, target, "سارا", media=tmp_path / "media")
    assert len(told(target)[0]) == len(before[0]) + 1


def test_a_copy_that_was_killed_goes_on(
    move: tuple[str, str], opened: Callable[[str], Store], tmp_path: Path
) -> None:
    source, target = map(opened, move)
    live(source)
    before = told(source)
    there = target.health().url
    source.seal("سارا", f"the office has moved to {there}; write that into [store] url")
    copy(source, target, "سارا", media=tmp_path / "media")
    assert told(target) == before


def test_attached_files_go_along(
    opened: Callable[[str], Store], postgresql: str, tmp_path: Path
) -> None:
    folder = tmp_path / "state" / "media"
    source, target = map(opened, ("sqlite:///here.db", postgresql))
    photo = tmp_path / "عکس.pdf"
    photo.write_bytes(b"%PDF-1.7 \x00\x01")
    taken = media.take(photo, folder)
    office = StoreOffice(source)
    office.post("bale-news", media=[taken])
    office.post("bale-news", media=[replace(taken, digest="0" * 64)])
    done = copy(source, target, "سارا", media=folder)
    assert (done.files, done.missing) == (1, ("0" * 64,))
    shutil.rmtree(folder)
    target.bring([taken.digest])
    assert media.blob(folder, taken.digest).read_bytes() == photo.read_bytes()


def test_every_table_goes_along_or_is_left_on_purpose(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "queue.db")
    rows = store._cx.all(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
    )
    store.close()
    assert {row[0] for row in rows} <= {*TABLES, *LEFT, META}
