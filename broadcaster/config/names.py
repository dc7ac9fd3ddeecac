"""The one namespace of accounts, channels and groups, and hints for what was mistyped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from broadcaster.language import joined, say
from broadcaster.model import Role

ALL = "all"
ROLES = tuple(role.value for role in Role)
JURISDICTIONS = ("foreign", "domestic")
RESERVED = frozenset({ALL, *JURISDICTIONS})
"""Words that ``--to`` understands by itself."""

# As TOML takes it without quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# Typed in shells (--to NAME, --text-for NAME=TEXT, NAME in a path of systemd credentials).
_NAME = re.compile(r"\w[\w.\u200c-]{0,63}")  # a half-space stands within Persian words


def dotted(*elements: str | int) -> str:
    """The path of a key; elements are quoted where TOML needs quotes."""
    return ".".join(
        str(element) if isinstance(element, int) or _BARE.fullmatch(element) else f'"{element}"'
        for element in elements
    )


def flaw(name: str) -> str | None:
    """Why ``name`` cannot name an account, channel or group; None where it can."""
    if name in RESERVED:
        return say('"{name}" is a word of its own in --to; choose another name', name=name)
    if not _NAME.fullmatch(name):
        return say(
            '"{name}" cannot be a name: use up to 64 letters, digits, "-", "_" '
            'and ".", beginning with a letter or digit',
            name=name,
        )
    return None


def nearest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean …?`` with up to three valid words, or all of them where none is near."""
    words = list(dict.fromkeys(valid))
    near = get_close_matches(word, words, n=3, cutoff=0.7)
    if near:
        return say("; did you mean {near}?", near=joined(" or ", near))
    if not words:
        return ""
    shown = joined(", ", words[:12])
    return say("; valid: {shown}{more}", shown=shown, more=", …" if len(words) > 12 else "")
