"""Whether a file has our tables, indexes and triggers, and nothing else.

A trigger that somebody added goes along with every copy, and changes what is queued behind the
back of whoever queues it.
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
"""Comments, and what one version of SQLite writes otherwise than another when it alters a table.

Quoted text stays: two dashes in it begin no comment.
"""
_OWN = {
    ("table", "sqlite_sequence"),
    ("table", "sqlite_stat1"),
    ("table", "sqlite_stat4"),
}
"""SQLite's own tables: they come when they are needed."""


def require_ours(cx: Connection) -> None:
    """:raises InputError: something else than this program has changed the schema."""
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
    """What the migrations make, with the SQLite at hand."""
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
