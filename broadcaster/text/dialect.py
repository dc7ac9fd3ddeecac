"""The Markdown we read, as rules of markdown-it.

CommonMark closes no emphasis in ``**متن:**بعد`` or ``**«نقل»**ها``: beside punctuation it asks for
a space, which Persian has not.  Here closing punctuation may stand before a closing marker and
opening punctuation after an opening one, whatever is on the other side.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from weakref import WeakKeyDictionary

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.reference import reference
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from broadcaster.text import links
from broadcaster.text.blocks import use_blocks
from broadcaster.text.paths import PATH

_PAIRS = {"~": "s", "|": "spoiler"}
_JOINERS = "\u200c\u200d"
_SCHEME = re.compile(r"(?:https?|ftp|tg|mailto)\Z", re.IGNORECASE)
_IN_ADDRESS = r"""[^\s<>"«»،؛؟`\]]"""
_ID = re.compile(r"@[A-Za-z0-9_]*[A-Za-z0-9]")
_TAG = re.compile(r"#[\w\u200c]*[^\W_]")
_PATH = re.compile(PATH, re.VERBOSE)


NOTES = "notes"
"""Key of a parser's environment: labels whose definitions are texts, not targets of links."""


def parser() -> MarkdownIt:
    """A reader of our dialect."""
    md = MarkdownIt("commonmark", {"store_labels": True}).enable("table")
    md.disable(["html_inline", "entity"])
    md.block.ruler.at("reference", _reference)
    use_blocks(md)
    md.disable("text_join")  # what was escaped is told apart from a sign that closes nothing
    md.inline.add_terminator_char("|")
    md.inline.ruler.before("escape", "address", _address)
    md.inline.ruler.at("newline", _newline)
    md.inline.ruler.at("emphasis", _emphasis)
    md.inline.ruler.before("emphasis", "pairs", _pairs)
    md.inline.ruler2.after("balance_pairs", "pairs", _close_pairs)
    # targets stand as written
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    md.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    return md


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A definition of a link (``[x]: url``), unless readers would miss its text.

    Footnotes, words instead of an address, and a label's second definition stay as text.
    """
    line, known = state.line, len(state.env.get("references", ()))
    if not reference(state, start, end, silent):
        return False
    if silent:
        return True
    if len(state.env["references"]) > known:
        label, definition = state.env["references"].popitem()
        noted = label.startswith("^") or label in state.env.get(NOTES, ())
        if links.defines(definition["href"]) and not noted:
            state.env["references"][label] = definition
            return True
    state.line = line
    return False


def _address(state: StateInline, silent: bool) -> bool:
    """Addresses, @ids, #tags and paths are plain text: markers and backslashes in them stay."""
    end = state.pos
    match state.src[state.pos]:
        case "\\":
            end = _end(_PATH, state)
        case ":" if _SCHEME.search(state.src, max(0, state.pos - 6), state.pos):
            end = _address_end(state)
        case "@":
            end = _end(_ID, state)
        case "#":
            end = _end(_TAG, state)
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _end(pattern: re.Pattern[str], state: StateInline) -> int:
    match = pattern.match(state.src, state.pos, state.posMax)
    return match.end() if match else state.pos


def _address_end(state: StateInline) -> int:
    """Where an address ends: at white space, or before a marker that closes what is open."""
    opened = _OPENED.get(state, {}).get(id(state.delimiters), frozenset())
    match = _rest(opened).match(state.src, state.pos + 1, state.posMax)
    return state.pos if match is None else match.start() + len(match[0].rstrip("*_~|"))


@cache
def _rest(opened: frozenset[str]) -> re.Pattern[str]:
    """What follows the colon of an address, up to two of a marker that may close something."""
    closing = "|".join(re.escape(marker * 2) for marker in sorted(opened & {"*", "~", "|"}))
    letter = f"(?!{closing}){_IN_ADDRESS}" if closing else _IN_ADDRESS
    return re.compile(f"//(?={_IN_ADDRESS})(?:{letter})*")


_OPENED: WeakKeyDictionary[StateInline, dict[int, frozenset[str]]] = WeakKeyDictionary()
"""Markers that may open something in each list of delimiters, by the identity of the list.

They are noted when they are read; otherwise each address would have to search all of them.
"""


def _newline(state: StateInline, silent: bool) -> bool:
    """A line break is one, hard or soft; white space around it goes."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        if state.pos and state.src[state.pos - 1] == " ":
            state.pending = state.pending.rstrip(" ")
        state.append_pending("\n")
    state.pos += 1
    while state.pos < state.posMax and state.src[state.pos] in " \t":
        state.pos += 1
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    opens, closes, length = _scan(state, marker)
    for _ in range(length):
        _delimiter(state, marker, length, opens, closes)
    state.pos += length
    return True


def _pairs(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in _PAIRS:
        return False
    opens, closes, length = _scan(state, marker)
    if length != 2:
        state.append_pending(marker * length)  # a line of them is a decoration
        state.pos += length
        return True
    _delimiter(state, marker * 2, 0, opens, closes)
    state.pos += 2
    return True


def _delimiter(state: StateInline, text: str, length: int, opens: bool, closes: bool) -> None:
    state.push("text", "", 0).content = text
    if opens:
        lists = _OPENED.setdefault(state, {})
        known = lists.get(id(state.delimiters), frozenset())
        if text[0] not in known:
            lists[id(state.delimiters)] = known | {text[0]}
    state.delimiters.append(
        Delimiter(
            marker=ord(text[0]),
            length=length,
            token=len(state.tokens) - 1,
            end=-1,
            open=opens,
            close=closes,
        )
    )


def _scan(state: StateInline, marker: str) -> tuple[bool, bool, int]:
    """Whether the run of markers here may open, may close, and its length."""
    scanned = state.scanDelims(state.pos, marker != "_")
    start, end = state.pos, state.pos + scanned.length
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    if before.isdecimal() and after.isdecimal():
        return False, False, scanned.length  # ۲*۳ is a product
    opens, closes = scanned.can_open, scanned.can_close
    if marker != "_":
        closes = closes or (_ends(before) and not after.isspace())
        opens = opens or (_begins(after) and not before.isspace())
    else:
        closes = closes or (after in _JOINERS and not before.isspace())
        opens = opens or (before in _JOINERS and not after.isspace())
    return opens, closes, scanned.length


def _ends(letter: str) -> bool:
    """Punctuation that may end a phrase."""
    return isPunctChar(letter) and unicodedata.category(letter) not in ("Ps", "Pi")


def _begins(letter: str) -> bool:
    """Punctuation that may begin a phrase."""
    return isPunctChar(letter) and unicodedata.category(letter) not in ("Pe", "Pf")


def _close_pairs(state: StateInline) -> None:
    metas = [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]
    for delimiters in (state.delimiters, *metas):
        for opener in delimiters:
            name = _PAIRS.get(chr(opener.marker))
            if name is None or opener.end < 0:
                continue
            for at, kind, nesting in (
                (opener.token, "open", 1),
                (delimiters[opener.end].token, "close", -1),
            ):
                token = state.tokens[at]
                token.type, token.nesting, token.content = f"{name}_{kind}", nesting, ""
