"""Loads the SQL of a store from ``sql/<subject>.sql``.

A section begins with ``-- name: NAME``.  Queries that both databases share are in ``store/sql``,
all others in a folder of each database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_HEADING = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


SHARED = Path(__file__).parent / "sql"
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")


def shared_for_psycopg() -> Mapping[str, str]:
    """The queries of :data:`SHARED`, with parameters as psycopg writes them."""
    return {name: _PARAMETER.sub(r"%(\1)s", text) for name, text in load(SHARED).items()}


@cache
def load(folder: Path) -> Mapping[str, str]:
    """The queries of ``folder`` as ``subject.name``."""
    queries: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            queries[f"{path.stem}.{name}"] = text.strip().removesuffix(";")
    return queries
