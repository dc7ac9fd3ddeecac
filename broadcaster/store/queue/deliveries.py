"""Rows of deliveries: read in a batch, changed as values, saved in a batch with their effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from broadcaster.errors import NotFound
from broadcaster.language import say
from broadcaster.model import FileKey, Handle, Kind, Message, Micros, Receipt, State, Verb
from broadcaster.store import codec
from broadcaster.store.exchange import Verdict
from broadcaster.store.queue.work import LAST, Row, Work, pack

if TYPE_CHECKING:
    from broadcaster.store.submit import Target


class DeliveryRow(NamedTuple):
    """A row of the view ``delivery_rows``; the migration explains the columns.

    It is a tuple, because a tick makes and replaces hundreds of them, and a tuple is five times
    faster than a frozen dataclass.
    """

    id: int
    post: int
    lane: int
    kind: Kind
    revision: int
    rendering: str
    lost: str
    counts: int
    state: State
    step: int
    steps: int
    order_at: Micros
    next_at: Micros
    deadline: Micros | None
    attempts: int
    failures: int
    tries: int
    first_try: Micros | None
    fence: int
    sent_at: Micros | None
    done_at: Micros | None
    open: int | None
    reason: str
    code: str
    held_by: str | None
    superseded_by: int | None
    verify_until: Micros | None
    channel: str
    account: str
    lane_owner: str | None
    lane_fence: int
    lane_delivery: int | None
    parked: str | None
    successor: Kind | None
    """The kind of the successor."""
    deaths: int
    looked: int
    chat: str | None
    lane_chat: str | None

    @property
    def unwanted(self) -> bool:
        """Whether it is unknown and its message, if posted, must be recalled."""
        return self.state is State.UNKNOWN and self.successor is Kind.RECALL

    def waits(self, at: Micros, reason: str = "") -> DeliveryRow:
        return self._replace(
            state=State.WAITING, open=1, next_at=at, held_by=None, reason=reason, done_at=None
        )

    def settles(self, state: State, now: Micros, reason: str, code: str = "") -> DeliveryRow:
        return self._replace(state=state, open=None, done_at=now, reason=reason, code=code)

    def held(self, cause: str, now: Micros, reason: str) -> DeliveryRow:
        return self.settles(State.HELD, now, reason)._replace(held_by=cause)

    def after_receipt(self, now: Micros) -> DeliveryRow:
        """The row after a receipt of its current message: at the next message, or delivered."""
        last = self.step + 1 == self.steps
        done = self._replace(
            step=self.step + 1,
            attempts=self.attempts + 1,
            failures=0,
            first_try=None,
            code="",
            verify_until=None,
            deaths=0,
            looked=0,
            state=State.DELIVERED if last else self.state,
            open=None if last else self.open,
            done_at=now if last else self.done_at,
            reason="" if last else self.reason,
        )
        if not last:
            return done.waits(now)
        if self.unwanted:
            return done.settles(State.CANCELLED, now, say("it was out, and is being recalled"))
        return done


def post_row(work: Work, post: int) -> Row:
    """:raises InputError: no such post."""
    row = work.cx.one("read.post", post=post) if post <= LAST else None
    if row is None:
        raise NotFound(say("there is no post {post}; `list` shows those there are", post=post))
    return row


def load(work: Work, ids: Iterable[int]) -> dict[int, DeliveryRow]:
    rows = map(_made, work.cx.table("deliveries.load", DeliveryRow._fields, ids=pack(list(ids))))
    return {row.id: row for row in rows}


def archived_row(row: Row) -> DeliveryRow:
    """What is kept of a delivery that was settled long ago; nothing can be done with it."""
    unset: dict[str, Any] = dict.fromkeys(DeliveryRow._fields)
    zero = dict.fromkeys(("failures", "tries", "fence", "lane_fence", "deaths", "looked"), 0)
    known = {**unset, **zero, **dict(row), "next_at": row["order_at"]}
    return _made([known[name] for name in DeliveryRow._fields])


def delivery_row(row: Row) -> DeliveryRow:
    """A row of the view ``delivery_rows``."""
    return _made([row[name] for name in DeliveryRow._fields])


def _made(columns: Sequence[Any]) -> DeliveryRow:
    values = list(columns)
    values[_KIND], values[_STATE] = KINDS[values[_KIND]], _STATES[values[_STATE]]
    values[_SUCCESSOR] = KINDS.get(values[_SUCCESSOR])
    return DeliveryRow._make(values)


KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_KIND, _STATE, _SUCCESSOR = map(DeliveryRow._fields.index, ("kind", "state", "successor"))

_VIA: Mapping[tuple[State, State], Sequence[State]] = {
    (State.SENDING, State.HELD): (State.WAITING,),
    (State.SENDING, State.CANCELLED): (State.WAITING,),
    (State.HELD, State.MISSED): (State.WAITING,),
    (State.WAITING, State.DELIVERED): (State.SENDING,),
    (State.HELD, State.DELIVERED): (State.WAITING, State.SENDING),
    (State.FAILED, State.DELIVERED): (State.WAITING, State.SENDING),
    (State.MISSED, State.DELIVERED): (State.WAITING, State.SENDING),
}
"""Moves over more than one edge; the last four happen only by a late proof."""


MOVED = (
    *("step", "next_at", "attempts", "failures", "first_try", "open", "done_at", "reason", "code"),
    *("held_by", "superseded_by", "verify_until", "deaths", "looked", "chat"),
)
"""Columns that change when a delivery changes its state or position."""
REWRITTEN = ("id", "rendering", "steps", "lost", "deadline", "revision", "counts")


def save(work: Work, moves: Iterable[tuple[DeliveryRow, DeliveryRow]]) -> None:
    """Write each (row as read, row now); the database refuses a move that is no edge."""
    ends: list[DeliveryRow] = []
    paths: list[tuple[DeliveryRow, DeliveryRow, Sequence[State]]] = []
    for old, new in moves:
        if old.state is State.SENDING and new.state is State.DELIVERED:
            ends.append(new)
        else:
            paths.append((old, new, _VIA.get((old.state, new.state), ())))
    if ends:
        ids = pack([new.id for new in ends])
        _all_written(work.cx.run("deliveries.deliver", ids=ids, now=ends[0].done_at), len(ends))
    for stage in range(1 + max((len(via) for _, _, via in paths), default=-1)):
        rows = []
        for old, new, via in paths:
            states = (old.state, *via, new.state)
            if stage + 1 < len(states):
                rows.append(_moved(old, new, stage, states[stage], states[stage + 1]))
        _all_written(work.cx.run("deliveries.save", rows=pack(rows)), len(rows))


def _all_written(changed: int, wanted: int) -> None:
    if changed != wanted:
        raise RuntimeError(f"{wanted - changed} deliveries changed under their transaction")


def _moved(
    old: DeliveryRow, new: DeliveryRow, stage: int, before: State, after: State
) -> dict[str, object]:
    return {
        **{name: getattr(new, name) for name in MOVED},
        "id": old.id,
        "before": before,
        "before_step": new.step if stage else old.step,
        "state": after,
    }


def rewrite(work: Work, rows: Iterable[DeliveryRow]) -> None:
    """Write the rendering and the deadline of ``rows``."""
    values = [{name: getattr(row, name) for name in REWRITTEN} for row in rows]
    if values:
        work.cx.run("deliveries.rewrite", rows=pack(values))


def retarget(row: DeliveryRow, target: Target) -> DeliveryRow:
    """``row`` with the rendering and deadline of ``target``."""
    return row._replace(
        rendering=target.rendering.digest,
        steps=len(target.rendering.messages),
        lost=pack(target.rendering.lost),
        deadline=target.deadline,
    )


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

    unpinned: list[tuple[DeliveryRow, Verdict]] = field(default_factory=list)
    """Delivered deliveries whose pin was refused."""
    replaced: list[DeliveryRow] = field(default_factory=list)
    """Deliveries whose pin replaces all earlier pins of ours in the channel."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, query: str, **values: object) -> None:
        self.rows.setdefault(query, []).append(values)

    def receipt(self, row: DeliveryRow, message: Message, receipt: Receipt) -> None:
        """Record the receipt of ``message``, the current one of ``row``."""
        query = _VERBS[message.verb]
        if message.verb is Verb.SEND:
            self.add(
                query,
                post=row.post,
                lane=row.lane,
                slot=message.index,
                ids=codec.dumps(list(receipt.ids)),
                at=codec.micros(receipt.at),
                note=receipt.note,
                delivery=row.id,
                rendering=row.rendering,
                step=row.step,
                chat=row.chat,
            )
        else:
            self.add(
                query,
                post=row.post,
                lane=row.lane,
                slot=message.acts_on,
                rendering=row.rendering,
                step=row.step,
            )
        if message.unpins_others:
            self.replaced.append(row)
        self.handles(row.account, receipt.handles)
        for media in message.media:
            if message.verb is Verb.SEND and media.key not in receipt.handles:
                self.add("no_handles", account=row.account, file=media.key)

    def handles(self, account: str, handles: Mapping[FileKey, Handle]) -> None:
        for file, handle in handles.items():
            expires = codec.micros(handle.expires)
            self.add("handles", account=account, file=file, value=handle.value, expires=expires)

    def attempt(
        self, row: DeliveryRow, step: int, attempt: int, outcome: str, code: str, detail: str
    ) -> None:
        self.add(
            "attempt",
            delivery=row.id,
            step=step,
            attempt=attempt,
            outcome=outcome,
            code=code,
            detail=detail,
        )

    def write(self, work: Work) -> None:
        for query, rows in self.rows.items():
            work.cx.run(f"deliveries.{query}", rows=pack(rows), now=work.now)
        self.rows.clear()
