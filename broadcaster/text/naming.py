"""The name of a rendering: a digest over its messages, by which it is known from then on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from broadcaster.model import Digest, Media, Message

_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_FIRST = frozenset(
    {"index", "verb", "acts_on", "text", "markup", "media", "silent", "pin", "preview"}
    | {"digest", "kind", "name", "mime", "size", "width", "height", "seconds"}
)
"""Fields that count whatever they hold.  One that is added later counts where it says something: a
post that an older version queued keeps its name."""


def name_of(messages: Sequence[Message]) -> Digest:
    """SHA-256 over all that the messages say."""
    content = [
        {**_fields(message), "media": [_fields(media) for media in message.media]}
        for message in messages
    ]
    return hashlib.sha256(_ENCODE(content).encode()).hexdigest()


def _fields(value: Message | Media) -> dict[str, object]:
    content = {name: getattr(value, name) for name in value.__slots__}
    return {name: field for name, field in content.items() if name in _FIRST or field}
