"""Migrations: ``migrations/NNNN_name.sql``, applied once, in order, while nobody else writes.

The tables stand in a schema of their own, so that the office may share a database.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import DuplicateSchema, DuplicateTable, UniqueViolation

from broadcaster.errors import InputError

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

_FOLDER = Path(__file__).parent / "migrations"


@cache
def latest() -> int:
    """The schema version this program knows."""
    return max(_number(path) for path in _FOLDER.glob("*.sql"))


def migrate(cx: Connection) -> None:
    """Bring the database to :func:`latest`.

    :raises InputError: it is newer than this program, or not ours, or may not be written.
    """
    with cx.read():
        if version(cx) == latest():
            return
    _begin(cx)
    with cx.aside():
        cx.script("lock table migrations in access exclusive mode")
        before = version(cx)  # anew: another program may have been faster
        for path in sorted(_FOLDER.glob("*.sql")):
            if _number(path) > before:
                cx.script(path.read_text("utf-8"))
                cx.run("insert into migrations (number) values (%(n)s)", n=_number(path))


def _begin(cx: Connection) -> None:
    """Make the table that is locked while the others change, should it be missing."""
    # the errors: another program was faster
    with suppress(UniqueViolation, DuplicateSchema, DuplicateTable), cx.aside():
        if version(cx) == 0:
            cx.run("create schema if not exists broadcaster")
            cx.run(
                "create table if not exists broadcaster.migrations ("
                "number int primary key, applied timestamptz not null default now())"
            )


def version(cx: Connection) -> int:
    """0: nothing of ours is there.

    :raises InputError: newer than this program, or not ours.
    """
    # by one statement: another program may be making them
    is_ours = cx.scalar(
        "select bool_or(relname = 'migrations') from pg_class"
        " where relnamespace = to_regnamespace('broadcaster')"
    )
    if is_ours is None:
        return 0
    if not is_ours:
        raise InputError(
            f"the database {cx.address.shown} has a schema `broadcaster` of another program;"
            " choose another database in [store] url"
        )
    found: int = cx.scalar("select coalesce(max(number), 0) from broadcaster.migrations")
    if found > latest():
        raise InputError(
            f"the store {cx.address.shown} has schema {found}, this program knows {latest()}: "
            "upgrade the program (a newer one has used this store)"
        )
    return found


def _number(path: Path) -> int:
    return int(path.name.split("_")[0])
