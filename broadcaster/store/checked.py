"""Attached files as they are sent: what a platform receives is what its digest says.

Whoever posts may write to the kept file until its last byte has left.  So it is copied into a file
without a name, which nobody else can open, and hashed meanwhile; the copy is what is sent.
"""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from broadcaster.language import say
from broadcaster.model import Digest, Media
from broadcaster.store import media, nofollow

KEPT = 64 << 20
"""Bytes of copies that stay for the next message with the same file, in another channel."""
_PASSING = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EROFS,
    }
)
"""What is wrong with the machine and not with the file."""


class Spoilt(Exception):
    """The kept file is not what was attached; the text is for people."""


class FilesAway(Exception):
    """The file cannot be had just now; the text is for people."""


class _Copy:
    """In the making, or made; it is gone from the disk with its descriptor."""

    def __init__(self, made: asyncio.Task[tuple[int, int]]) -> None:
        self.made = made
        """Its descriptor, and its size in bytes."""
        self.users = 0

    @property
    def size(self) -> int | None:
        """None: it is not made."""
        made = self.made
        return None if not made.done() or made.cancelled() or made.exception() else made.result()[1]


class CheckedFiles:
    """``folder``: the kept files.  For one event loop."""

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._copies: OrderedDict[Digest, _Copy] = OrderedDict()
        """The one that was used last is the last."""

    @asynccontextmanager
    async def lend(self, files: Sequence[Media]) -> AsyncIterator[Mapping[Digest, Path]]:
        """Paths to open these files by, within this block.

        :raises Spoilt: one is gone, or is not what its digest says.
        :raises FilesAway: one cannot be had just now.
        """
        lent: dict[Digest, _Copy] = {}
        paths: dict[Digest, Path] = {}
        try:
            for file in files:
                if file.digest not in lent:
                    copy = lent[file.digest] = self._borrow(file)
                    descriptor, _ = await asyncio.shield(copy.made)
                    paths[file.digest] = Path(f"/proc/self/fd/{descriptor}")
            yield paths
        finally:
            for copy in lent.values():
                copy.users -= 1
            self._tidy()

    def _borrow(self, wanted: Media) -> _Copy:
        digest = wanted.digest
        copy = self._copies.get(digest)
        if copy is None:
            made = asyncio.create_task(asyncio.to_thread(self._copy, wanted))
            copy = self._copies[digest] = _Copy(made)
        self._copies.move_to_end(digest)
        copy.users += 1
        return copy

    def _copy(self, wanted: Media) -> tuple[int, int]:
        path = self._folder / wanted.digest[:2] / wanted.digest[:64]
        try:
            with (
                media.opened(self._folder, wanted.digest) as source,
                nofollow.folder(self._folder) as above,
            ):
                copy = _unnamed(above)
                try:
                    found, size = nofollow.copy(source, copy, most=wanted.size)
                    if found != wanted.digest:
                        raise Spoilt(
                            say(
                                "the stored copy of {wanted} is not what was attached "
                                "({path}); put the right file there, then retry",
                                wanted=wanted.name,
                                path=path,
                            )
                        )
                except BaseException:
                    os.close(copy)
                    raise
        except FileNotFoundError:
            raise Spoilt(
                say(
                    "the stored copy of {wanted} is gone ({path}); put it back, then retry",
                    wanted=wanted.name,
                    path=path,
                )
            ) from None
        except OSError as error:
            why = say(
                "the stored copy of {wanted} cannot be used: {reason} ({path})",
                wanted=wanted.name,
                reason=say(str(error.strerror)),
                path=path,
            )
            if error.errno in _PASSING:
                raise FilesAway(why) from None
            raise Spoilt(say("{why}; put the right file there, then retry", why=why)) from None
        return copy, size

    def _tidy(self) -> None:
        """Close the copies that nobody has, the longest unused first, down to what may stay."""
        size = sum(copy.size or 0 for copy in self._copies.values())
        for digest, copy in list(self._copies.items()):
            if copy.users or not copy.made.done():
                continue
            if copy.size is None:  # who wanted it knows why
                del self._copies[digest]
            elif size > self._kept:
                size -= copy.size
                with suppress(OSError):  # what was posted with it must not be in doubt for this
                    os.close(copy.made.result()[0])
                del self._copies[digest]

    def close(self) -> None:
        """Nobody sends any more."""
        self._kept = -1
        self._tidy()


def _unnamed(folder: int) -> int:
    """A new file in the open ``folder`` that only its descriptor leads to."""
    with tempfile.TemporaryFile(dir=f"/proc/self/fd/{folder}") as file:
        return os.dup(file.fileno())
