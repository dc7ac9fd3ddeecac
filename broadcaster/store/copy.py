"""Move an office from one store to another: with all its history, and nothing is sent twice.

The source is sealed before the first row is read, so nothing happens in it that the target does
not know.  Whatever fails before the target is written lifts the seal again; after a crash in
between, the same command goes on.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from broadcaster.errors import InputError, Refused
from broadcaster.language import say
from broadcaster.model import Actor, Digest
from broadcaster.store.media import is_kept
from broadcaster.store.store import Store, StoreBusy


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What has moved."""

    rows: Mapping[str, int]
    """By table."""
    files: int
    """Attached files that were named and found."""
    missing: tuple[Digest, ...]
    """Attached files that were named, and are nowhere."""


def copy(source: Store, target: Store, by: Actor | str, *, media: Path) -> Copied:
    """Move everything from ``source`` to ``target``; ``media``: this machine's attached files.

    :raises Refused: a daemon works on the source, or it has moved already.
    :raises InputError: the target is not empty.
    """
    here, there = source.health().url, target.health().url
    if source.identity.store == target.identity.store:
        raise Refused(
            say("the office is in {there} already; write that into [store] url", there=there)
        )
    named = source.files()
    with _sealed(
        source,
        target,
        by,
        say("the office has moved to {there}; write that into [store] url", there=there),
    ):
        source.bring(sorted(named))
        target.keep(sorted(named))
        rows = target.load(by, here, source.export())
    target.bring(sorted(named))
    missing = tuple(sorted(each for each in named if not is_kept(media, each)))
    return Copied(rows=rows, files=len(named) - len(missing), missing=missing)


@contextmanager
def _sealed(source: Store, target: Store, by: Actor | str, why: str) -> Iterator[None]:
    """Sealed for this block, and for good after it; a failure lifts the seal."""
    owner = f"copy {socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    try:
        # Nobody else is at work: what a dead daemon left on the wire is in doubt from here on.
        source.open(owner, exclusive=True)
        source.seal(by, why)
    except Refused as refusal:
        if str(refusal) != why:  # else it was sealed by a copy that was broken off
            raise
    except InputError as error:
        raise Refused(str(error)) from None
    try:
        yield
    except BaseException:
        if not _may_have_arrived(source, target):
            source.seal(by, "")
            source.close(owner)
        raise


def _may_have_arrived(source: Store, target: Store) -> bool:
    """Whether the target may be the office by now."""
    try:
        (_, rows), *_ = islice(target.export(), 1)
    except (StoreBusy, InputError):
        return True
    return any(row["value"] == source.identity.store for row in rows)
