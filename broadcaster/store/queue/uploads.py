"""Decides about uploads: the files a message lacks, which lane uploads first, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from broadcaster.model import FileKey, Handle, Message, Micros, brings_files
from broadcaster.store import codec
from broadcaster.store.exchange import Capacity, Purpose, UploadDone
from broadcaster.store.queue import lanes
from broadcaster.store.queue.deliveries import Effects
from broadcaster.store.queue.renderings import DAMAGE
from broadcaster.store.queue.work import Work, pack

if TYPE_CHECKING:
    from broadcaster.store.queue.claims import Claiming

NO_HANDLES: Mapping[FileKey, Handle] = MappingProxyType({})


class AccountUploads:
    """The handles and current uploads of one account, in one tick.

    If the adapter has a separate upload (``Capacity.uploads``), a file is uploaded before its
    message is marked.  Otherwise the first message with the file gives the handle, and is sent
    alone.
    """

    def __init__(self, work: Work, capacity: Capacity) -> None:
        self.work = work
        self.capacity = capacity
        self.permits = capacity.uploads or 0
        self._handles: dict[FileKey, Handle | None] = {}
        self._busy: dict[FileKey, Micros] = {}
        self._asked: set[FileKey] = set()
        self._begun: list[dict[str, object]] = []

    def look(self, messages: Iterable[Message]) -> None:
        """Read the handles and uploads of the files of these messages."""
        wanted = {media.key for message in messages for media in message.media} - self._asked
        if not wanted:
            return
        self._asked |= wanted
        files = pack(sorted(wanted))
        account = self.capacity.account
        for row in self.work.cx.all(
            "claims.live_handles", account=account, files=files, now=self.work.now
        ):
            with suppress(OverflowError):  # impossible time of expiry: upload the file again
                self._handles[row["file"]] = (
                    None
                    if row["value"] is None
                    else Handle(value=row["value"], expires=codec.moment(row["expires"]))
                )
        for row in self.work.cx.all("claims.uploading", account=account, files=files):
            self._busy[row["file"]] = row["leased_until"]

    def missing(self, message: Message) -> Sequence[FileKey]:
        """Files that must be uploaded first; none if the platform has no handles."""
        if not message.media or not brings_files(message):
            return ()
        own = self.capacity.uploads is not None
        return [
            file
            for file in dict.fromkeys(media.key for media in message.media)
            if (self._handles.get(file) is None if own else file not in self._handles)
        ]

    def busy(self, files: Iterable[FileKey]) -> tuple[FileKey, Micros] | None:
        """The first of ``files`` that another lane is uploading, and the end of that lease."""
        for file in files:
            if file in self._busy:
                return file, self._busy[file]
        return None

    def begin(self, files: Iterable[FileKey], lane: int, until: Micros) -> None:
        self.permits -= self.capacity.uploads is not None
        for file in files:
            self._busy[file] = until
            self._begun.append({"account": self.capacity.account, "file": file, "lane": lane})

    def of(self, message: Message) -> Mapping[FileKey, Handle]:
        if not message.media:
            return NO_HANDLES
        handles = {media.key: self._handles.get(media.key) for media in message.media}
        return {file: handle for file, handle in handles.items() if handle is not None}

    def write(self) -> None:
        if self._begun:
            self.work.cx.run("claims.put_uploads", rows=pack(self._begun))
            self._begun.clear()


def begin(tick: Claiming, uploads_done: Sequence[UploadDone]) -> None:
    """Record handles, and claim their messages; free the lanes of those that may not begin."""
    if not uploads_done:
        return
    work = tick.work
    cx = work.cx
    ids = pack([item.delivery for item in uploads_done])
    accounts = {row["id"]: row["account"] for row in cx.all("claims.accounts_of", ids=ids)}
    effects = Effects()
    for item in uploads_done:
        if item.delivery in accounts:
            effects.handles(accounts[item.delivery], item.handles)
    effects.write(work)
    keys = pack(
        [
            {"delivery": item.delivery, "step": item.position, "fence": item.fence}
            for item in uploads_done
        ]
    )
    wanted = tick.heads("claims.begun", uploads_done=keys, owner=work.by.name)
    heads = [head for head in wanted if not tick.cools_down(head.account)]
    messages: dict[int, Message] = {}
    for head in heads:
        with suppress(*DAMAGE):  # damaged meanwhile: the next claim sets it aside
            messages[head.id] = work.renderings.get(head.rendering)[head.step]
    heads = [head for head in heads if head.id in messages]
    begun = {head.lane_id for head in heads}
    mark = [
        {"delivery": head.id, "step": head.step, "fence": head.lane_fence + 1} for head in heads
    ]
    cx.run("deliveries.mark", rows=pack(mark), now=work.now)
    handles = {item.delivery: item.handles for item in uploads_done}
    rates = {item.delivery: item.rate for item in uploads_done}
    for head in heads:
        message = messages[head.id]
        media = AccountUploads(work, Capacity(account=head.account, count=0, uploads=0))
        media.look([message])
        ready = {**media.of(message), **handles[head.id]}
        tick.add(Purpose.SEND, head, message, ready, until=head.wake_at)
        tick.spend(head.account, 1, rates[head.id])
    lanes.end_uploads(work, begun)
    held = {row["id"] for row in cx.all("claims.dropped", uploads_done=keys, owner=work.by.name)}
    lanes.free(work, held - begun)
