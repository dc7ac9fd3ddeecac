"""Attached files in the database, so that every daemon has what anybody posted.

Daemons on several machines share the database and nothing else: no folder that must be mounted
everywhere, and may be away, or slow, or behind.  Each machine keeps a copy of what it needs in its
own ``media`` folder.  A file is stored before the post that names it, under its digest, once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import InputError
from broadcaster.model import Digest
from broadcaster.store import media
from broadcaster.store.port import StoreBusy
from broadcaster.store.sharing import make_folder

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

CHUNK = 1 << 20
"""Bytes per row: what one statement sends, and what a reader holds in memory."""


class Files:
    """``folder``: the media of this machine."""

    def __init__(self, cx: Connection, folder: Path) -> None:
        self._cx = cx
        self._folder = folder

    def keep(self, digests: Iterable[Digest]) -> None:
        """Store files of this machine; what is stored already only becomes young again.

        :raises InputError: a file cannot be read.
        """
        for digest in dict.fromkeys(digests):
            path = media.blob(self._folder, digest)
            with self._cx.aside():
                if not self._cx.run("files.touch", digest=digest) and path.is_file():
                    self._put(digest, path)

    def _put(self, digest: Digest, path: Path) -> None:
        try:
            with path.open("rb") as source:
                position = 0
                while chunk := source.read(CHUNK):
                    self._cx.run("files.put", digest=digest, position=position, bytes=chunk)
                    position += 1
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}; nothing was queued") from None

    def bring(self, digests: Iterable[Digest]) -> None:
        """Copy files to this machine, as far as they are stored and not here yet.

        :raises StoreBusy: the database or the folder cannot be used now.
        """
        for digest in digests:
            path = media.blob(self._folder, digest)
            if not path.is_file():
                try:
                    self._fetch(digest, path)
                except OSError as error:
                    raise StoreBusy(f"cannot write {path}: {error.strerror}") from None

    def _fetch(self, digest: Digest, path: Path) -> None:
        make_folder(path.parent)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".new-", delete=False) as copy:
            try:
                found, position = hashlib.sha256(), 0
                with self._cx.single():
                    while chunk := self._cx.scalar("files.get", digest=digest, position=position):
                        copy.write(chunk)
                        found.update(chunk)
                        position += 1
                if found.hexdigest() != digest:
                    Path(copy.name).unlink()
                    return
                copy.flush()
                os.fsync(copy.fileno())
                Path(copy.name).chmod(0o640)
                with media.hold(self._folder):
                    Path(copy.name).replace(path)
            except BaseException:
                Path(copy.name).unlink(missing_ok=True)
                raise
