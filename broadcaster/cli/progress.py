"""Following a post until nothing of it is on its way any more."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from broadcaster.cli.output import print_table
from broadcaster.cli.run import Shell, note
from broadcaster.model import Stage, State
from broadcaster.store.port import Store
from broadcaster.store.reading import DeliveryView, PostView
from broadcaster.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

LOOK_S = 0.5
"""Longest pause between two looks; a change in the store ends it sooner."""
ALIVE_S = 5.0
"""Between two looks whether a daemon is there at all."""
NO_DAEMON = "no daemon is running: nothing is sent until one does (broadcaster daemon)"
_OPEN = (State.WAITING, State.SENDING)


def follow(
    shell: Shell, store: Store, post: int, *, timeout: float | None, quiet: bool
) -> tuple[PostView, int]:
    """Show each channel's progress until all is settled; returns the end and its exit code.

    Without a running daemon only a ``timeout`` (seconds) is waited for.  ``quiet``: no result is
    printed, and progress only on a terminal.
    """
    end = None if timeout is None else time.monotonic() + timeout
    look, told = 0.0, False
    with _shown(shell, quiet=quiet) as show:
        while True:
            view = store.post(post)
            show(view)
            if settled(view):
                break
            if time.monotonic() >= look:
                look = time.monotonic() + ALIVE_S
                if not any(each.alive for each in store.daemons()):
                    if not told:
                        note(NO_DAEMON)
                        told = True
                    if end is None:
                        break
            rest = LOOK_S if end is None else min(LOOK_S, end - time.monotonic())
            if rest <= 0:
                note(f"not settled in time; look again: broadcaster watch {post}")
                break
            store.changed(rest)
    if not quiet:
        show_deliveries(shell, view)
    return view, exit_code(view)


def settled(view: PostView) -> bool:
    """Whether nothing of it waits or is on the wire."""
    if view.post.stage in {Stage.DRAFT, Stage.APPROVED}:
        return True
    return not any(each.delivery.state in _OPEN for each in view.deliveries)


def exit_code(view: PostView) -> int:
    """0 it stands as was wished, 3 not everywhere, 4 somewhere nobody knows."""
    states = {each.delivery.state for each in view.deliveries}
    if State.UNKNOWN in states:
        return 4
    missing = states & {*_OPEN, State.FAILED, State.MISSED}
    return 0 if view.state in {"delivered", "recalled"} and not missing else 3


def show_deliveries(shell: Shell, view: PostView) -> None:
    """Every delivery with its state, and its link or what stands in the way."""
    print_table(
        ("channel", "what", "state", "done", "link or reason"),
        (
            (
                each.delivery.channel,
                "" if each.delivery.kind == "post" else each.delivery.kind.value,
                each.delivery.state.value,
                parts(each),
                outcome(shell, each),
            )
            for each in view.deliveries
        ),
    )
    for step in _next_steps(view):
        note(step)


def _next_steps(view: PostView) -> Iterator[str]:
    """What a person can say where something is not out."""
    post = view.post.id
    for each in view.deliveries:
        if each.delivery.state is State.UNKNOWN:
            say = f"broadcaster resolve {post} {each.delivery.channel}"
            yield f"look into the channel, then say {say} --posted, or --not-posted"
    if any(each.delivery.state in {State.FAILED, State.MISSED} for each in view.deliveries):
        yield f"to send what failed or was missed: broadcaster retry {post}"


def parts(view: DeliveryView) -> str:
    """How many of several messages are out; nothing where there is one."""
    if len(view.messages) < 2:
        return ""
    done = sum(message.state == "delivered" for message in view.messages)
    return f"{done}/{len(view.messages)}"


def outcome(shell: Shell, view: DeliveryView) -> str:
    """The link of a delivery that stands, else its reason."""
    delivery = view.delivery
    if delivery.state is State.WAITING and not delivery.reason:
        return f"due {shell.times.short(delivery.next_at)}"
    if delivery.state is not State.DELIVERED:
        return delivery.reason
    links = []
    for each in view.messages:
        if each.state == "delivered" and each.receipt and each.receipt.ids:
            number = each.receipt.ids[0]
            link = shell.office.link(delivery.channel, number, each.chat)
            where = f" in {each.chat.address}" if each.chat else ""
            links.append(link or f"id {number}{where}")
    return " ".join(links)


@contextmanager
def _shown(shell: Shell, *, quiet: bool) -> Iterator[Callable[[PostView], None]]:
    if not sys.stderr.isatty():
        yield (lambda view: None) if quiet else _lines(shell)
        return
    from rich.console import Console
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
                line = f"{delivery.channel}: {delivery.state} {outcome(shell, each)}"
                note(line.rstrip())
            before[which] = delivery.state

    return show


def _board(shell: Shell, view: PostView) -> Table:
    """The deliveries, one below the other, rewritten in place."""
    from rich.table import Table
    from rich.text import Text

    board = Table.grid(padding=(0, 2))
    for each in view.deliveries:
        cells = each.delivery.channel, each.delivery.state, parts(each), outcome(shell, each)
        board.add_row(*(Text(visible(cell)) for cell in cells))  # a text is no markup of rich's
    return board
