"""Keeps attached files in the database, so that every daemon can fetch them.

Daemons on several machines share only the database, and no folder that would have to be mounted
everywhere.  Each machine keeps copies of the files that it needs in its own ``media`` folder.  A
file is stored once, under its digest, before the post that names it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Digest
from broadcaster.store import media, nofollow
from broadcaster.store.sharing import make_folder
from broadcaster.store.store import StoreBusy

if TYPE_CHECKING:
    from broadcaster.store.postgresql.connection import Connection

CHUNK = 1 << 20
"""Bytes per row, which are also the bytes of one statement and in memory."""


class KeptFiles:
    """``folder``: the media of this machine."""

    def __init__(self, cx: Connection, folder: Path) -> None:
        self._cx = cx
        self._folder = folder

    def keep(self, digests: Iterable[Digest]) -> None:
        """Store files of this machine; what is stored already only becomes young again.

        :raises InputError: a file cannot be read.
        """
        for digest in dict.fromkeys(digests):
            with self._cx.aside():
                if not self._cx.run("files.touch", digest=digest):
                    self._put(digest)

    def _put(self, digest: Digest) -> None:
        try:
            with media.opened(self._folder, digest) as source:
                found, _ = nofollow.copy(source, None)  # a wrong one may be larger than the disk
                if found == digest:
                    os.lseek(source, 0, os.SEEK_SET)
                    found = self._send(source, digest)
        except FileNotFoundError:
            return  # it is missing wherever it is asked for
        except OSError as error:
            path = self._folder / digest[:2] / digest
            raise InputError(
                say(
                    "cannot read {path}: {reason}; nothing was queued",
                    path=path,
                    reason=say(str(error.strerror)),
                )
            ) from None
        if found != digest:
            path = media.blob(self._folder, digest)
            raise InputError(
                say(
                    "{path} is not what its name says: something else than this program "
                    "has changed it; attach the right file anew. Nothing was queued",
                    path=path,
                )
            )

    def _send(self, source: int, digest: Digest) -> Digest:
        """Returns the digest of what was sent."""
        sent, position = hashlib.sha256(), 0
        while chunk := os.read(source, CHUNK):
            self._cx.run("files.put", digest=digest, position=position, bytes=chunk)
            sent.update(chunk)
            position += 1
        return sent.hexdigest()

    def bring(self, digests: Iterable[Digest]) -> None:
        """Copy files to this machine, as far as they are stored and not here yet.

        :raises StoreBusy: the database or the folder cannot be used now.
        """
        for digest in digests:
            if nofollow.is_digest(digest) and not media.is_kept(self._folder, digest):
                try:
                    self._fetch(digest)
                except OSError as error:
                    path = media.blob(self._folder, digest)
                    raise StoreBusy(
                        say(
                            "cannot write {path}: {reason}",
                            path=path,
                            reason=say(str(error.strerror)),
                        )
                    ) from None

    def _fetch(self, digest: Digest) -> None:
        make_folder(self._folder)
        with nofollow.folder(self._folder) as above, media.part(above) as copy:
            found, position = hashlib.sha256(), 0
            with self._cx.single():
                while chunk := self._cx.scalar("files.get", digest=digest, position=position):
                    nofollow.write(copy.descriptor, chunk)
                    found.update(chunk)
                    position += 1
            if found.hexdigest() == digest:
                with media.hold(self._folder):
                    copy.keep(digest)
