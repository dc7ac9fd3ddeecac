"""One PostgreSQL server for all tests of a process, and a store that is empty for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.testing.postgres import FORGETFUL, NOT_FOUND, Server, binaries

_EMPTY = """
set session_replication_role = replica;
set synchronous_commit = off;
do $$
declare
  name text;
  first bigint;
begin
  perform pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid();
  for name in select tablename from pg_tables
    where schemaname = 'broadcaster' and tablename not in ('migrations', 'meta')
  loop
    execute format('delete from broadcaster.%I', name);
  end loop;
  for name, first in select sequencename, start_value from pg_sequences
    where schemaname = 'broadcaster' and last_value is not null
  loop
    perform setval(format('broadcaster.%I', name), first, false);
  end loop;
  delete from broadcaster.meta;
  insert into broadcaster.meta select * from public.meta_at_first;
end $$;
"""
"""Hundreds of times cheaper than a database per test, on a disk that others use as well."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if binaries() is None:
        pytest.skip(NOT_FOUND)
    with Server(**FORGETFUL) as server:
        yield server


@pytest.fixture(scope="session")
def make_database(postgres: Server) -> Callable[[], str]:
    """Makes an empty database, and gives its URL."""
    numbers = count(1)

    def make() -> str:
        name = f"office_{next(numbers)}"
        with psycopg.connect(postgres.url(), autocommit=True) as admin:
            admin.execute(f'create database "{name}"')
        return postgres.url(name)

    return make


@pytest.fixture(scope="session")
def emptied(make_database: Callable[[], str]) -> Callable[[], str]:
    """Empties the one store that most tests use, and gives its URL."""
    return _emptied(make_database())


@pytest.fixture(scope="session")
def emptied_too(make_database: Callable[[], str]) -> Callable[[], str]:
    """The same with a second store."""
    return _emptied(make_database())


def _emptied(url: str) -> Callable[[], str]:
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("create table public.meta_at_first as select * from broadcaster.meta")

    def empty() -> str:
        with psycopg.connect(url, autocommit=True) as admin:  # anew: the server may have restarted
            admin.execute(_EMPTY)
        return url

    return empty


@pytest.fixture
def url(emptied: Callable[[], str]) -> str:
    return emptied()
