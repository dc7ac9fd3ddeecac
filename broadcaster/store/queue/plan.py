"""Targets of posts that have not fanned out: stored as parts, each with all that is alike in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from broadcaster.model import Digest, Micros
from broadcaster.store.queue.database import Database, pack

if TYPE_CHECKING:
    from broadcaster.store.queueing import Target


class Planned(NamedTuple):
    """One channel's share of a post, as ``plan.targets`` gives it."""

    position: int
    channel: str
    account: str
    rendering: Digest
    lost: str
    deadline: Micros | None
    off: int
    cancelled: int


def fans_json(post: int, targets: Sequence[Target]) -> str:
    """Targets as ``plan.put``, ``put_lanes`` and ``fan_out`` take them: rows of an account, its
    channels with their positions, and what these share; a row for each would double the cost."""
    fans: dict[tuple[object, ...], tuple[Target, dict[str, int]]] = {}
    for position, each in enumerate(targets):
        alike = each.account, id(each.rendering), each.deadline, each.off
        if alike not in fans:
            fans[alike] = each, {}
        fans[alike][1][each.channel] = position
    return pack(
        [
            [
                first.account,
                names,
                post,
                first.rendering.digest,
                len(first.rendering.messages),
                pack(first.rendering.lost),
                first.deadline,
                int(first.off),
            ]
            for first, names in fans.values()
        ]
    )


def planned(cx: Database, post: int) -> list[Planned]:
    """In the order in which they were planned."""
    return [Planned(*row) for row in cx.all("plan.targets", post=post)]


def replan(cx: Database, post: int, changed: Callable[[Planned], Planned]) -> tuple[str, ...]:
    """Put what ``changed`` makes of each target in its place; those cancelled already stay.

    Returns the channels for which something else was made.
    """
    before = planned(cx, post)
    after = [each if each.cancelled else changed(each) for each in before]
    moved = tuple(new.channel for old, new in zip(before, after, strict=True) if new is not old)
    if moved:
        parts: dict[tuple[object, ...], dict[str, int]] = {}
        for each in after:
            alike = (each.account, each.rendering, each.lost, each.deadline, each.off)
            parts.setdefault((*alike, each.cancelled), {})[each.channel] = each.position
        cx.run("plan.drop", post=post)
        cx.run("plan.replace", post=post, parts=pack([[*part] for part in parts.items()]))
    return moved


def rerender(cx: Database, post: int, targets: Sequence[Target]) -> tuple[str, ...]:
    """Put new renderings and deadlines in their place; returns the channels that have them now."""
    new = {target.channel: target for target in targets}

    def changed(each: Planned) -> Planned:
        if (target := new.get(each.channel)) is None:
            return each
        return each._replace(
            rendering=target.rendering.digest,
            lost=pack(target.rendering.lost),
            deadline=target.deadline,
        )

    return replan(cx, post, changed)
