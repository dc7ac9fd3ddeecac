"""Computes the messages of an edit, recall or pin from the live messages of a channel; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Message, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A message that is in the channel, with its present content."""

    slot: int
    ids: tuple[str, ...]
    message: Message
    pinned: bool = False
    chat: str | None = None
    """Its chat in the store's form; None: the chat of its lane."""


def edit_steps(
    live: Sequence[Live], target: Sequence[Message], *, next_slot: int
) -> tuple[Message, ...]:
    """The messages that turn ``live`` into ``target``.

    Differing messages are edited in pairs, additional ones are sent, surplus ones are recalled.

    :param next_slot: the first slot that no receipt of the post has used.
    :raises Refused: a message to edit has no id, because a person confirmed it, or several of its
        files would have to change.
    """
    steps: list[Message] = []
    wanted = [message for message in target if message.verb is Verb.SEND]
    slots: dict[int, int] = {}
    for old, new in zip(live, wanted, strict=False):
        slots[new.index] = old.slot
        if _files(old.message) != _files(new):
            if not len(old.message.media) == len(new.media) == 1:
                raise Refused(
                    say("files that are out cannot be changed; recall it and post it again")
                )
            steps.append(_act(replace(new, verb=Verb.EDIT, replaces=True), old))
        elif (old.message.text, old.message.markup) != (new.text, new.markup):
            steps.append(_act(replace(new, verb=Verb.EDIT), old))
    for slot, new in enumerate(wanted[len(live) :], next_slot):
        slots[new.index] = slot
        steps.append(replace(new, index=slot))
    steps += [_act(Message(index=old.slot, verb=Verb.RECALL), old) for old in live[len(wanted) :]]
    pinned = {item.slot for item in live if item.pinned}
    for message in target:
        if message.verb is Verb.PIN and message.acts_on in slots:
            slot = slots[message.acts_on]
            if slot not in pinned:
                steps.append(replace(message, index=slot, acts_on=slot))
    return tuple(steps)


def _files(message: Message) -> list[str]:
    return [media.digest for media in message.media]


def recall_steps(live: Sequence[Live]) -> tuple[Message, ...]:
    """The messages that recall all of ``live``.

    :raises Refused: one has no id, because a person confirmed it.
    """
    return tuple(_act(Message(index=item.slot, verb=Verb.RECALL), item) for item in live)


def unpin_steps(live: Sequence[Live]) -> tuple[Message, ...]:
    """The messages that unpin the pinned ones of ``live``.

    :raises Refused: none is pinned, or one has no id, because a person confirmed it.
    """
    pinned = [item for item in live if item.pinned]
    if not pinned:
        raise Refused(say("nothing of the post is pinned there"))
    return tuple(_act(Message(index=item.slot, verb=Verb.UNPIN), item) for item in pinned)


def pin_steps(live: Sequence[Live], *, alone: bool = False) -> tuple[Message, ...]:
    """The message that pins the first of ``live``; ``alone``: it also unpins our earlier pins.

    :raises Refused: there is none, or it has no id, because a person confirmed it.
    """
    if not live:
        raise Refused(say("nothing of the post stands there"))
    pin = Message(index=live[0].slot, verb=Verb.PIN, unpins_others=alone)
    return (_act(pin, live[0]),)


def _act(message: Message, on: Live) -> Message:
    if not on.ids:
        raise Refused(say("it was confirmed without its id, so nobody can change it from here"))
    return replace(message, index=on.slot, acts_on=on.slot)
