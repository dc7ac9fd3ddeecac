"""Provides attached files for sending, and ensures that their bytes match their digests.

Every author can write to a kept file, even while it is being sent.  So the file is first copied
into a file without a name, which nobody else can open, and hashed meanwhile; the copy is sent.
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
"""Most bytes of unused copies; they serve the next message with the same file."""
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
"""Errors of the machine and not of the file, after which another attempt may succeed."""


class Spoilt(Exception):
    """The kept file is not what was attached; the text is for people."""


class FilesAway(Exception):
    """The file cannot be had now; another attempt may succeed.  The text is for people."""


class _Copy:
    """A copy, finished or not; closing its descriptor frees the disk space."""

    def __init__(self, copying: asyncio.Task[tuple[int, int]]) -> None:
        self.copying = copying
        """Returns the descriptor, and the size in bytes."""
        self.users = 0

    @property
    def size(self) -> int | None:
        """The size in bytes; None: the copy is not finished, or failed."""
        task = self.copying
        return None if not task.done() or task.cancelled() or task.exception() else task.result()[1]


class CheckedFiles:
    """Lends checked copies of the kept files in ``folder``; for use in one event loop.

    :param kept: most bytes of copies that stay while nobody uses them.
    """

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._copies: OrderedDict[Digest, _Copy] = OrderedDict()
        """The most recently used copy is the last."""

    @asynccontextmanager
    async def lend(self, files: Sequence[Media]) -> AsyncIterator[Mapping[Digest, Path]]:
        """Paths of checked copies of ``files``, valid within the ``async with`` block.

        :raises Spoilt: a file is missing, or does not match its digest.
        :raises FilesAway: a file cannot be had now.
        """
        lent: dict[Digest, _Copy] = {}
        paths: dict[Digest, Path] = {}
        try:
            for file in files:
                if file.digest not in lent:
                    copy = lent[file.digest] = self._borrow(file)
                    descriptor, _ = await asyncio.shield(copy.copying)
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
            copying = asyncio.create_task(asyncio.to_thread(self._copy, wanted))
            copy = self._copies[digest] = _Copy(copying)
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
                    digest, size = nofollow.copy(source, copy, most=wanted.size)
                    if digest != wanted.digest:
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
        """Close unused copies, the least recently used first, until the rest is small enough."""
        size = sum(copy.size or 0 for copy in self._copies.values())
        for digest, copy in list(self._copies.items()):
            if copy.users or not copy.copying.done():
                continue
            if copy.size is None:  # it failed, and lend() has raised the reason
                del self._copies[digest]
            elif size > self._kept:
                size -= copy.size
                with suppress(OSError):  # an error here must not put a posted message in doubt
                    os.close(copy.copying.result()[0])
                del self._copies[digest]

    def close(self) -> None:
        """Close all copies; called once nothing is sent any more."""
        self._kept = -1
        self._tidy()


def _unnamed(folder: int) -> int:
    """The descriptor of a new file without a name, on the disk of the open ``folder``."""
    with tempfile.TemporaryFile(dir=f"/proc/self/fd/{folder}") as file:
        return os.dup(file.fileno())
