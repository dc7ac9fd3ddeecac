"""Moves an office with its history from one store to another, so that nothing is sent twice.

The source is sealed before the first row is read, so that it cannot change meanwhile.  A failure
before the target is written lifts the seal again.  After a crash in between, the same command
continues.
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
    """The rows and files that were moved."""

    rows: Mapping[str, int]
    """Table -> number of rows."""
    files: int
    """Number of attached files that were found."""
    missing: tuple[Digest, ...]
    """Attached files that were found nowhere."""


def copy(source: Store, target: Store, by: Actor | str, *, media: Path) -> Copied:
    """Move everything from ``source`` to ``target``.

    :param media: this machine's folder of attached files.
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
    missing = tuple(sorted(digest for digest in named if not is_kept(media, digest)))
    return Copied(rows=rows, files=len(named) - len(missing), missing=missing)


@contextmanager
def _sealed(source: Store, target: Store, by: Actor | str, why: str) -> Iterator[None]:
    """Seal ``source`` for this block and for good after it; a failure lifts the seal."""
    owner = f"copy {socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    try:
        # No other daemon runs: messages that a dead one left on the wire become unknown here.
        source.open(owner, exclusive=True)
        source.seal(by, why)
    except Refused as refusal:
        if str(refusal) != why:  # the same reason means: an interrupted copy has sealed it
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
    """Whether the rows of ``source`` may have been written to ``target``."""
    try:
        (_, rows), *_ = islice(target.export(), 1)
    except (StoreBusy, InputError):
        return True
    return any(row["value"] == source.identity.store for row in rows)
