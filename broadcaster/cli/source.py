"""Where a text comes from: the command line, a file, or what is piped in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from broadcaster.app.texts import read_file, read_stream, typed
from broadcaster.errors import InputError
from broadcaster.language import say

STDIN = "-"
_LONGEST_NAME = 255
"""Bytes of a file's name, and more than its letters."""


def read_source(text: str | None, file: str | None, *, required: bool) -> str:
    """The Markdown that a person means; "" where there is none and none is ``required``.

    Standard input is read when it is named (``-``), or when a text is required, none is given and
    nobody sits at it.

    :raises InputError: two texts, none, or one that no post can have.
    """
    if text is not None and file is not None:
        raise InputError(say("there is a text and a --file; give one of them"))
    if STDIN in (text, file):
        return _piped()
    if file is not None:
        return read_file(Path(file))
    if text is not None:
        _refuse_file(text)
        return typed(text)
    if required and not sys.stdin.isatty():
        return _piped()
    if required:
        raise InputError(say('there is no text: write it in quotes ("سلام"), or give --file FILE'))
    return ""


def _refuse_file(text: str) -> None:
    """:raises InputError: it is the name of a file, and nobody wants to say that to readers."""
    path = Path(text)
    if path.suffix and len(text) <= _LONGEST_NAME and "\n" not in text and path.is_file():
        raise InputError(
            say(
                '"{text}" is a file, and no text; to post what it says: --file '
                "{text}; to attach it: --media {text}",
                text=text,
            )
        )


def _piped() -> str:
    return read_stream(sys.stdin.buffer, say("what is piped in"))


def texts_for(pairs: Sequence[str]) -> dict[str, str]:
    """``--text-for``: NAME=TEXT, NAME=@FILE, or NAME=@@TEXT for a text that begins with @.

    :raises InputError: no name, no text, or a name that comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name and equals):
            raise InputError(say('--text-for "{pair}": write NAME=TEXT, or NAME=@FILE', pair=pair))
        if name in found:
            raise InputError(say("--text-for {name} comes twice; give one text for it", name=name))
        if text.startswith("@@"):
            text = text[1:]
        elif text.startswith("@"):
            text = read_file(Path(text[1:]))
        if not text.strip():
            raise InputError(say("--text-for {name}: there is no text in it", name=name))
        found[name] = typed(text)
    return found
