"""A file that arrives in parts, kept under its digest once it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broadcaster.errors import InputError
from broadcaster.files import Bound
from broadcaster.model import Media
from broadcaster.store import nofollow
from broadcaster.store.kinds import HEAD
from broadcaster.store.media import Part, described, hold, part
from broadcaster.store.sharing import make_folder


class Incoming:
    """What has arrived of one file so far."""

    def __init__(self, folder: Path, copy: Part, name: Path, bound: Bound) -> None:
        self._folder, self._copy, self._name, self._bound = folder, copy, name, bound
        self._hash, self.size = hashlib.sha256(), 0

    def write(self, content: bytes) -> None:
        """:raises InputError: it is too large, or the disk is full."""
        self.size += len(content)
        self._bound.check(self._name, self.size)
        self._hash.update(content)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(self._copy.descriptor, left) :]
        except OSError as error:
            raise _unkept(error) from None

    def keep(self) -> Media:
        """Keep it, durably, and say what it is.  :raises InputError: it is empty or unreadable."""
        digest = self._hash.hexdigest()
        head = os.pread(self._copy.descriptor, HEAD, 0)
        try:
            with self._copy.content.open("rb") as content:
                media = described(self._name, content, head, digest, self.size)
            with hold(self._folder):
                self._copy.keep(digest)
        except OSError as error:
            raise _unkept(error) from None
        return media


@contextmanager
def incoming(folder: Path, name: str, bound: Bound) -> Iterator[Incoming]:
    """A new file in ``folder``; gone after the block if it was not kept.

    :raises InputError: the folder cannot be written.
    """
    try:
        make_folder(folder)
        with nofollow.folder(folder) as above, part(above) as copy:
            yield Incoming(folder, copy, Path(name), bound)
    except OSError as error:
        raise _unkept(error) from None


def _unkept(error: OSError) -> InputError:
    why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
    return InputError(f"the file cannot be kept: {why}; tell the administrator")
