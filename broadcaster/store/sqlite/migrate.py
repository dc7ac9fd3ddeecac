"""Migrations: ``migrations/NNNN_name.sql``, applied once, in order, under the write lock."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import InputError
from broadcaster.store.sqlite.driver import dbapi

if TYPE_CHECKING:
    from broadcaster.store.sqlite.connection import Connection

_FOLDER = Path(__file__).parent / "migrations"
APPLICATION = 0x42434153
"""``pragma application_id`` of our files: "BCAS"."""


@cache
def latest() -> int:
    """The schema version this program knows."""
    return max(_number(path) for path in _FOLDER.glob("*.sql"))


def migrate(cx: Connection) -> None:
    """Bring the file to :func:`latest`.

    :raises InputError: the file is newer than this program, or not ours.
    """
    if _version(cx) == latest():
        return
    with cx.write(always=True):
        version = _version(cx)  # anew: another program may have been faster
        for path in sorted(_FOLDER.glob("*.sql")):
            if _number(path) > version:
                cx.script(_statements(path.read_text("utf-8")))
                cx.script([f"pragma user_version = {_number(path)}"])
        cx.script([f"pragma application_id = {APPLICATION}"])


def statements() -> list[str]:
    """All that the migrations say, in order."""
    scripts = (path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.sql")))
    return [statement for script in scripts for statement in _statements(script)]


def _version(cx: Connection) -> int:
    version: int = cx.scalar("pragma user_version")
    if version > latest():
        raise InputError(
            f"the store {cx.path} has schema {version}, this program knows {latest()}: "
            "upgrade the program (a newer one has used this store)"
        )
    ours = cx.scalar("pragma application_id") == APPLICATION
    if not ours and cx.scalar("select count(*) from sqlite_schema"):
        raise InputError(
            f"{cx.path} is a database of another program; choose another file in [store] url"
        )
    return version


def _number(path: Path) -> int:
    return int(path.name.split("_")[0])


def _statements(script: str) -> list[str]:
    """One by one: ``executescript`` would commit before it begins."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if dbapi.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
