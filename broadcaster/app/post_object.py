"""A post as a JSON object: a line of a batch, or the body of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from broadcaster.config.names import nearest
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Pinning
from broadcaster.planning.announcement import ALBUMS

_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\."
)
"""One escape of JSON: both halves of a character, a half alone, or any other."""


def read(said: str) -> dict[str, Any]:
    """The fields of a :class:`~broadcaster.planning.announcement.Wish` that ``said`` sets.

    :raises InputError: no JSON object, or not one of a post.
    """
    found = parsed(said)
    for name in found:
        if name not in KEYS:
            raise InputError(f'"{name}" is no key of a post{nearest(name, KEYS)}')
    fields = {name: KEYS[name](name, value) for name, value in found.items() if value is not None}
    if "text_for" in fields:
        fields["texts"] = fields.pop("text_for")
    return fields


def parsed(said: str) -> dict[str, Any]:
    """An object of JSON whose every name comes once, and whose every character is whole.

    :raises InputError: it is none.
    """
    try:
        said.encode()
    except UnicodeEncodeError:
        raise InputError(say("it is not UTF-8")) from None
    if half := next((each for each in _ESCAPE.finditer(said) if each["half"]), None):
        raise InputError(
            say(
                "{half} (column {start}) is half a character: write the character "
                "itself, or both of its halves",
                half=half[0],
                start=half.start() + 1,
            )
        )
    try:
        found = json.loads(said, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        place = (
            say(" (column {colno})", colno=error.colno)
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise InputError(say("it is no JSON{place}", place=place)) from None
    if not isinstance(found, dict):
        raise InputError(say('it is no object; write {"text": "…"}'))
    return found


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """:raises InputError: a name comes twice; JSON would keep its last value in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            say(
                "{twice} comes twice in it; write it once",
                twice=json.dumps(twice, ensure_ascii=False),
            )
        )
    return found


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(
            say("{name} must be text in quotes, not {value}", name=name, value=json.dumps(value))
        )
    return value


def _names(name: str, value: object) -> tuple[str, ...]:
    each = value if isinstance(value, list) else [value]
    return tuple(_text(name, one) for one in each)


def _targets(name: str, value: object) -> tuple[str, ...]:
    if not (found := _names(name, value)):
        raise InputError(
            say("{name} is empty; name a channel or group, or leave it out", name=name)
        )
    return found


def _paths(name: str, value: object) -> tuple[Path, ...]:
    return tuple(map(Path, _names(name, value)))


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError(
            say("{name} must be true or false, not {value}", name=name, value=json.dumps(value))
        )
    return value


def _pinning(name: str, value: object) -> Pinning:
    return "replace" if value == "replace" else _switch(name, value)


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(
            say(
                "{name} must be the number of a post, not {value}",
                name=name,
                value=json.dumps(value),
            )
        )
    return value


def _album(name: str, value: object) -> str:
    if not isinstance(value, str) or value not in ALBUMS:
        raise InputError(
            say(
                "{name} must be {albums}, not {value}",
                name=name,
                albums=joined(" or ", ALBUMS),
                value=json.dumps(value),
            )
        )
    return value


def _texts(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InputError(say('{name} must be an object: {{"CHANNEL": "its text"}}', name=name))
    return {channel: _text(f"{name}.{channel}", text) for channel, text in value.items()}


KEYS: Mapping[str, Callable[[str, object], Any]] = {
    "text": _text,
    "to": _targets,
    "key": _text,
    "at": _text,
    "expires": _text,
    "remove_at": _text,
    "media": _paths,
    "text_for": _texts,
    "reply_to": _number,
    "silent": _switch,
    "pin": _pinning,
    "preview": _switch,
    "allow_long": _switch,
    "urgent": _switch,
    "convert": _switch,
    "album": _album,
}
"""What an object may say: as the options of ``post`` are called."""
