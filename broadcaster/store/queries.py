"""The SQL of a store: ``sql/<subject>.sql``, sections that begin with ``-- name: NAME``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_HEADING = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@cache
def load(folder: Path) -> Mapping[str, str]:
    """The queries of ``folder`` as ``subject.name``."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            found[f"{path.stem}.{name}"] = text.strip().removesuffix(";")
    return found
