"""Questions before what cannot be undone, and the answers that count as yes."""

from __future__ import annotations

import click

from broadcaster.cli.run import interactive, note
from broadcaster.errors import InputError

_YES = {"y", "yes", "بله", "بلی", "آری", "آره", "اره"}
_NO = {"", "n", "no", "نه", "خیر"}
_SPELLING = str.maketrans({"ي": "ی", "أ": "ا", "\u200c": None})


def confirm(question: str, *, yes: bool, unchanged: str = "nothing was changed") -> None:
    """Ask, unless ``yes`` was said.

    :raises InputError: nobody is there to be asked, or the answer is no.
    """
    if yes:
        return
    if not interactive():
        raise InputError(
            f"{unchanged}: without a terminal nobody can be asked; add --yes if it is meant, or"
            " --dry-run to see what it would do"
        )
    if not agreed(question):
        raise InputError(unchanged)


def agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes, in English or Persian; Enter is no."""
    while True:
        said = click.prompt(f"{question} [y/N]", default="", show_default=False, err=True)
        answer = str(said).strip().casefold().translate(_SPELLING)
        if answer in _YES:
            return True
        if answer in _NO:
            return False
        note("answer yes or no (بله, نه)")
