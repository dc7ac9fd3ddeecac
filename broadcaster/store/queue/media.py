"""Uploaded files: which a message still lacks, and who uploads them first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from broadcaster.model import FileKey, Handle, Message, Micros, Verb
from broadcaster.store import codec
from broadcaster.store.queue.database import Database, pack

if TYPE_CHECKING:
    from broadcaster.store.exchange import Want

NO_HANDLES: Mapping[FileKey, Handle] = MappingProxyType({})


class Media:
    """The handles of one account, and its uploads under way, as one tick sees them.

    With an upload of its own (``Want.uploads``) a file is uploaded before its message is marked;
    without, the first send of a file gives the handle, and runs alone.
    """

    def __init__(self, cx: Database, want: Want, now: Micros) -> None:
        self.cx = cx
        self.want = want
        self.now = now
        self.permits = want.uploads or 0
        self._handles: dict[FileKey, Handle | None] = {}
        self._busy: dict[FileKey, Micros] = {}
        self._asked: set[FileKey] = set()
        self._begun: list[tuple[str, FileKey, int]] = []

    def look(self, messages: Iterable[Message]) -> None:
        """Read what is known of the files of these messages."""
        wanted = {media.key for message in messages for media in message.media} - self._asked
        if not wanted:
            return
        self._asked |= wanted
        files = pack(sorted(wanted))
        account = self.want.account
        for row in self.cx.all("claims.live_handles", account=account, files=files, now=self.now):
            with suppress(OverflowError):  # a time that cannot be: the file is uploaded anew
                self._handles[row["file"]] = (
                    None
                    if row["value"] is None
                    else Handle(value=row["value"], expires=codec.moment(row["expires"]))
                )
        for row in self.cx.all("claims.uploading", account=account, files=files):
            self._busy[row["file"]] = row["leased_until"]

    def missing(self, message: Message) -> Sequence[FileKey]:
        """Files to be uploaded first; a platform that gives no handles lacks none."""
        if not message.media or message.verb is not Verb.SEND:
            return ()
        own = self.want.uploads is not None
        return [
            file
            for file in dict.fromkeys(media.key for media in message.media)
            if (self._handles.get(file) is None if own else file not in self._handles)
        ]

    def busy(self, files: Iterable[FileKey]) -> tuple[FileKey, Micros] | None:
        """The first of these that another lane uploads, and until when at most."""
        for file in files:
            if file in self._busy:
                return file, self._busy[file]
        return None

    def begin(self, files: Iterable[FileKey], lane: int, until: Micros) -> None:
        self.permits -= self.want.uploads is not None
        for file in files:
            self._busy[file] = until
            self._begun.append((self.want.account, file, lane))

    def of(self, message: Message) -> Mapping[FileKey, Handle]:
        if not message.media:
            return NO_HANDLES
        found = {media.key: self._handles.get(media.key) for media in message.media}
        return {file: handle for file, handle in found.items() if handle is not None}

    def write(self) -> None:
        if self._begun:
            self.cx.run("claims.put_uploads", rows=pack(self._begun))
            self._begun.clear()
