"""Plain text: link targets below the text, quotes marked, LTR runs kept in their order."""

from __future__ import annotations

from collections.abc import Mapping

from broadcaster.model import Json, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.direction import isolated
from broadcaster.text.links import written_out

QUOTE_MARK = "┃ "


def plain(text: Text) -> tuple[str, Mapping[str, Json]]:
    """The words alone; a link becomes ``words [۱]`` with its target on a line at the end."""
    shown = written_out(quoted(text), lambda _target: False)
    code = rich.of_kind(shown, SpanKind.CODE, SpanKind.PRE)
    return isolated(shown.plain, [(span.start, span.start + span.length) for span in code]), {}


def quoted(text: Text) -> Text:
    """Each line of a quote with a bar before it."""
    starts: list[int] = []
    for span in rich.of_kind(text, SpanKind.QUOTE):
        end = span.start + span.length
        starts.append(span.start)
        starts += (at + 1 for at in range(span.start, end - 1) if text.plain[at] == "\n")
    return rich.insert(text, [(at, QUOTE_MARK) for at in sorted(set(starts))])
