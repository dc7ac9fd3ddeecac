"""Migrations: ``migrations/NNNN_name.sql``, applied once, in order, under the write lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.migrations import Migrations
from broadcaster.store.sqlite.driver import dbapi

if TYPE_CHECKING:
    from broadcaster.store.sqlite.connection import Connection

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", same=10)
APPLICATION = 0x42434153
"""``pragma application_id`` of our files: "BCAS"."""


def latest() -> int:
    """The schema number of this program."""
    return MIGRATIONS.latest


def migrate(cx: Connection) -> None:
    """Bring the file to :func:`latest`.

    :raises InputError: the file is newer than this program, or too old for it, or not ours.
    """
    with cx.read():
        version = _version(cx)
    if version == latest():
        return
    with cx.write(always=True):
        for _, script in MIGRATIONS.after(
            _version(cx)
        ):  # again: another program may have been faster
            cx.script(_statements(script))
        cx.script([f"pragma user_version = {latest()}", f"pragma application_id = {APPLICATION}"])


def statements() -> list[str]:
    """The statements of all migrations, in order."""
    return [line for _, script in MIGRATIONS.scripts for line in _statements(script)]


def _version(cx: Connection) -> int:
    version: int = cx.scalar("pragma user_version")
    ours = cx.scalar("pragma application_id") == APPLICATION
    if version > latest() or ours:
        MIGRATIONS.check(version, cx.path)
    elif cx.scalar("select count(*) from sqlite_schema"):
        raise InputError(
            say(
                "{path} is a database of another program; choose another file in [store] url",
                path=cx.path,
            )
        )
    return version


def _statements(script: str) -> list[str]:
    """The single statements of a script; ``executescript`` would commit before it begins."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if dbapi.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
