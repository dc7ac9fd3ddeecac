"""Two texts beside each other, as a question before an edit shows them."""

from __future__ import annotations

from io import StringIO
from shutil import get_terminal_size

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from broadcaster.language import say
from broadcaster.visible import visible

WIDEST = 160
"""Columns; lines that are longer than half of it are hard to compare."""


def beside(before: str, after: str) -> str:
    """Both texts in full, in two columns as wide as the terminal allows."""
    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
    for title in ("now", "new"):
        table.add_column(title, ratio=1, overflow="fold")
    table.add_row(Text(visible(before) or say("(no text)")), Text(visible(after)))
    written = StringIO()
    width = min(get_terminal_size().columns, WIDEST)
    Console(file=written, width=width, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines() if line.strip())
