"""Changing one post or many in the queue, and saying what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from broadcaster.app.corrections import Changed
from broadcaster.app.office import Store
from broadcaster.app.views import post_json
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, did, note


def change_post(
    shell: Shell, post: int, change: Callable[[Store], Changed], done: str, *, as_json: bool
) -> Changed:
    """Apply ``change`` to one post; ``done`` says it to people.

    :raises InputError: no such post, or its change cannot be.
    :raises Refused: its state does not allow it anywhere.
    """
    with shell.queue() as store:
        changed = change(store)
        did(done)
        view = store.post(post)
    if as_json:
        print_json(post_json(shell.office, view))
    else:
        echo(f"{done}: {', '.join(changed.channels)}")
    tell_refused(changed.refused)
    return changed


def change_many(
    shell: Shell, change: Callable[[Store], Changed], done: str, *, as_json: bool
) -> None:
    """Apply a change that concerns many posts; ``done`` is what happened to the deliveries.

    :raises Refused: there was nothing to change.
    """
    with shell.queue() as store:
        changed = change(store)
    did(f"{plural(len(changed.deliveries), 'delivery', 'deliveries')} {done}")
    if as_json:
        print_json(
            {
                "deliveries": list(changed.deliveries),
                "channels": list(changed.channels),
                "refused": dict(changed.refused),
            }
        )
    else:
        count = plural(len(changed.deliveries), "delivery", "deliveries")
        echo(f"{count} {done}: {', '.join(changed.channels)}")
    tell_refused(changed.refused)


def tell_refused(refused: Mapping[str, str]) -> None:
    for channel, why in refused.items():
        note(f"not in {channel}: {why}")
