"""Both databases let a delivery walk the edges of the model, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from broadcaster.model import State, after
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.queue.deliveries import _VIA
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.testing.store_office import StoreOffice

BORN = {State.WAITING, State.HELD}
SETTLED = set(State) - {State.WAITING, State.SENDING, State.UNKNOWN}
REFUSED = (dbapi.IntegrityError, psycopg.IntegrityError)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreOffice]:
    store: SqliteStore | PostgresStore
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "queue.db")
    else:
        store = PostgresStore(request.getfixturevalue("url"))
    yield StoreOffice(store)
    store.close()


@pytest.fixture
def run(office: StoreOffice) -> Callable[[str], bool]:
    """Whether the database has done it."""
    cx: Any = office.store._cx  # type: ignore[attr-defined]

    def run(statement: str) -> bool:
        with suppress(*REFUSED):
            cx.run(statement)
            return True
        return False

    return run


def way_to(state: State) -> Sequence[State]:
    """The shortest one, from birth."""
    ways: list[tuple[State, ...]] = [(State.WAITING,)]
    for way in ways:  # grows meanwhile
        if way[-1] is state:
            return way
        ways += [(*way, then) for then in sorted(after(way[-1])) if then not in way]
    raise AssertionError(f"nothing leads to {state}")


def test_every_edge_of_the_model_and_no_other(
    office: StoreOffice, run: Callable[[str], bool]
) -> None:
    walked = {state: set[State]() for state in State}
    for number, (old, new) in enumerate((old, new) for old in State for new in State if old != new):
        office.post(f"bale-{number}")
        office.tick(count=0)
        newest = "(select max(id) from deliveries)"
        for state in way_to(old)[1:]:
            assert run(f"update deliveries set state = '{state}' where id = {newest}")
        if run(f"update deliveries set state = '{new}' where id = {newest}"):
            walked[old].add(new)
    assert walked == {state: set(after(state)) for state in State}


def test_where_a_delivery_begins_and_when_it_may_go(
    office: StoreOffice, run: Callable[[str], bool]
) -> None:
    born, removed = set(), set()
    for state in State:
        office.post(f"bale-{state}")
        office.tick(count=0)
        columns = "post, kind, rendering, steps, order_at, next_at"
        newest = "(select max(id) from deliveries)"
        if run(
            f"insert into deliveries (lane, state, revision, {columns})"
            f" select lane, '{state}', 9, {columns} from deliveries where id = {newest}"
        ):
            born.add(state)
            assert run(f"update deliveries set state = 'cancelled' where id = {newest}")
            assert run(f"delete from deliveries where id = {newest}")
        for step in way_to(state)[1:]:
            assert run(f"update deliveries set state = '{step}' where id = {newest}")
        if run(f"delete from deliveries where id = {newest}"):
            removed.add(state)
    assert (born, removed) == (BORN, SETTLED)


def test_moves_of_several_edges_walk_edges_only() -> None:
    for (old, new), via in _VIA.items():
        way = (old, *via, new)
        assert all(then in after(before) for before, then in pairwise(way)), way
        assert new not in after(old), "it is an edge itself"
