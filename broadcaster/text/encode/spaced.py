"""Markdown that cannot be switched off, has no escapes, and wants a space outside each marker.

``*bold*`` and ``_italic_`` count only between spaces or line edges, ``[words](target)`` everywhere.
Text that only looks so is broken up by a word joiner, which nobody sees and which is counted.  As
nothing says that styles nest, they never do here: a link wins over bold, bold over italic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from broadcaster.model import Json, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.encode.plain import quoted

JOINER = "\u2060"
_MARKS = {SpanKind.BOLD: "*", SpanKind.ITALIC: "_"}
_SENTENCE_MARKS = ":؛،.!؟?…,;"
_HARMLESS = str.maketrans({"(": "%28", ")": "%29", " ": "%20"})


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of one line: ``mark`` is "" for plain words, else what they are set as."""

    start: int
    end: int
    mark: str = ""
    url: str = ""


def markdown_spaced(text: Text) -> tuple[str, Mapping[str, Json]]:
    """``*bold*``, ``_italic_``, ``[words](target)``; quotes get a bar; the rest is plain words.

    A style that begins or ends within a word reaches to its end; where it ends at a colon, full
    stop or the like with a word right behind it, a space is put between.
    """
    text = quoted(text)
    lines: list[str] = []
    at = 0
    for line in text.plain.split("\n"):
        lines.append(_line(rich.cut(text, at, at + len(line))))
        at += len(line) + 1
    return "\n".join(lines), {}


def _line(text: Text) -> str:
    pieces = list(_pieces(text))
    marks = {piece.mark for piece in pieces}
    out: list[str] = []
    for piece in pieces:
        words = text.plain[piece.start : piece.end]
        match piece.mark:
            case "[":
                out.append(f"[{words}]({piece.url.translate(_HARMLESS)})")
            case mark:
                out.append(f"{mark}{words}{mark}")
    return "".join(out)


def _pieces(text: Text) -> Iterator[_Piece]:
    yield _Piece(0, len(text.plain))
