"""The mark beside a store: how far it has come, noted outside of it.

A copy that is put back by hand knows nothing of what was sent since it was made, and would send it
again.  It is younger than its mark, or another file, and so is found out before anything leaves.
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
"""Written in place, always as long, so that no crash leaves a shorter one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreIdentity:
    """What tells one store, and one moment of it, from others."""

    store: str
    epoch: int
    age: int
    """Grows with each person's write, each start and each beat of a daemon."""
    inode: int = 0
    """Of the file; a copy has another.  0: the store is no file."""


class HighWaterMark:
    """One small file, beside the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> StoreIdentity | None:
        """None: there is none, or none that can be read."""
        try:
            descriptor = nofollow.file(self.path)
            try:
                said = StoreIdentity(**json.loads(os.read(descriptor, _SIZE)))
            finally:
                os.close(descriptor)
        except (OSError, ValueError, TypeError):
            return None
        numbers = (said.epoch, said.age, said.inode)
        return said if all(isinstance(each, int) for each in numbers) else None

    def write(self, identity: StoreIdentity) -> None:
        """Without the right to, nothing happens: the daemon writes it as well."""
        text = json.dumps(asdict(identity)).ljust(_SIZE - 1) + "\n"
        with suppress(OSError):
            descriptor = open_shared(self.path, os.O_WRONLY)
            try:
                os.pwrite(descriptor, text.encode(), 0)
            finally:
                os.close(descriptor)


def objection(noted: StoreIdentity | None, found: StoreIdentity) -> str:
    """Why the store that was ``found`` is not the one that was ``noted``; empty: it is."""
    if noted is None:
        return ""
    if noted.store != found.store:
        return say("it is another store than the one that was at work here")
    if (found.epoch, found.age) < (noted.epoch, noted.age):
        return say("it is an older copy of the one that was at work here")
    if found.inode != noted.inode:
        return say("it is a copy of the one that was at work here")
    return ""
