"""What commands print: aligned tables, states in colour, JSON for programs.

Nothing else writes to the terminal: what stands in a post, a reason or a file name is shown there,
and never obeyed (:mod:`broadcaster.visible`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

import click

from broadcaster.app.words import plural as plural
from broadcaster.app.words import size as size
from broadcaster.language import joined, say, shown
from broadcaster.visible import json_escaped, visible

_GAP = "  "
_FEW, _WIDE = 3, 76
"""Lines, and columns of each, of a text that is only called to mind."""
_COLOURS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {"fg": "green"},
    "sending": {"fg": "cyan"},
    "waiting": {"fg": "cyan"},
    "scheduled": {"fg": "cyan"},
    "unknown": {"fg": "yellow", "bold": True},
    "held": {"fg": "yellow"},
    "partial": {"fg": "yellow"},
    "failed": {"fg": "red", "bold": True},
    "missed": {"fg": "red"},
    "refused": {"fg": "red", "bold": True},
    "off": {"fg": "yellow"},
    "open": {"fg": "red", "bold": True},
}
"""A cell that is one of these words has its colour, on a terminal."""


class Styled(str):
    """Words of ours in a colour: all the control sequences that a terminal is sent."""

    __slots__ = ()


def echo(*parts: str, nl: bool = True) -> None:
    """One line, or several, on stdout."""
    click.echo("".join(map(_shown, parts)), nl=nl)


def print_json(value: object) -> None:
    """The only thing on stdout: UTF-8, Persian as it is."""
    click.echo(json_escaped(json.dumps(value, ensure_ascii=False, indent=2)))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns of equal width as terminals show them; the last one is cut at the screen's edge.

    Text of people belongs into the last column: right-to-left text would push what follows it.
    """
    from rich.cells import cell_len  # `post` prints no table

    plain = [tuple(map(say, header)), *rows]
    lines = [tuple(_cell(_word(cell, row)) for cell in row) for row in plain]
    filled = [at for at in range(len(header)) if any(line[at] for line in lines[1:])]
    widths = {at: max(cell_len(line[at]) for line in lines) for at in filled}
    screen = get_terminal_size().columns if sys.stdout.isatty() else None
    for number, line in enumerate(lines):
        cells = []
        room = screen
        for at in filled:
            text = line[at]
            if at == filled[-1]:
                cell = text if room is None else cut(text, max(room, 10))
                padding = ""
            else:
                cell, padding = text, " " * (widths[at] - cell_len(text))
                room = None if room is None else room - widths[at] - len(_GAP)
            cells.append(_styled(cell, plain[number][at], heading=number == 0) + padding)
        click.echo(_GAP.join(cells).rstrip())


def print_facts(facts: Mapping[str, str]) -> None:
    """A name and a value a line, aligned; what has no value is left out."""
    from rich.cells import cell_len  # `post` prints no facts

    told = {_shown(name): value for name, value in facts.items()}
    width = max(map(cell_len, told))
    for name, value in told.items():
        if value:
            echo(name, " " * (width - cell_len(name)), "  ", value)


def _word(cell: str, row: Sequence[str]) -> str:
    """A state in the current language; the last cell of a row is people's own text."""
    return say(cell) if cell in _COLOURS and cell is not row[-1] else cell


def state(word: str) -> Styled:
    """A state in its colour."""
    return Styled(_styled(shown(say(word)), word, heading=False))


def cut(text: str, cells: int) -> str:
    """``text`` on one line, at most ``cells`` wide, with an ellipsis where it goes on."""
    from rich.cells import cell_len, set_cell_size  # `post` cuts nothing

    line = visible(" ".join(shown(text).split()))
    return line if cell_len(line) <= cells else set_cell_size(line, cells - 1).rstrip() + "…"


def first_lines(text: str) -> str:
    """How a text begins, indented, for a question about it."""
    lines = [line for line in text.splitlines() if line.strip()]
    shown = [say("  {line}", line=cut(line, _WIDE)) for line in lines[:_FEW]]
    return "\n".join([*shown, *(["  …"] if len(lines) > _FEW else [])]) or say("  (no text)")


def _shown(part: str) -> str:
    return part if isinstance(part, Styled) else visible(shown(part))


def _cell(text: str) -> str:
    """On one line: a row of a table is what it says, and not what a text pretends."""
    return _shown(text).replace("\n", " ")


def gone(digests: Sequence[str], folder: Path) -> str:
    """Where the files are looked for, the first few of them, and what to do."""
    first = joined(", ", (str(folder / each[:2] / each) for each in digests[:3]))
    more = say(" and {count:,} more", count=len(digests) - 3) if len(digests) > 3 else ""
    return say(
        "{first}{more}; put them back (from an older backup), or cancel the posts",
        first=first,
        more=more,
    )


def _styled(text: str, english: str, *, heading: bool) -> str:
    if heading:
        return click.style(text, bold=True)
    return click.style(text, **_COLOURS[english]) if english in _COLOURS else text
