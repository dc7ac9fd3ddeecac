"""What lets a command start and end sooner; nothing here changes what it does."""

from __future__ import annotations

import gc

YOUNG = 100_000
"""New objects before the collector looks at them: a command makes fewer while it loads, nearly all
of which stay.  (The daemon sets a number of its own.)"""


def begin() -> None:
    """Before anything is loaded."""
    gc.set_threshold(YOUNG, 20, 50)


def leave() -> None:
    """After all is done: what is in memory goes with the process; none of it is looked through."""
    gc.freeze()
