"""A post that is to be removed again: when, and doing it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcaster.errors import Refused
from broadcaster.model import Stage
from broadcaster.store.changing import Changed, Recall
from broadcaster.store.queue.change_posted import recall
from broadcaster.store.queue.change_queue import of_post
from broadcaster.store.queue.context import Context
from broadcaster.store.queue.plan import planned
from broadcaster.store.queue.views import post_row

if TYPE_CHECKING:
    from broadcaster.store.changing import Removal, Remove

_OVER = {Stage.CANCELLED, Stage.REJECTED}


def set_removal(context: Context, change: Removal) -> Changed:
    """Another hour, or none; at any time before it has come."""
    post = post_row(context.cx, change.post)
    if Stage(post["stage"]) in _OVER:
        raise Refused(f"the post is {post['stage']}; nothing of it will be out")
    if post["remove_at"] == change.at:
        at = "stays in its channels" if change.at is None else "is removed at that hour"
        raise Refused(f"it {at} already")
    if change.at is not None and change.at <= max(post["due"], context.now):
        raise Refused("it would be removed before it is out; choose a later hour")
    context.cx.run("change.set_removal", post=change.post, remove_at=change.at)
    return Changed(channels=_channels(context, change.post))


def remove(context: Context, change: Remove) -> Changed:
    """Recall it and forget its hour in one transaction, so that it is done once.

    Where it cannot be removed it is refused for good: a person does it by hand.
    """
    post = post_row(context.cx, change.post)
    if post["remove_at"] is None or post["remove_at"] > context.now:
        raise Refused("it is not to be removed now")
    context.cx.run("change.set_removal", post=change.post, remove_at=None)
    try:
        return recall(context, Recall(post=change.post, recallable=change.recallable))
    except Refused as refusal:
        return Changed(refused=dict.fromkeys(_channels(context, change.post), str(refusal)))


def _channels(context: Context, post: int) -> tuple[str, ...]:
    """Every channel of a post, planned or on its way."""
    waiting = [target.channel for target in planned(context.cx, post)]
    begun = [row.channel for row in of_post(context, post, None)]
    return tuple(dict.fromkeys([*waiting, *begun]))
