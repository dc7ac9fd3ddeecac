"""Reads and stores renderings by digest; keeps the most recently used decoded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from broadcaster.language import say
from broadcaster.model import Digest, Message, Rendering
from broadcaster.store import codec
from broadcaster.store.queue.work import Database, pack
from broadcaster.text.naming import name_of

DAMAGED = say(
    "what the store holds for this channel is not what was checked, or "
    "cannot be read: it is damaged, or another program has changed it; "
    "find out why, then post it anew"
)

DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""Errors of reading a damaged row; the database raises others."""


class UnreadableRendering(ValueError):
    """A rendering is missing, changed or damaged; only the deliveries that name it are affected."""


class Renderings:
    """The renderings of a store.

    :param keep: how many stay decoded; a post has one per platform, rarely more.
    """

    def __init__(self, cx: Database, *, keep: int = 512) -> None:
        self._cx = cx
        self._keep = keep
        self._known: OrderedDict[Digest, tuple[Message, ...]] = OrderedDict()

    def get(self, digest: Digest) -> tuple[Message, ...]:
        """The messages of a rendering.

        :raises UnreadableRendering: it is missing, changed or damaged.
        """
        if digest in self._known:
            self._known.move_to_end(digest)
            return self._known[digest]
        return self.know(digest, self._cx.scalar("deliveries.rendering", digest=digest))

    def know(self, digest: Digest, text: str | None) -> tuple[Message, ...]:
        """Keep the text of a rendering that another query has read; None: it is missing.

        :raises UnreadableRendering: it is gone, changed or damaged.
        """
        messages = self._known.get(digest)
        if messages is None:
            messages = self._known[digest] = _read(digest, text)
            if len(self._known) > self._keep:
                self._known.popitem(last=False)
        return messages

    def put(self, renderings: Iterable[Rendering]) -> None:
        distinct = {rendering.digest: rendering for rendering in renderings}
        rows = [
            {"digest": digest, "messages": codec.messages_json(rendering.messages)}
            for digest, rendering in distinct.items()
        ]
        self._cx.run("deliveries.put_rendering", rows=pack(rows))

    def compose(self, messages: Sequence[Message]) -> Rendering:
        """Store the messages of an edit, recall or pin, which the store has composed."""
        rendering = Rendering(
            messages=tuple(messages), digest=codec.digest(codec.messages_json(messages))
        )
        self.put([rendering])
        return rendering


def _read(digest: Digest, text: str | None) -> tuple[Message, ...]:
    """The messages of a rendering, whose digest must match as planned or as composed.

    :raises UnreadableRendering: it is gone or damaged, or says something else than its name
    promises.
    """
    try:
        messages = codec.messages(text or "")
        if digest in (name_of(messages), codec.digest(codec.messages_json(messages))):
            return messages
    except DAMAGE as error:
        raise UnreadableRendering(
            say("rendering {digest}: {name}", digest=digest, name=type(error).__name__)
        ) from error
    raise UnreadableRendering(say("rendering {digest}: it has been changed", digest=digest))
