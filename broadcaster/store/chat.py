"""The chat of a channel, so that a message is changed in the chat where it was posted.

The id of a message is valid only in its own chat.  If a channel gets another address, its earlier
messages stay in the earlier chat.
"""

from __future__ import annotations

from typing import NamedTuple

from broadcaster.language import say
from broadcaster.store import codec


class Chat(NamedTuple):
    """A chat of a platform, as one bot sees it."""

    platform: str
    bot: str
    """The bot that posts there: see :func:`broadcaster.engine.whereabouts.bot_of`."""
    address: str
    username: str = ""
    """Public name, for links and for the public page; it does not identify the chat."""

    def is_in(self, other: Chat) -> bool:
        """Whether both are the same chat."""
        return self[:3] == other[:3]

    def same_bot(self, other: Chat) -> bool:
        """Whether the bot of ``other`` may change messages of this chat."""
        return self[:2] == other[:2]

    def __str__(self) -> str:
        return say("{address} ({platform})", address=self.address, platform=self.platform)


def dumped(chat: Chat) -> str:
    """The form in which the store keeps a chat."""
    return codec.dumps([*chat])


def loaded(text: str | None) -> Chat | None:
    """The chat in a stored form.

    None: no daemon has registered the chat yet, or it is the current chat of the channel.
    """
    return Chat._make(codec.ids_of(text)) if text else None
