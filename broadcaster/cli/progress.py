"""Following a post until nothing of it is on its way any more, as a terminal shows it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from broadcaster.app import follow as following
from broadcaster.app.follow import (
    Ending,
    FollowRemark,
    NextStep,
    PostView,
    Store,
    outcome,
    parts,
)
from broadcaster.cli.output import print_table
from broadcaster.cli.run import Shell, note
from broadcaster.language import say
from broadcaster.model import State
from broadcaster.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

NO_DAEMON = say("no daemon is running: nothing is sent until one does (broadcaster daemon)")
EXITS: Mapping[Ending, int] = {
    Ending.AS_WISHED: 0,
    Ending.NOT_EVERYWHERE: 3,
    Ending.UNKNOWN: 4,
}
"""How a post ended -> exit code."""


def follow(
    shell: Shell, store: Store, post: int, *, timeout: float | None, quiet: bool
) -> tuple[PostView, int]:
    """Show each channel's progress until all is settled; returns the end and its exit code.

    Without a running daemon only a ``timeout`` (seconds) is waited for.  ``quiet``: no result is
    printed, and progress only on a terminal.
    """
    with _shown(shell, quiet=quiet) as show:
        for progress in following.follow(store, post, timeout=timeout):
            view = progress.view
            show(view)
            for remark in progress.remarks:
                note(_remark(remark, post))
    if not quiet:
        show_deliveries(shell, view)
    return view, EXITS[following.ending(view)]


def _remark(remark: FollowRemark, post: int) -> str:
    if remark is FollowRemark.NO_DAEMON:
        return NO_DAEMON
    return say("not settled in time; look again: broadcaster watch {post}", post=post)


def show_deliveries(shell: Shell, view: PostView) -> None:
    """Every delivery with its state, and its link or what stands in the way."""
    print_table(
        ("channel", "what", "state", "done", say("link or reason")),
        (
            (
                each.delivery.channel,
                "" if each.delivery.kind == "post" else each.delivery.kind.value,
                each.delivery.state.value,
                parts(each),
                outcome(shell.office, each),
            )
            for each in view.deliveries
        ),
    )
    for step in following.next_steps(view):
        note(_said(step))


def _said(step: NextStep) -> str:
    """As a command."""
    if step.verb == "resolve":
        command = f"broadcaster resolve {step.post} {step.channel}"
        return say(
            "look into the channel, then say {command} --posted, or --not-posted", command=command
        )
    return say("to send what failed or was missed: broadcaster retry {post}", post=step.post)


@contextmanager
def _shown(shell: Shell, *, quiet: bool) -> Iterator[Callable[[PostView], None]]:
    if not sys.stderr.isatty():
        yield (lambda view: None) if quiet else _lines(shell)
        return
    from rich.console import Console  # not on a terminal, nothing is drawn
    from rich.live import Live

    with Live(console=Console(stderr=True), transient=True) as live:
        yield lambda view: live.update(_board(shell, view))


def _lines(shell: Shell) -> Callable[[PostView], None]:
    """One line for each change of a delivery's state."""
    before: dict[tuple[str, str, int], State] = {}

    def show(view: PostView) -> None:
        for each in view.deliveries:
            delivery = each.delivery
            which = (delivery.channel, delivery.kind, delivery.revision)
            if before.get(which) is not delivery.state:
                line = say(
                    "{channel}: {state} {outcome}",
                    channel=delivery.channel,
                    state=delivery.state,
                    outcome=outcome(shell.office, each),
                )
                note(line.rstrip())
            before[which] = delivery.state

    return show


def _board(shell: Shell, view: PostView) -> Table:
    """The deliveries, one below the other, rewritten in place."""
    from rich.table import Table  # as above
    from rich.text import Text

    board = Table.grid(padding=(0, 2))
    for each in view.deliveries:
        cells = each.delivery.channel, each.delivery.state, parts(each), outcome(shell.office, each)
        board.add_row(*(Text(visible(cell)) for cell in cells))  # a text is no markup of rich's
    return board
