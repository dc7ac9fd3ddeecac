"""Checks that a file has our tables, indexes and triggers, and no others.

A foreign trigger is part of every copy, and could secretly change posts when they are queued.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from broadcaster.errors import InputError
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.store.sqlite.migrate import statements

if TYPE_CHECKING:
    from broadcaster.store.sqlite.connection import Connection

_Key: TypeAlias = tuple[str, str, str]
"""Type, name, table."""
_QUERY = "select type, name, tbl_name, sql from sqlite_schema"
_NOISE = re.compile(r"""('(?:[^']|'')*')|"((?:[^"]|"")*)"|--[^\n]*|\s+""")
"""Comments, and differences between versions of SQLite after a table was altered.

Quoted text stays, because two dashes in it do not begin a comment.
"""
_OWN = {
    ("table", "sqlite_sequence"),
    ("table", "sqlite_stat1"),
    ("table", "sqlite_stat4"),
}
"""SQLite's own tables, which it creates when it needs them."""


def require_ours(cx: Connection) -> None:
    """Check the schema of a store.

    :raises InputError: another program has changed the schema.
    """
    if found := strange(cx):
        raise InputError(
            f"the store {cx.path} holds what this program has not made: {', '.join(found)}; it may"
            " change what is sent. See who made it, then remove it (sqlite3), or restore a backup"
        )


def strange(cx: Connection) -> list[str]:
    """Tables, views, indexes and triggers that were added, changed or removed, by name."""
    ours, found = _ours(), _known(cx.all(_QUERY))
    return sorted(
        f"{kind} {name}"
        for kind, name, table in {*ours, *found}
        if ours.get((kind, name, table)) != found.get((kind, name, table))
    )


@cache
def _ours() -> Mapping[_Key, str]:
    """The schema that the migrations make with this version of SQLite."""
    raw = dbapi.connect(":memory:", isolation_level=None)
    try:
        for statement in statements():
            raw.execute(statement)
        return _known(raw.execute(_QUERY).fetchall())
    finally:
        raw.close()


def _known(rows: list[tuple[str, str, str, str | None]]) -> Mapping[_Key, str]:
    return {
        (kind, name, table): _NOISE.sub(r"\1\2", sql or "")
        for kind, name, table, sql in rows
        if (kind, name) not in _OWN
    }
