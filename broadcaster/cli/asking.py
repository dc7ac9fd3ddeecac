"""Questions before what cannot be undone, and the answers that count as yes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from broadcaster.cli.run import interactive, note
from broadcaster.errors import InputError, Refused
from broadcaster.language import say, shown

_YES = {"y", "yes", "بله", "بلی", "آری", "آره", "اره"}
_NO = {"", "n", "no", "نه", "خیر"}
_SPELLING = str.maketrans({"ي": "ی", "أ": "ا", "\u200c": None})


def confirm(
    lines: Callable[[], Iterable[str]],
    question: str,
    *,
    unchanged: str = "nothing was changed",
    dry_run: bool = True,
) -> None:
    """Show ``lines``, which say what would happen, and ask.

    Where they cannot be made because the change is refused, nobody is asked: the change itself
    then says so, and the audit log has it.

    :raises InputError: nobody is there to be asked, or the answer is no.
    """
    if not interactive():
        look = say(", or --dry-run to see what it would do") if dry_run else ""
        raise InputError(
            say(
                "{unchanged}: there is no terminal to ask on; add --yes if it is meant{look}",
                unchanged=unchanged,
                look=look,
            )
        )
    try:
        told = list(lines())
    except Refused:
        return
    for line in told:
        note(line)
    if not agreed(question):
        raise InputError(unchanged)


def agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes, in English or Persian; Enter is no."""
    while True:
        said = click.prompt(
            shown(say("{question} [y/N]", question=question)),
            default="",
            show_default=False,
            err=True,
        )
        answer = str(said).strip().casefold().translate(_SPELLING)
        if answer in _YES:
            return True
        if answer in _NO:
            return False
        note(say("answer yes or no (بله, نه)"))
