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
from contextlib import asynccontextmanager
from pathlib import Path

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
    """Gone from the disk with its descriptor, and that with the last reference."""

    def __init__(self, descriptor: int, size: int) -> None:
        self.path = Path(f"/proc/self/fd/{descriptor}")
        self.size = size
        self.users = 0
        self._descriptor = descriptor

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    __del__ = close


class CheckedFiles:
    """``folder``: the kept files.  For one event loop."""

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._copies: OrderedDict[Digest, asyncio.Task[_Copy]] = OrderedDict()

    @asynccontextmanager
    async def lend(self, files: Sequence[Media]) -> AsyncIterator[Mapping[Digest, Path]]:
        """Paths to open these files by, within this block.

        :raises Spoilt: one is gone, or is not what its digest says.
        :raises FilesAway: one cannot be had just now.
        """
        lent: dict[Digest, _Copy] = {}
        try:
            for file in files:
                if file.digest not in lent:
                    lent[file.digest] = await self._borrow(file)
            yield {digest: copy.path for digest, copy in lent.items()}
        finally:
            for copy in lent.values():
                copy.users -= 1
            self._tidy()

    async def _borrow(self, wanted: Media) -> _Copy:
        digest = wanted.digest
        task = self._copies.get(digest)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(self._copy, wanted))
            self._copies[digest] = task
        self._copies.move_to_end(digest)
        try:
            copy = await asyncio.shield(task)
        except asyncio.CancelledError:
            raise
        except BaseException:
            if self._copies.get(digest) is task:
                del self._copies[digest]
            raise
        copy.users += 1
        return copy

    def _copy(self, wanted: Media) -> _Copy:
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
                            f"the stored copy of {wanted.name} is not what was attached ({path});"
                            " put the right file there, then retry"
                        )
                except BaseException:
                    os.close(copy)
                    raise
        except FileNotFoundError:
            raise Spoilt(
                f"the stored copy of {wanted.name} is gone ({path}); put it back, then retry"
            ) from None
        except OSError as error:
            why = f"the stored copy of {wanted.name} cannot be used: {error.strerror} ({path})"
            if error.errno in _PASSING:
                raise FilesAway(why) from None
            raise Spoilt(f"{why}; put the right file there, then retry") from None
        return _Copy(copy, size)

    def _tidy(self) -> None:
        """Close the copies that nobody has, the longest unused first, down to what may stay."""
        copies = [
            (digest, task.result())
            for digest, task in self._copies.items()
            if task.done() and not task.cancelled() and not task.exception()
        ]
        size = sum(copy.size for _, copy in copies)
        for digest, copy in copies:
            if size <= self._kept:
                return
            if not copy.users:
                size -= copy.size
                copy.close()
                del self._copies[digest]

    def close(self) -> None:
        """Nobody sends any more."""
        self._kept = -1
        self._tidy()


def _unnamed(folder: int) -> int:
    """A new file in the open ``folder`` that only its descriptor leads to."""
    with tempfile.TemporaryFile(dir=f"/proc/self/fd/{folder}") as file:
        return os.dup(file.fileno())
