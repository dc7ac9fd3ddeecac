"""What a proof changes beside its delivery: receipts and handles, collected and written at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from broadcaster.model import FileKey, Handle, Message, Micros, Receipt, Verb
from broadcaster.store import codec
from broadcaster.store.exchange import Decision
from broadcaster.store.queue.database import Database, pack
from broadcaster.store.queue.deliveries import Stored

_VERBS = {
    Verb.SEND: "receipt",
    Verb.EDIT: "edited",
    Verb.RECALL: "removed",
    Verb.PIN: "pinned",
    Verb.UNPIN: "unpinned",
}


@dataclass(slots=True)
class Effects:
    """Rows to write, by the name of their query."""

    unpinned: list[tuple[Stored, Decision]] = field(default_factory=list)
    """Deliveries that are out, and whose pin was refused."""
    replaced: list[Stored] = field(default_factory=list)
    """Deliveries whose pin takes the place of all that we pinned in the channel before."""

    rows: dict[str, list[list[object]]] = field(default_factory=dict)

    def add(self, query: str, *values: object) -> None:
        self.rows.setdefault(query, []).append(list(values))

    def receipt(self, row: Stored, message: Message, receipt: Receipt) -> None:
        """``message`` of ``row`` has arrived."""
        query = _VERBS[message.verb]
        if message.verb is Verb.SEND:
            self.add(
                query,
                row.post,
                row.lane,
                message.index,
                codec.dumps(list(receipt.ids)),
                codec.micros(receipt.at),
                receipt.note,
                row.id,
                row.rendering,
                row.step,
                row.chat,
            )
        else:
            self.add(query, row.post, row.lane, message.acts_on, row.rendering, row.step)
        if message.replaces:
            self.replaced.append(row)
        self.handles(row.account, receipt.handles)
        for media in message.media:
            if message.verb is Verb.SEND and media.key not in receipt.handles:
                self.add("no_handles", row.account, media.key)

    def handles(self, account: str, handles: Mapping[FileKey, Handle]) -> None:
        for file, handle in handles.items():
            self.add("handles", account, file, handle.value, codec.micros(handle.expires))

    def attempt(
        self, row: Stored, step: int, attempt: int, outcome: str, code: str, detail: str
    ) -> None:
        self.add("attempt", row.id, step, attempt, outcome, code, detail)

    def write(self, cx: Database, now: Micros) -> None:
        for query, rows in self.rows.items():
            cx.run(f"deliveries.{query}", rows=pack(rows), now=now)
        self.rows.clear()
