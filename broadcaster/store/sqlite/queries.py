"""The SQL of this store: ``sql/*.sql``, sections that begin with ``-- name: NAME``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"
_HEADING = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@cache
def load(subject: str) -> Mapping[str, str]:
    """The queries of ``sql/<subject>.sql`` by name."""
    _, *parts = _HEADING.split((_FOLDER / f"{subject}.sql").read_text("utf-8"))
    return {
        name: text.strip().removesuffix(";")
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
