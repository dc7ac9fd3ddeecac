"""Plain text: link targets below the text, quotes marked, LTR runs kept in their order."""

from __future__ import annotations

from collections.abc import Mapping

from broadcaster.calendar.digits import persian_digits
from broadcaster.model import Json, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.direction import is_rtl, isolated

QUOTE_MARK = "┃ "


def plain(text: Text) -> tuple[str, Mapping[str, Json]]:
    """The words alone; a link becomes ``words [۱]`` with its target on a line at the end."""
    shown = footnoted(quoted(text))
    code = rich.of_kind(shown, SpanKind.CODE, SpanKind.PRE)
    return isolated(shown.plain, [(each.start, each.start + each.length) for each in code]), {}


def quoted(text: Text) -> Text:
    """Each line of a quote with a bar before it."""
    starts: list[int] = []
    for span in rich.of_kind(text, SpanKind.QUOTE):
        end = span.start + span.length
        starts.append(span.start)
        starts += (at + 1 for at in range(span.start, end - 1) if text.plain[at] == "\n")
    return rich.insert(text, [(at, QUOTE_MARK) for at in sorted(set(starts))])


def footnoted(text: Text) -> Text:
    """Numbers after the words of links, and the targets below; a target is listed once."""
    targets: dict[str, str] = {}
    marks: list[tuple[int, str]] = []
    persian = is_rtl(text.plain)
    for span in sorted(rich.of_kind(text, SpanKind.LINK), key=lambda each: each.start):
        assert span.url is not None, "a link has a target"
        number = str(len(targets) + 1)
        number = targets.setdefault(span.url, persian_digits(number) if persian else number)
        marks.append((span.start + span.length, f" [{number}]"))
    if not targets:
        return text
    notes = "\n".join(f"[{number}] {target}" for target, number in targets.items())
    return rich.join((rich.insert(text, marks), Text(plain=notes)), "\n\n")
