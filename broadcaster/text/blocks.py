"""The blocks of Markdown that are read as such, as rules of markdown-it.

CommonMark takes many decorations in chats for markup: dashes below a line make it a heading, an
indented line is code, and ``>`` continues over the lines below.  Such lines stay as typed here, and
so do blocks that are nested too deeply to be intended.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import (
    StateBlock,
    blockquote,
    heading,
    hr,
    list_block,
    table,
)
from markdown_it.rules_block.fence import make_fence_rule
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

NESTED = 18
"""Levels of quotes and lists, two for a list, below which markdown-it still reads paragraphs."""

_MARK = re.compile(r"(>)[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]+")
_ONLY_MARKS = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+(?:[-*+]|\d{1,9}[.)]))*[ \t]*")
_FRAMED = re.compile(r"([-*+])[ \t].*[ \t]\1[ \t]*")
_SIGNED = re.compile(r"\+[ \t]+\d")
_EMPTY_HEADING = re.compile(r"[# \t]+")
_RULE = re.compile(r"([-*_])(?:[ \t]*\1){2}[ \t]*")
_LONG_RULE = re.compile(r"([-*_])(?:[ \t]*\1){3,}[ \t]*")
_UNDERLINE = re.compile(r"-+[ \t]*")

_ANYWHERE: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
_NOT_IN_LISTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}

_backticks = make_fence_rule(markers=("`",))


def use_blocks(md: MarkdownIt) -> None:
    """Give ``md`` our blocks: no setext headings, indented code, tilde fences or lazy quotes."""
    md.disable(["html_block", "lheading", "code"])
    rules = md.block.ruler
    rules.at("table", _table, {"alt": ["paragraph", "reference"]})
    rules.at("fence", _backticks, _ANYWHERE)
    rules.at("blockquote", _quote, _ANYWHERE)
    rules.at("hr", _rule, _ANYWHERE)
    rules.at("list", _list, _NOT_IN_LISTS)
    rules.at("heading", _heading, _NOT_IN_LISTS)
    rules.push("outside", _outside, {"alt": ["blockquote"]})


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _outside(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Ends a quote at any line without its ``>``."""
    return silent and state.parentType == "blockquote"


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    if not line.startswith(">") or line.rstrip().endswith("<"):  # >> such as this <<
        return False
    return not _too_deep(state, start) and blockquote(state, start, end, silent)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    at = state.bMarks[start] + state.tShift[start]
    if state.src[at : at + 1] not in set("-*+0123456789"):
        return False
    if state.sCount[start] >= state.blkIndent:  # else it is the next item of a list
        line = _line(state, start)
        if _ONLY_MARKS.fullmatch(line) or _FRAMED.fullmatch(line) or _SIGNED.match(line):
            return False
    return not _too_deep(state, start) and list_block(state, start, end, silent)


def _too_deep(state: StateBlock, start: int) -> bool:
    """Whether the marks that begin this line nest deeper than can be shown."""
    level = state.level
    at = state.bMarks[start] + state.tShift[start]
    while level <= NESTED and (mark := _MARK.match(state.src, at, state.eMarks[start])):
        level += 1 if mark[1] else 2
        at = mark.end()
    return level > NESTED


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Three signs are a rule; a longer line of them, or one below a text, is a decoration."""
    line = _line(state, start)
    outside = state.sCount[start] < state.blkIndent  # of the item of a list, which it ends
    if not _RULE.fullmatch(line):
        return silent and outside and _LONG_RULE.fullmatch(line) is not None
    if silent and state.parentType == "paragraph" and not outside and _UNDERLINE.fullmatch(line):
        return False
    return hr(state, start, end, silent)


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if _EMPTY_HEADING.fullmatch(_line(state, start)):
        return False
    return heading(state, start, end, silent)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table that keeps every cell: additional cells of a row are joined to its last one."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    cells: list[str] = []
    row: list[Token] = []
    for token in state.tokens[first:]:
        match token.type:
            case "tr_open":
                row = []
                cells = _cells(_line(state, token.map[0])) if token.map else []
            case "inline":
                row.append(token)
            case "tr_close":
                beyond = [cell for cell in cells[len(row) :] if cell]
                row[-1].content = " | ".join((row[-1].content, *beyond))
    return True


def _cells(line: str) -> list[str]:
    cells = [mdTrim(cell) for cell in escapedSplit(mdTrim(line))]
    return cells[1:] if cells and not cells[0] else cells
