"""Numbers of a Persian text in Persian digits, where somebody wishes for that."""

from __future__ import annotations

import re

from broadcaster.calendar.digits import persian_digits
from broadcaster.text.direction import is_rtl
from broadcaster.text.persian import kept_spans, within

_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(r"[ \t>]*\d{1,9}[.)](?=[ \t]|$)")
"""The number of a list's item, which Markdown knows in these digits only."""
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_&#{\\.-])[0-9]+(?:[.,:/٫٬][0-9]+)*(?![A-Za-z0-9_}]|[.-][A-Za-z0-9])"
)
"""No Latin letter, name or hyphen touches it: C3, 3D, COVID-19 and 2026-11-23 stay as they are."""


def persian_numbers(source: str) -> tuple[str, int]:
    """``source`` with numbers of Persian lines in Persian digits, and how many digits changed.

    Code, addresses, ids, tags, the numbers of lists and names such as «3D» stay as typed.
    """
    kept = kept_spans(source)
    out: list[str] = []
    count = at = 0
    for line in _LINE.finditer(source):
        if not is_rtl(line[0]):
            continue
        item = _ITEM.match(line[0])
        begin = line.start() + (item.end() if item else 0)
        for number in _NUMBER.finditer(source, begin, line.end()):
            if within(kept, number.start()) or within(kept, number.end() - 1):
                continue
            out += (source[at : number.start()], persian_digits(number[0]))
            count += sum(letter.isdigit() and letter.isascii() for letter in number[0])
            at = number.end()
    return "".join((*out, source[at:])), count
