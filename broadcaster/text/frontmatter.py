"""An announcement as one file: options above the text, and pictures within it.

Front matter is TOML between ``+++`` lines, or ``key: value`` lines between ``---`` lines: words,
numbers, ``true`` and ``false``, and lists as ``[a, b]`` or ``- a`` lines below the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from broadcaster.errors import InputError
from broadcaster.text.code import CODE

Value: TypeAlias = str | int | bool | list[str]

_FENCES = {"+++": "+++", "---": "---"}
_PAIR = re.compile(r"([^\s:#][^:]*?)[ \t]*:(?:[ \t]+(.*))?")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://|data:")
_PICTURE = re.compile(
    CODE
    + r"""
    | (?P<before>^[ \t]*)?(?<!\\)!\[[^\]\n]{0,1000}\]
      \([ \t]*<?(?P<path>[^()<>"\n]+?(?:\([^()\n]*\)[^()<>"\n]*?)*)>?[ \t]*(?:"[^"\n]*"[ \t]*)?\)
      (?P<after>[ \t]*\n(?:[ \t]*\n)*|[ \t]*\Z)?
    """,
    re.VERBOSE | re.MULTILINE,
)
_COMMENT = re.compile(r"[ \t]+#[ \t].*$")


@dataclass(frozen=True, slots=True)
class Announcement:
    text: str
    """The Markdown, without front matter and without the pictures that are files."""
    options: Mapping[str, Value] = field(default_factory=dict)
    """As written; what they mean is the caller's matter."""
    pictures: tuple[str, ...] = ()
    """Paths of the pictures in the text, in order, each once."""


def announcement(source: str) -> Announcement:
    """``source``, taken apart; without front matter there are no options.

    :raises InputError: front matter that is not closed or cannot be read, with its line.
    """
    head, text = _divided(source)
    options = dict(_options(*head)) if head else {}
    pictures: list[str] = []
    text = _without_pictures(text, pictures)
    return Announcement(text, options, tuple(dict.fromkeys(pictures)))


def _divided(source: str) -> tuple[tuple[str, list[str]] | None, str]:
    """The fence and the lines of the front matter, and the text below it.

    A line of dashes above ordinary words is a rule of Markdown and stays one.
    """
    lines = source.removeprefix("\ufeff").splitlines()
    fence = _FENCES.get(lines[0].rstrip()) if lines else None
    if fence is None:
        return None, source
    first = next((line for line in lines[1:] if line.strip() and not line.startswith("#")), "")
    if fence == "---" and first.rstrip() != fence and not _PAIR.fullmatch(first.rstrip()):
        return None, source
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == fence:
            return (fence, lines[1:number]), "\n".join(lines[number + 1 :]).lstrip("\n")
    if fence == "---":
        return None, source
    raise InputError(f"line 1: the front matter is not closed; put a line {fence} below it")


def _options(fence: str, lines: list[str]) -> Iterator[tuple[str, Value]]:
    if fence == "---":
        yield from _pairs(lines)
        return
    try:
        table = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"the front matter is no TOML: {error} (lines counted below +++)"
        ) from None
    for key, value in table.items():
        match value:
            case bool() | int() | str():
                yield key, value
            case list() if all(isinstance(each, str) for each in value):
                yield key, value
            case _ if hasattr(value, "isoformat"):
                yield key, value.isoformat()  # a date or time of TOML's own
            case _:
                raise InputError(
                    f'the front matter\'s "{key}" must be words, a number, true, false or a list'
                    " of words"
                )


def _pairs(lines: list[str]) -> Iterator[tuple[str, Value]]:
    seen: set[str] = set()
    at = 0
    while at < len(lines):
        line = _COMMENT.sub("", lines[at]).rstrip()
        at += 1
        if not line or line.startswith("#"):
            continue
        found = _PAIR.fullmatch(line)
        if found is None:
            raise InputError(
                f'line {at + 1}: "{line}" is no option; write key: value, such as to: news'
            )
        key, said = found[1], (found[2] or "").strip()
        if key in seen:
            raise InputError(f'line {at + 1}: "{key}" comes twice in the front matter')
        seen.add(key)
        items: list[str] = []
        while not said and at < len(lines) and (item := _ITEM.fullmatch(lines[at])):
            items.append(_word(_COMMENT.sub("", item[1]).strip()))
            at += 1
        yield key, items or _value(said)


def _value(said: str) -> Value:
    if said.startswith("[") and said.endswith("]"):
        return [_word(each.strip()) for each in said[1:-1].split(",") if each.strip()]
    match said.lower():
        case "true" | "yes":
            return True
        case "false" | "no":
            return False
    if said.isascii() and said.isdecimal():
        return int(said)
    return _word(said)


def _word(said: str) -> str:
    if len(said) >= 2 and said[0] == said[-1] and said[0] in "\"'":
        return said[1:-1]
    return said


def _without_pictures(text: str, pictures: list[str]) -> str:
    """``text`` without its pictures that are files; their paths are added to ``pictures``.

    Pictures at an address on the net stay, for nothing is fetched.
    """

    def taken(found: re.Match[str]) -> str:
        path = found["path"]
        if path is None or _ADDRESS.match(path):
            return found[0]
        pictures.append(path)
        alone = found["before"] is not None and found["after"] is not None
        return "" if alone else found["before"] or ""

    return _PICTURE.sub(taken, text).strip("\n") if "![" in text else text
