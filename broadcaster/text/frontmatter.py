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
from broadcaster.language import say
from broadcaster.text import toml
from broadcaster.text.pictures import From, pictures

Value: TypeAlias = str | int | bool | list[str]

_FENCES = {"+++": "+++", "---": "---"}
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_COMMENT = re.compile(r"(?<![ \t])[ \t]+#[ \t].*$")
_DIGITS = 18
"""A number of more digits is a word."""


@dataclass(frozen=True, slots=True)
class Announcement:
    text: str
    """The Markdown, without front matter and without the pictures that are files."""
    options: Mapping[str, Value] = field(default_factory=dict)
    """The options as written; the caller interprets them."""
    pictures: tuple[str, ...] = ()
    """Paths of the pictures in the text, in order, each once."""


def announcement(source: str) -> Announcement:
    """``source``, taken apart; without front matter there are no options.

    :raises InputError: front matter that is not closed or cannot be read, with its line.
    """
    head, text = _divided(source)
    options = dict(_options(*head)) if head else {}
    paths: list[str] = []
    text = _without_pictures(text, paths)
    return Announcement(text, options, tuple(dict.fromkeys(paths)))


def _divided(source: str) -> tuple[tuple[str, list[str]] | None, str]:
    """The fence and the lines of the front matter, and the text below it.

    A line of dashes above ordinary words is a rule of Markdown and stays one.
    """
    lines = source.removeprefix("\ufeff").splitlines()
    fence = _FENCES.get(lines[0].rstrip()) if lines else None
    if fence is None:
        return None, source
    first = next((line for line in lines[1:] if line.strip() and not line.startswith("#")), "")
    if fence == "---" and first.rstrip() != fence and _pair(first) is None:
        return None, source
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == fence:
            return (fence, lines[1:number]), "\n".join(lines[number + 1 :]).lstrip("\n")
    if fence == "---":
        return None, source
    raise InputError(
        say("line 1: the front matter is not closed; put a line {fence} below it", fence=fence)
    )


def _options(fence: str, lines: list[str]) -> Iterator[tuple[str, Value]]:
    if fence == "---":
        yield from _pairs(lines)
        return
    try:
        table = toml.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            say("the front matter is no TOML: {reason} (lines counted below +++)", reason=error)
        ) from None
    for key, value in table.items():
        match value:
            case bool() | int() | str():
                yield key, value
            case list() if all(isinstance(item, str) for item in value):
                yield key, value
            case _ if hasattr(value, "isoformat"):
                yield key, value.isoformat()  # a date or time of TOML's own
            case _:
                raise InputError(
                    say(
                        'the front matter\'s "{key}" must be words, a number, true, false or a '
                        "list of words",
                        key=key,
                    )
                )


def _pairs(lines: list[str]) -> Iterator[tuple[str, Value]]:
    seen: set[str] = set()
    number = 0
    while number < len(lines):
        line = _COMMENT.sub("", lines[number]).rstrip()
        number += 1
        if not line or line.startswith("#"):
            continue
        pair = _pair(line)
        if pair is None:
            raise InputError(
                say(
                    'line {number}: "{line}" is no option; write key: value, such as to: news',
                    number=number + 1,
                    line=line[:60],
                )
            )
        key, value = pair
        if key in seen:
            raise InputError(
                say(
                    'line {number}: "{key}" comes twice in the front matter',
                    number=number + 1,
                    key=key,
                )
            )
        seen.add(key)
        items: list[str] = []
        while not value and number < len(lines) and (item := _ITEM.fullmatch(lines[number])):
            items.append(_word(_COMMENT.sub("", item[1]).strip()))
            number += 1
        yield key, items or _value(value)


def _pair(line: str) -> tuple[str, str] | None:
    """Key and value of a line, None where it is no such line."""
    key, colon, value = line.rstrip().partition(":")
    if not colon or not key or key[0].isspace() or key[0] == "#":
        return None
    if value and value[0] not in " \t":
        return None
    return key.rstrip(" \t"), value.strip()


def _value(value: str) -> Value:
    if value.startswith("[") and value.endswith("]"):
        return [_word(item.strip()) for item in value[1:-1].split(",") if item.strip()]
    match value.lower():
        case "true" | "yes":
            return True
        case "false" | "no":
            return False
    if value.isascii() and value.isdecimal() and len(value) <= _DIGITS:
        return int(value)
    return _word(value)


def _word(word: str) -> str:
    if len(word) >= 2 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1]
    return word


def _without_pictures(text: str, paths: list[str]) -> str:
    """``text`` without its pictures that are files; their paths are added to ``found``.

    Pictures at an address on the net stay, for nothing is fetched.
    """
    parts: list[str] = []
    offset = 0
    for picture in pictures(text):
        if picture.origin is From.FILE:
            paths.append(picture.target)
            parts.append(text[offset : picture.start])
            offset = picture.end
    return "".join((*parts, text[offset:])).strip("\n") if paths else text
