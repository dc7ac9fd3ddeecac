"""Rows as the decisions of the queue expect them: by name and by position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from psycopg import Cursor


class Row(tuple[Any, ...]):
    """A tuple whose columns have names; ``dict(row)`` works."""

    __slots__ = ()
    places: Mapping[str, int] = {}

    def keys(self) -> Iterable[str]:
        return self.places.keys()

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)


def row_factory(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    """For :func:`psycopg.connect`."""
    return _row_class(tuple(column.name for column in cursor.description or ()))


@cache
def _row_class(columns: tuple[str, ...]) -> type[Row]:
    places = {name: place for place, name in enumerate(columns)}
    return type("Row", (Row,), {"__slots__": (), "places": places})
