"""Planned removals: setting their time, and carrying each out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Stage
from broadcaster.store.changes import Changed, Recall
from broadcaster.store.queue.corrections import recall, remember
from broadcaster.store.queue.deliveries import post_row
from broadcaster.store.queue.enqueue import planned
from broadcaster.store.queue.pending import of_post
from broadcaster.store.queue.work import Work

if TYPE_CHECKING:
    from broadcaster.store.changes import Removal, Remove

_OVER = {Stage.CANCELLED, Stage.REJECTED}


def due(work: Work, limit: int) -> list[int]:
    """Posts whose planned removal is due."""
    return [row["id"] for row in work.cx.all("read.removals", now=work.now, limit=limit)]


def set_removal(work: Work, change: Removal) -> Changed:
    """Set or clear the time of a planned removal that has not happened."""
    post = post_row(work, change.post)
    if Stage(post["stage"]) in _OVER:
        raise Refused(say("the post is {post}; nothing of it will be out", post=post["stage"]))
    if post["remove_at"] == change.at:
        at = say("stays in its channels") if change.at is None else say("is removed at that hour")
        raise Refused(say("it {at} already", at=at))
    if change.at is not None and change.at <= max(post["due"], work.now):
        raise Refused(say("it would be removed before it is out; choose a later hour"))
    work.cx.run("change.set_removal", post=change.post, remove_at=change.at)
    return Changed(channels=_channels(work, change.post))


def remove(work: Work, change: Remove) -> Changed:
    """Recall a post and clear its planned removal in one transaction, so that it is done once.

    Where it cannot be removed it is refused for good: a person does it by hand.
    """
    post = post_row(work, change.post)
    if post["remove_at"] is None or post["remove_at"] > work.now:
        raise Refused(say("it is not to be removed now"))
    work.cx.run("change.set_removal", post=change.post, remove_at=None)
    wanted = Recall(post=change.post, recallable=change.recallable)
    try:
        return recall(work, wanted)
    except Refused as refusal:
        remember(work, wanted, refusal.channels)
        return Changed(refused=dict.fromkeys(_channels(work, change.post), str(refusal)))


def _channels(work: Work, post: int) -> tuple[str, ...]:
    """Every channel of a post, whether planned or fanned out."""
    waiting = [target.channel for target in planned(work, post)]
    begun = [row.channel for row in of_post(work, post, None)]
    return tuple(dict.fromkeys([*waiting, *begun]))
