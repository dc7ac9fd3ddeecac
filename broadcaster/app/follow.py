"""Following a post until nothing of it is on its way any more, and what stands at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.app.office import Office
from broadcaster.language import say
from broadcaster.model import Stage, State
from broadcaster.store.store import Store
from broadcaster.store.views import DeliveryView, PostView

__all__ = [
    "DeliveryView",
    "Ending",
    "FollowRemark",
    "NextStep",
    "PostView",
    "Progress",
    "Store",
    "ending",
    "follow",
    "next_steps",
    "outcome",
    "parts",
    "settled",
]

LOOK_S = 0.5
"""Longest pause between two looks; a change in the store ends it sooner."""
ALIVE_S = 5.0
"""Between two looks whether a daemon is there at all."""
_OPEN = (State.WAITING, State.SENDING)


class FollowRemark(StrEnum):
    """Why a followed post may not settle."""

    NO_DAEMON = say("no daemon")
    TIMED_OUT = say("timed out")


class Ending(StrEnum):
    """How a post stands, as a whole."""

    AS_WISHED = say("as wished")
    NOT_EVERYWHERE = say("not everywhere")
    UNKNOWN = "unknown"
    """Of some message nobody knows whether it was posted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a post that is followed."""

    view: PostView
    remarks: tuple[FollowRemark, ...] = ()
    """Each is given once."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a person can do where something is not out."""

    verb: str
    """``resolve`` for one channel, ``retry`` for the whole post."""
    post: int
    channel: str | None = None


def follow(store: Store, post: int, *, timeout: float | None) -> Iterator[Progress]:
    """A look at each change, until all is settled; the last one is how it ended.

    Without a running daemon only a ``timeout`` (seconds) is waited for.

    :raises NotFound: there is no such post.
    """
    end = None if timeout is None else time.monotonic() + timeout
    look, told = 0.0, False
    while True:
        view = store.post(post)
        if settled(view):
            yield Progress(view)
            return
        remarks = []
        leave = False
        if time.monotonic() >= look:
            look = time.monotonic() + ALIVE_S
            if not any(each.alive for each in store.daemons()):
                if not told:
                    remarks.append(FollowRemark.NO_DAEMON)
                    told = True
                leave = end is None
        rest = LOOK_S if end is None else min(LOOK_S, end - time.monotonic())
        if rest <= 0:
            remarks.append(FollowRemark.TIMED_OUT)
            leave = True
        yield Progress(view, tuple(remarks))
        if leave:
            return
        store.changed(rest)


def settled(view: PostView) -> bool:
    """Whether nothing of it waits or is on the wire."""
    if view.post.stage in {Stage.DRAFT, Stage.APPROVED}:
        return True
    return not any(each.delivery.state in _OPEN for each in view.deliveries)


def ending(view: PostView) -> Ending:
    """How it stands now."""
    states = {each.delivery.state for each in view.deliveries}
    if State.UNKNOWN in states:
        return Ending.UNKNOWN
    missing = states & {*_OPEN, State.FAILED, State.MISSED}
    if view.state in {"delivered", "recalled"} and not missing:
        return Ending.AS_WISHED
    return Ending.NOT_EVERYWHERE


def next_steps(view: PostView) -> Iterator[NextStep]:
    """What a person can do where something is not out."""
    post = view.post.id
    for each in view.deliveries:
        if each.delivery.state is State.UNKNOWN:
            yield NextStep("resolve", post, each.delivery.channel)
    if any(each.delivery.state in {State.FAILED, State.MISSED} for each in view.deliveries):
        yield NextStep("retry", post)


def parts(view: DeliveryView) -> str:
    """How many of several messages are out; nothing where there is one."""
    if len(view.messages) < 2:
        return ""
    done = sum(message.state == "delivered" for message in view.messages)
    return f"{done}/{len(view.messages)}"


def outcome(office: Office, view: DeliveryView) -> str:
    """The link of a delivery that stands, else its reason."""
    delivery = view.delivery
    if delivery.state is State.WAITING and not delivery.reason:
        return say("due {when}", when=office.times.short(delivery.next_at))
    if delivery.state is not State.DELIVERED:
        return delivery.reason
    links = []
    for each in view.messages:
        if each.state == "delivered" and each.receipt and each.receipt.ids:
            number = each.receipt.ids[0]
            link = office.link(delivery.channel, number, each.chat)
            where = say(" in {address}", address=each.chat.address) if each.chat else ""
            links.append(link or say("id {number}{where}", number=number, where=where))
    return " ".join(links)
