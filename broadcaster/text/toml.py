"""TOML of people: read by the standard library, once it is known to be no deeper than is usual."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from broadcaster.language import say

DEPTH = 16
"""Tables and lists within each other, and parts of a key; nobody needs a third of it."""

_TEXTS = re.compile(
    r'"""(?:\\.|[^\\"]|"(?!""))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:\\.|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_BRACKETS = re.compile(r"[\[\]{}]")
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEPTH},}}")


def loads(text: str) -> dict[str, Any]:
    """``text`` as a table.

    The parser calls itself for each level, and its time for a key grows with the square of the
    key's parts, so both are bounded first.

    :raises tomllib.TOMLDecodeError: it is no TOML, or nested too deeply.
    """
    bare = _TEXTS.sub(_word, text)
    if key := _LONG_KEY.search(bare):
        raise _refusal(say("a key has more than {depth} parts", depth=DEPTH), bare, key.start())
    depth = 0
    for bracket in _BRACKETS.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEPTH:
            raise _refusal(
                say("more than {depth} brackets within each other", depth=DEPTH),
                bare,
                bracket.start(),
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (ValueError, RecursionError, MemoryError):  # such as a number of 5,000 digits
        raise tomllib.TOMLDecodeError(say("a value is too large to be read")) from None


def _word(match: re.Match[str]) -> str:
    """Something harmless of as many lines."""
    return ("" if match[0].startswith("#") else "s") + "\n" * match[0].count("\n")


def _refusal(what: str, text: str, at: int) -> tomllib.TOMLDecodeError:
    return tomllib.TOMLDecodeError(
        say("{what} (at line {count})", what=what, count=text.count(chr(10), 0, at) + 1)
    )
