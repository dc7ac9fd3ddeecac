"""The high-water mark: a note outside the store of how far the store has come.

An old copy of a store does not know what was sent after it was made, and would send that again.
Such a copy is behind its mark, or it is another file; so it is refused before anything is sent.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from broadcaster.language import say
from broadcaster.store import nofollow
from broadcaster.store.sharing import open_shared

_SIZE = 256
"""Bytes of the file.  It is overwritten in place with the same length, so that a crash cannot leave
it truncated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreIdentity:
    """Identifies a store and a moment in its life."""

    store: str
    epoch: int
    age: int
    """Grows with each change by a person, and each start and heartbeat of a daemon."""
    inode: int = 0
    """Inode of the file, by which a copy is recognised; 0: the store is not a file."""


class HighWaterMark:
    """One small file, beside the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> StoreIdentity | None:
        """The noted identity; None: the file is missing or unreadable."""
        try:
            descriptor = nofollow.file(self.path)
            try:
                identity = StoreIdentity(**json.loads(os.read(descriptor, _SIZE)))
            finally:
                os.close(descriptor)
        except (OSError, ValueError, TypeError):
            return None
        numbers = (identity.epoch, identity.age, identity.inode)
        return identity if all(isinstance(number, int) for number in numbers) else None

    def write(self, identity: StoreIdentity) -> None:
        """Note ``identity``; does nothing without the permission, as the daemon writes it, too."""
        text = json.dumps(asdict(identity)).ljust(_SIZE - 1) + "\n"
        with suppress(OSError):
            descriptor = open_shared(self.path, os.O_WRONLY)
            try:
                os.pwrite(descriptor, text.encode(), 0)
            finally:
                os.close(descriptor)


def objection(noted: StoreIdentity | None, found: StoreIdentity) -> str:
    """Why the store with identity ``found`` is not the ``noted`` one; empty: it is."""
    if noted is None:
        return ""
    if noted.store != found.store:
        return say("it is another store than the one that was at work here")
    if (found.epoch, found.age) < (noted.epoch, noted.age):
        return say("it is an older copy of the one that was at work here")
    if found.inode != noted.inode:
        return say("it is a copy of the one that was at work here")
    return ""
