"""The chat that a channel stands for, so that a message is changed where it stands.

A message's id means something in its own chat only.  Should the channel be given another address,
what was posted before stays where it is.
"""

from __future__ import annotations

from typing import NamedTuple

from broadcaster.language import say
from broadcaster.store import codec


class Chat(NamedTuple):
    """A chat of a platform, as one bot sees it."""

    platform: str
    bot: str
    """Whose messages they are: see :func:`broadcaster.engine.whereabouts.bot_of`."""
    address: str
    username: str = ""
    """Public name, for links and for looking at its page; another one makes no other chat."""

    def is_in(self, other: Chat) -> bool:
        """Whether both are the same chat."""
        return self[:3] == other[:3]

    def same_bot(self, other: Chat) -> bool:
        """Whether ``other``'s bot may change what stands here."""
        return self[:2] == other[:2]

    def __str__(self) -> str:
        return say("{address} ({platform})", address=self.address, platform=self.platform)


def dumped(chat: Chat) -> str:
    """As the store keeps it."""
    return codec.dumps([*chat])


def loaded(text: str | None) -> Chat | None:
    """None: no daemon has said yet which chat it is, or it is the channel's own."""
    return Chat._make(codec.ids_of(text)) if text else None
