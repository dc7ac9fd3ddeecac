"""Where a text comes from: the command line, a file, or what is piped in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from broadcaster.errors import InputError
from broadcaster.text.intake import checked

STDIN = "-"
MOST = 2_000_000
"""Bytes that are read of one text: more than any post may have with its front matter."""


def read_source(text: str | None, file: str | None, *, required: bool) -> str:
    """The Markdown that a person means; "" where there is none and none is ``required``.

    Standard input is read when it is named (``-``), or when a text is required, none is given and
    nobody sits at it.

    :raises InputError: two texts, none, or one that no post can have.
    """
    if text is not None and file is not None:
        raise InputError("there is a text and a --file; give one of them")
    if STDIN in (text, file):
        return _decoded(sys.stdin.buffer.read(MOST + 1), "what is piped in")
    if file is not None:
        return read_file(Path(file))
    if text is not None:
        return _checked(text)
    if required and not sys.stdin.isatty():
        return _decoded(sys.stdin.buffer.read(MOST + 1), "what is piped in")
    if required:
        raise InputError('there is no text: write it in quotes ("سلام"), or give --file FILE')
    return ""


def read_file(path: Path) -> str:
    """:raises InputError: it cannot be read, or is no text that a post can have."""
    try:
        with path.open("rb") as content:
            return _decoded(content.read(MOST + 1), str(path))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the name") from None


def texts_for(pairs: Sequence[str]) -> dict[str, str]:
    """``--text-for``: NAME=TEXT, NAME=@FILE, or NAME=@@TEXT for a text that begins with @.

    :raises InputError: no name, no text, or a name that comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name and equals):
            raise InputError(f'--text-for "{pair}": write NAME=TEXT, or NAME=@FILE')
        if name in found:
            raise InputError(f"--text-for {name} comes twice; give one text for it")
        if text.startswith("@@"):
            text = text[1:]
        elif text.startswith("@"):
            text = read_file(Path(text[1:]))
        if not text.strip():
            raise InputError(f"--text-for {name}: there is no text in it")
        found[name] = _checked(text)
    return found


def _decoded(content: bytes, what: str) -> str:
    if len(content) > MOST:
        raise InputError(f"{what} is no text of a post: it has more than {MOST:,} bytes")
    try:
        return checked(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None


def _checked(text: str) -> str:
    """Arguments that were not UTF-8 hold half characters, which no messenger takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("the text is not UTF-8; put it into a UTF-8 file and use --file") from None
    return checked(text)
