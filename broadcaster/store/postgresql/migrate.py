"""Migrations: ``migrations/NNNN_name.sql``, applied once, in order, while nobody else writes.

``functions.sql`` is run anew whenever it has changed, under the same lock.  The tables stand in a
schema of their own, so that the office may share a database.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import DuplicateSchema, DuplicateTable, UniqueViolation

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.migrations import Migrations
from broadcaster.store.queue.work import pack

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

_HERE = Path(__file__).parent
MIGRATIONS = Migrations(_HERE / "migrations", same=12)


def latest() -> int:
    """The schema number this program knows."""
    return MIGRATIONS.latest


def migrate(cx: Connection) -> None:
    """Bring the database to :func:`latest`, with the functions of this program.

    :raises InputError: it is newer than this program, or too old for it, or not ours, or may not be
        written.
    """
    with cx.read():
        if version(cx) == latest() and _has_functions(cx):
            return
    _begin(cx)
    with cx.aside():
        cx.script("lock table migrations in access exclusive mode")
        before = version(cx)  # anew: another program may have been faster
        for _, script in MIGRATIONS.after(before):
            cx.script(script)
        if before < latest():
            cx.run("insert into migrations (number) values (%(n)s)", n=latest())
        if not _has_functions(cx):
            text, digest = _functions()
            cx.script(text)
            cx.run("copy.put_meta", key=FUNCTIONS, value=pack(digest))


FUNCTIONS = "functions"
"""Key of ``meta``: the hash of ``functions.sql`` as this database has it."""


@cache
def _functions() -> tuple[str, str]:
    """Their text, and its hash."""
    raw = (_HERE / "functions.sql").read_bytes()
    return raw.decode("utf-8"), sha256(raw).hexdigest()


def _has_functions(cx: Connection) -> bool:
    _, digest = _functions()
    found = cx.scalar("select value from broadcaster.meta where key = %(key)s", key=FUNCTIONS)
    return bool(found == digest)


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

    :raises InputError: newer than this program, or too old for it, or not ours.
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
            say(
                "the database {shown} has a schema `broadcaster` of another program; "
                "choose another database in [store] url",
                shown=cx.address.shown,
            )
        )
    found: int = cx.scalar("select coalesce(max(number), 0) from broadcaster.migrations")
    MIGRATIONS.check(found, cx.address.shown)
    return found
