"""Every message that was accepted, per platform and channel, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from broadcaster.sandbox.channels import FakeChannel

Item = Mapping[str, Any]
"""A file of a message: kind, name, mime, size, sha256, file_id, width, height, seconds; or url."""
Span = Mapping[str, Any]
"""A stretch of text as Bot APIs write it: type, offset and length in UTF-16 units, url …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a fake hands in to be posted."""

    text: str = ""
    """As readers see it: markup taken out."""
    entities: tuple[Span, ...] = ()
    raw: str = ""
    """As it came over the wire."""
    markup: Mapping[str, Any] = field(default_factory=dict)
    """``parse_mode``, ``entities`` or ``metadata``, as they came."""
    media: tuple[Item, ...] = ()
    reply_to: str | None = None
    silent: bool = False
    preview: bool = True
    pinned: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What only this platform has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Content):
    """One message of one channel, as it stands now; an album's items are entries of one group."""

    seq: int
    """Counts all messages of the sandbox."""
    revision: int
    """Counts all changes; that of the last change to this message."""
    platform: str
    channel: str
    """Address as sent, without ``@``."""
    chat: str
    """The platform's id of the channel."""
    username: str
    id: str
    group: str | None = None
    author: str = ""
    """Id of the account, where the wire tells it."""
    at: datetime
    edited_at: datetime | None = None
    deleted: bool = False

    @property
    def unix(self) -> int:
        return int(self.at.timestamp())

    def to_json(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in _NAMES}
        values["edited"] = self.edited_at is not None
        values["at"] = self.at.isoformat()
        values["edited_at"] = self.edited_at and self.edited_at.isoformat()
        return values

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Entry:
        """:raises KeyError, ValueError, TypeError: a line of something else."""
        values = {name: line[name] for name in _NAMES}
        values["entities"] = tuple(values["entities"])
        values["media"] = tuple(values["media"])
        values["at"] = datetime.fromisoformat(values["at"])
        values["edited_at"] = values["edited_at"] and datetime.fromisoformat(values["edited_at"])
        return cls(**values)


_NAMES = tuple(each.name for each in dataclasses.fields(Entry))
_DRAFT_NAMES = tuple(each.name for each in dataclasses.fields(Content))
Keeper = Callable[[str, tuple[Entry, ...]], None]
"""Told of each event (``posted``, ``edited``, ``deleted`` …) before anybody else."""


class Ledger:
    """The messages of all platforms."""

    def __init__(self, keep: Keeper = lambda _event, _entries: None) -> None:
        self._keep = keep
        self._entries: dict[int, Entry] = {}
        self._by_id: dict[tuple[str, str], dict[str, int]] = {}
        self._seq = 0
        self._watchers: set[Callable[[], None]] = set()
        self.revision = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def post(
        self,
        place: FakeChannel,
        channel: str,
        contents: Iterable[Content],
        *,
        name_id: Callable[[int], str] = str,
        group: str | None = None,
        author: str = "",
    ) -> tuple[Entry, ...]:
        """Accept messages of one call, all or none; ``name_id`` makes the id of the n-th."""
        ids = self._by_id.setdefault((place.platform, place.id), {})
        now = datetime.now(UTC)
        entries = tuple(
            Entry(
                **{name: getattr(content, name) for name in _DRAFT_NAMES},
                seq=self._seq + n,
                revision=self.revision + n,
                platform=place.platform,
                channel=channel,
                chat=place.id,
                username=place.username,
                id=name_id(len(ids) + n),
                group=group,
                author=author,
                at=now,
            )
            for n, content in enumerate(contents, start=1)
        )
        self._record("posted", entries)
        return entries

    def change(self, event: str, entry: Entry, **changes: Any) -> Entry:
        """Replace fields of a message; ``edited`` stamps the time."""
        if event == "edited":
            changes["edited_at"] = datetime.now(UTC)
        changed = dataclasses.replace(entry, revision=self.revision + 1, **changes)
        self._record(event, (changed,))
        return changed

    def find(self, place: FakeChannel, message: str) -> Entry | None:
        """The message of this id, deleted ones included."""
        seq = self._by_id.get((place.platform, place.id), {}).get(message)
        return None if seq is None else self._entries[seq]

    def of(self, place: FakeChannel) -> list[Entry]:
        """The messages of a channel, oldest first, deleted ones included."""
        ids = self._by_id.get((place.platform, place.id), {})
        return [self._entries[seq] for seq in ids.values()]

    def recent(self, place: FakeChannel, count: int) -> list[Entry]:
        """The newest messages of a channel, oldest first, deleted ones included."""
        ids = self._by_id.get((place.platform, place.id), {})
        return [self._entries[seq] for seq in islice(reversed(ids.values()), count)][::-1]

    def restore(self, entry: Entry) -> None:
        """Take up a message, or a later state of one, from a file."""
        self._seq = max(self._seq, entry.seq)
        self.revision = max(self.revision, entry.revision)
        self._entries[entry.seq] = entry
        self._by_id.setdefault((entry.platform, entry.chat), {})[entry.id] = entry.seq

    def move(self, old: FakeChannel, new: FakeChannel) -> None:
        """The channel ``old`` turns out to be ``new``, which has no message yet."""
        for entry in self.of(old):
            self.change("moved", entry, chat=new.id, username=new.username)
        self._by_id.pop((old.platform, old.id), None)

    def clear(self) -> None:
        """Forget all messages, and say so."""
        self._record("reset", ())
        self.forget()

    def forget(self) -> None:
        """Forget all messages; they may be counted anew."""
        self._entries.clear()
        self._by_id.clear()
        self._seq = 0

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have ``changed`` called after each change, until the returned function is called."""
        self._watchers.add(changed)
        return lambda: self._watchers.discard(changed)

    def _record(self, event: str, entries: tuple[Entry, ...]) -> None:
        self._keep(event, entries)  # first: what is answered must already be on disk
        self.revision += max(1, len(entries))
        for entry in entries:
            self.restore(entry)
        for changed in tuple(self._watchers):
            changed()
