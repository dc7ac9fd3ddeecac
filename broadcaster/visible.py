"""Text as it may stand on a terminal: what would act on the screen is shown instead.

Colours, titles, the clipboard and the order of the letters of a terminal belong to this program,
not to the words of a post, a file name or a server.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""C0 without tab and line feed, DEL, C1, and half characters, which no terminal can be given."""
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c"} | dict.fromkeys("\u2066\u2067\u2068", "\u2069")
"""Embeddings and isolates, and what ends each; Persian beside Latin letters needs them.

An override (U+202D, U+202E) is needed by nobody who writes, and shows words that are not there."""
_JSON = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""``text`` with ``\x1b`` for an escape, and ``⟪U+202E⟫`` for a mark of direction left open."""
    if _CONTROL.search(text):
        text = _CONTROL.sub(_escaped, text)
    if _BIDI.search(text):
        text = "\n".join(map(_closed, text.split("\n")))  # a mark reaches to the end of its line
    return text


def json_escaped(text: str) -> str:
    r"""JSON text, whose strings hold what a terminal would act on as ``\u009b`` and the like."""
    return _JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {0x0D: "\\r"}.get(code, f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _closed(line: str) -> str:
    """``line`` with each mark shown that opens or ends nothing in it."""
    open_: list[int] = []
    shown = set()
    for match in _BIDI.finditer(line):
        at, mark = match.start(), match[0]
        if mark in _OPENS:
            open_.append(at)
        elif mark in "\u202d\u202e":
            open_.append(at)
            shown.add(at)
        elif open_ and _OPENS.get(line[open_[-1]], "\u202c") == mark:
            if open_.pop() in shown:
                shown.add(at)
        else:
            shown.add(at)
    shown.update(open_)
    return "".join(f"⟪U+{ord(c):04X}⟫" if at in shown else c for at, c in enumerate(line))
