"""Changing one post or many in the queue, and saying what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from broadcaster.app.closed import closed, way_out, why
from broadcaster.app.corrections import Changed, PostView, still_stuck
from broadcaster.app.office import Store
from broadcaster.app.views import post_json
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, did, note
from broadcaster.language import joined, say
from broadcaster.model import State


def change_post(
    shell: Shell, post: int, change: Callable[[Store], Changed], done: str, *, as_json: bool
) -> Changed:
    """Apply ``change`` to one post; ``done`` says it to people.

    :raises InputError: no such post, or its change cannot be.
    :raises Refused: its state does not allow it anywhere.
    """
    with shell.queue() as store:
        return change_one(shell, store, post, lambda: change(store), done, as_json=as_json)


def change_one(
    shell: Shell,
    store: Store,
    post: int,
    change: Callable[[], Changed],
    done: str,
    *,
    as_json: bool,
) -> Changed:
    """:func:`change_post` for a store that is open."""
    changed = change()
    did(done)
    view = store.post(post)
    if as_json:
        print_json(post_json(shell.office, view))
    else:
        echo(say("{done}: {channels}", done=done, channels=joined(", ", changed.channels)))
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
    did(
        say(
            "{deliverys} {done}",
            deliverys=plural(len(changed.deliveries), "delivery", "deliveries"),
            done=done,
        )
    )
    if as_json:
        print_json(many_json(changed))
    else:
        echo(many_words(changed, done))
    tell_refused(changed.refused)


def many_json(changed: Changed) -> dict[str, object]:
    return {
        "deliveries": list(changed.deliveries),
        "channels": list(changed.channels),
        "refused": dict(changed.refused),
    }


def many_words(changed: Changed, done: str, *, would: bool = False) -> str:
    """Such as "3 deliveries would be dropped: news-bale"."""
    count = plural(len(changed.deliveries), "delivery", "deliveries")
    what = say("would be {done}", done=done) if would else done
    return say(
        "{count} {what}: {channels}",
        count=count,
        what=what,
        channels=joined(", ", changed.channels),
    )


def head(shell: Shell, view: PostView) -> str:
    """Which post a question is about."""
    post = view.post
    return say(
        "post {post} ({state}), {when}, by {author}:",
        post=post.id,
        state=view.state,
        when=shell.times.show(post.due),
        author=post.author,
    )


def tell_waiting(
    shell: Shell, store: Store, view: PostView, channels: Sequence[str], what: str
) -> None:
    """Say where ``what`` was done to a post, but waits, and what sends that and nothing else."""
    office, post = shell.office, view.post.id
    told: set[str] = set()
    newest = {each.delivery.channel: each.delivery.state for each in view.deliveries}
    over = (State.DELIVERED, State.CANCELLED)
    waiting = [name for name in channels if newest.get(name) not in over]
    for each in closed(office, store.gates(), waiting):
        told.update(each.channels)
        note(
            say(
                "{channels}: {what} waits: {why}; to go on: {way_out}",
                channels=joined(", ", each.channels),
                what=what,
                why=why(office, each),
                way_out=way_out(office, each, post),
            )
        )
    for name, state in still_stuck(view, channels).items():
        if name not in told:
            release = f"broadcaster release {name} --post {post}"
            retry = f"broadcaster retry {post} --to {name}"
            command = release if state is State.HELD else retry
            note(
                say(
                    "{name}: {what} is still {state}; to send it: {command}",
                    name=name,
                    what=what,
                    state=state,
                    command=command,
                )
            )


def tell_refused(refused: Mapping[str, str]) -> None:
    for channel, reason in refused.items():
        note(say("not in {channel}: {reason}", channel=channel, reason=reason))
