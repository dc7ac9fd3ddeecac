"""Finds the pictures in a text, in the notations of Markdown and editors, and their sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from html import unescape

from broadcaster.language import say
from broadcaster.text.code import CODE

# Every repetition is possessive, so that no text takes more than one pass.
_LABEL = r"(?:[^\[\]\\\n]++|\\.|\n(?![ \t]*+\n)|\[(?:[^\[\]\\\n]++|\\.)*+\])*+"
_SPACE = r"[ \t]*+(?:\n(?![ \t]*+\n)[ \t]*+)?"
_PICTURE = re.compile(
    CODE
    + rf"""
    | (?<!\\)!\[\[(?P<wiki>[^\[\]\n]++)\]\]
    | (?P<before>^[ \t]*+)?(?<!\\)!\[{_LABEL}\]
      \({_SPACE}(?:<(?P<angled>[^<>\n]++)>|(?P<bare>(?:[^()<>"\n]++|\([^()\n]*+\))++))
      {_SPACE}(?:"[^"\n]*+"{_SPACE})?\)
      (?P<after>[ \t]*+\n(?:[ \t]*+\n)*+|[ \t]*+\Z)?
    | (?<!\\)!\[(?P<label>{_LABEL})\](?:\[(?P<name>[^\[\]\n]*+)\])?
    | <(?i:img)\b(?P<html>[^<>]*+)>
    """,
    re.VERBOSE | re.MULTILINE,
)
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[(?!\^)(?P<name>[^\[\]\n]++)\]:[ \t]*+(?:<(?P<angled>[^<>\n]++)>|(?P<bare>\S++))",
    re.MULTILINE,
)
_SOURCE = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_WEB = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]+://|(?:data|attachment|cid|blob|content|about):", re.IGNORECASE
)
_SHOWN = 60
"""Letters of a notation that are repeated to people: one with its data within may be long."""


class From(Enum):
    """Where a picture comes from."""

    FILE = auto()
    """A file of this machine, in a notation whose files are attached."""
    WEB = auto()
    """An address that readers can open."""
    ELSEWHERE = auto()
    """Data within the text, or a file in a notation that is not read."""


@dataclass(frozen=True, slots=True)
class TextPicture:
    start: int
    end: int
    target: str
    origin: From
    notation: str
    """As it was written, in short."""


def pictures(source: str) -> Iterator[TextPicture]:
    """The pictures of ``source``, in order; none within code.

    One that is alone on its line takes its line with it.
    """
    if "![" not in source and "<img" not in source.lower():
        return
    named: dict[str, str] | None = None
    for match in _PICTURE.finditer(source):
        attached = False
        if target := match["angled"] or match["bare"]:
            target, attached = target.strip(), True
        elif target := match["wiki"]:
            pass
        elif match["html"] is not None:
            src = _SOURCE.search(match["html"])
            target = unescape(next(filter(None, src.groups()), "")) if src else ""
        elif match["label"] is not None:
            named = _definitions(source) if named is None else named
            target = named.get(_same(match["name"] or match["label"]), "")
        if target:
            yield _picture(match, target, attached=attached)


def unattached(source: str) -> str:
    """Why ``source`` cannot be posted: a picture that readers would see as a path or as data.

    Empty: there is none.
    """
    for picture in pictures(source):
        if picture.origin is not From.WEB:
            return say(
                "the picture {notation} is not attached, and readers would see these "
                "words; name its file with --media, or as ![…](FILE) in a text that "
                "--file reads",
                notation=picture.notation,
            )
    return ""


def _picture(match: re.Match[str], target: str, *, attached: bool) -> TextPicture:
    alone = match["before"] is not None and match["after"] is not None
    notation = " ".join(match[0].split())
    if _WEB.match(target):
        origin = From.WEB
    elif attached and (target[:5].lower() == "file:" or not _SCHEME.match(target)):
        origin = From.FILE
    else:
        origin = From.ELSEWHERE
    return TextPicture(
        start=match.start() if alone else match.start() + len(match["before"] or ""),
        end=match.end() if alone else match.end() - len(match["after"] or ""),
        target=target,
        origin=origin,
        notation=notation if len(notation) <= _SHOWN else f"{notation[:_SHOWN]}…",
    )


def _definitions(source: str) -> dict[str, str]:
    definitions = _DEFINITION.finditer(source)
    return {_same(match["name"]): match["angled"] or match["bare"] for match in definitions}


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()
