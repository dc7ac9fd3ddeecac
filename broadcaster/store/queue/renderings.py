"""Renderings by digest, the ones used last kept decoded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from broadcaster.model import Digest, Message, Rendering
from broadcaster.store import codec
from broadcaster.store.queue.database import Database, pack
from broadcaster.text.naming import name_of

CHANGED = (
    "what the queue holds for this channel is not what was checked: something else than this"
    " program has changed it in the store; find out who, then post it anew"
)


class _Changed(tuple[Message, ...]):
    """Stands for a rendering that is not what its name says: no message, and at each step an empty
    one, which is never sent."""

    __slots__ = ()

    def __getitem__(self, step: Any) -> Any:
        return Message(index=step)


DAMAGED = "what it would send cannot be read any more (the store is damaged there): post it anew"

ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading a damaged row raises; errors of the database itself are others."""


class Unreadable(ValueError):
    """A rendering that is gone or cannot be decoded: a matter of the deliveries that name it."""


class Renderings:
    """``keep``: how many stay decoded (a post has one per platform, rarely more)."""

    def __init__(self, cx: Database, *, keep: int = 512) -> None:
        self._cx = cx
        self._keep = keep
        self._known: OrderedDict[Digest, tuple[Message, ...]] = OrderedDict()

    def get(self, digest: Digest) -> tuple[Message, ...]:
        """:raises Unreadable: it is damaged."""
        if digest in self._known:
            self._known.move_to_end(digest)
            return self._known[digest]
        return self.know(digest, self._cx.scalar("deliveries.rendering", digest=digest))

    def know(self, digest: Digest, text: str | None) -> tuple[Message, ...]:
        """Keep what was read of the store elsewhere; None: it is not there.

        :raises Unreadable: it is gone, or damaged.
        """
        messages = self._known.get(digest)
        if messages is None:
            messages = self._known[digest] = _read(digest, text)
            if len(self._known) > self._keep:
                self._known.popitem(last=False)
        return messages

    def flaw(self, digest: Digest) -> str:
        """Why nothing of it may be sent, for people; empty: it is what its name says."""
        return CHANGED if isinstance(self.get(digest), _Changed) else ""

    def put(self, renderings: Iterable[Rendering]) -> None:
        distinct = {each.digest: each for each in renderings}
        rows = [[each.digest, codec.messages_json(each.messages)] for each in distinct.values()]
        self._cx.run("deliveries.put_rendering", rows=pack(rows))

    def compose(self, messages: Sequence[Message]) -> Rendering:
        """Store steps that the store itself made of an edit, a recall or a pin."""
        rendering = Rendering(
            messages=tuple(messages), digest=codec.digest(codec.messages_json(messages))
        )
        self.put([rendering])
        return rendering


def _read(digest: Digest, text: str | None) -> tuple[Message, ...]:
    """A rendering has its name from whoever planned it, or from the store that composed it.

    :raises Unreadable: it is gone, or damaged.
    """
    try:
        messages = codec.messages(text or "")
        named = digest in (name_of(messages), codec.digest(codec.messages_json(messages)))
    except ODD as error:
        raise Unreadable(f"rendering {digest}: {type(error).__name__}") from error
    return messages if named else _Changed()
