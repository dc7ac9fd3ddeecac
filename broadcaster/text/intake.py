"""Cleans texts from people: uniform line breaks, and no control characters.

Messengers drop or replace what editors leave in a text: Telegram deletes U+2028 and turns control
characters into spaces, so that words run together.  :source: tdlib, clean_input_string
"""

from __future__ import annotations

import re

from broadcaster.errors import InputError
from broadcaster.language import say

_PARAGRAPH = re.compile("\u2029|\n?\f\n?")
_BREAK = re.compile("\r\n?|[\v\x85\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def with_line_breaks(text: str) -> str:
    """``text`` with ``\\n`` for every line break of Unicode; separators of paragraphs are two."""
    return _PARAGRAPH.sub("\n\n", _BREAK.sub("\n", text))


def checked(text: str, most: int | None = None) -> str:
    """The text of a post with its line breaks as ``\\n``.

    ``most``: bytes of UTF-8 that it may have.

    :raises InputError: it is longer, or holds a control character.
    """
    text = with_line_breaks(text)
    if control := control_in(text):
        raise InputError(
            say("the text holds {control}; remove it, for no messenger shows it", control=control)
        )
    if most is not None and (size := len(text.encode(errors="surrogatepass"))) > most:
        raise InputError(
            say(
                "the text is too long: it has {size:,} bytes, and a post may have "
                "{most:,} (text_bytes in [limits] of the config); shorten it, or "
                "attach it as a file",
                size=size,
                most=most,
            )
        )
    return text


def control_in(text: str) -> str:
    """The first control character of ``text`` but tabs and line breaks, in words; "": none."""
    match = _CONTROL.search(text)
    if match is None:
        return ""
    line = text.count("\n", 0, match.start()) + 1
    column = match.start() - text.rfind("\n", 0, match.start())
    return say(
        "a control character (U+{ord:04X}) in line {line}, column {column}",
        ord=ord(match[0]),
        line=line,
        column=column,
    )


def checked_word(word: str, what: str) -> str:
    """A key or a file's name, which stands on one line.

    :raises InputError: it holds a line break or a control character; ``what`` names it.
    """
    if match := _UNSHOWN.search(word):
        shown = _UNSHOWN.sub("\ufffd", word)
        raise InputError(
            say(
                '{what} "{shown}" holds a control character (U+{ord:04X}); take it '
                "out, so that what is shown is what it is",
                what=what,
                shown=shown,
                ord=ord(match[0][0]),
            )
        )
    return word


def on_one_line(reason: str) -> str:
    """A reason as it is shown everywhere: control characters and line breaks are spaces.

    They are not refused, for a halt is urgent whatever its reason looks like.
    """
    return " ".join(_UNSHOWN.sub(" ", reason).split())
