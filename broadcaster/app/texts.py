"""The text of a post, from a file or from what somebody typed, as a plan may take it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from broadcaster.errors import InputError
from broadcaster.files import read_all, read_text, shown, utf8
from broadcaster.language import say
from broadcaster.text.intake import checked


def read_file(path: Path) -> str:
    """:raises InputError: it cannot be read, is too long, or is not UTF-8."""
    return checked(utf8(read_text(path), shown(path)))


def read_stream(stream: BinaryIO, what: str) -> str:
    """The whole of ``stream``, which people know as ``what``.

    :raises InputError: it cannot be read, is too long, or is not UTF-8.
    """
    return checked(utf8(read_all(stream, what), what))


def typed(text: str) -> str:
    """Arguments that were not UTF-8 hold half characters, which no messenger takes.

    :raises InputError: ``text`` holds some, or a control character.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            say("the text is not UTF-8; put it into a UTF-8 file and use --file")
        ) from None
    return checked(text)
