"""One post, or every unknown, as people see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from broadcaster.errors import NotFound
from broadcaster.model import (
    Delivery,
    Kind,
    Message,
    Micros,
    Options,
    Post,
    Receipt,
    Stage,
    State,
    Verb,
)
from broadcaster.store import codec
from broadcaster.store.chat import loaded
from broadcaster.store.queue import approval
from broadcaster.store.queue.database import LAST, Database, Row, pack
from broadcaster.store.queue.deliveries import Stored, stored
from broadcaster.store.queue.listing import listed, states
from broadcaster.store.queue.plan import Planned, planned
from broadcaster.store.queue.renderings import ODD, Renderings
from broadcaster.store.reading import (
    AttemptView,
    DeliveryView,
    MessageView,
    PostRow,
    PostView,
    Query,
)

T = TypeVar("T")

_PINS = {Verb.PIN, Verb.UNPIN}
"""Steps that show no message of their own."""
_UNSENT = {"missed": State.MISSED, "rejected": State.CANCELLED}
"""What becomes of the plan of a draft that nobody approved in time, or that was rejected."""


def as_post(row: Row) -> Post:
    return Post(
        id=row["id"],
        source=row["source"],
        media=_whole(codec.media, row["media"], ()),
        options=_whole(codec.options, row["options"], Options()),
        texts=_whole(codec.texts, row["texts"], {}),
        due=row["due"],
        created=row["created"],
        expires=row["expires"],
        stage=Stage(row["stage"]),
        reply_to=row["reply_to"],
        author=row["author"],
        remove_at=row["remove_at"],
    )


def _whole(read: Callable[[str], T], text: str, usual: T) -> T:
    """``text`` as ``read`` reads it; ``usual`` where it is damaged: the rest is shown."""
    try:
        return read(text)
    except ODD:
        return usual


def _messages(renderings: Renderings, digest: str) -> tuple[Message, ...]:
    none: tuple[Message, ...] = ()
    return _whole(renderings.get, digest, none)


def post_row(cx: Database, post: int) -> Row:
    """:raises InputError: no such post."""
    row = cx.one("read.post", post=post) if post <= LAST else None
    if row is None:
        raise NotFound(f"there is no post {post}; `list` shows those there are")
    return row


def view(cx: Database, renderings: Renderings, post: int, now: Micros) -> PostView:
    row = post_row(cx, post)
    state, _ = states(cx, [row], now)[post]
    kept = _UNSENT.get(state, State.WAITING)
    waiting = [_planned(renderings, row, target, kept) for target in planned(cx, post)]
    made = _views(cx, renderings, map(stored, cx.all("read.deliveries", post=post)))
    return PostView(
        post=as_post(row),
        state=state,
        deliveries=tuple(waiting + made),
        key=row["key"],
        approval=approval.of(cx, row),
    )


def rows(cx: Database, query: Query, now: Micros) -> list[PostRow]:
    """Many posts, a line for each."""
    return [
        PostRow(post=as_post(row), state=state, counts=counts)
        for row, state, counts in listed(cx, query, now)
    ]


def unknowns(cx: Database, renderings: Renderings) -> list[DeliveryView]:
    return _views(cx, renderings, map(stored, cx.all("read.unknowns")))


def _planned(renderings: Renderings, post: Row, target: Planned, state: State) -> DeliveryView:
    messages = _messages(renderings, target.rendering)
    return DeliveryView(
        delivery=Delivery(
            id=0,
            post=post["id"],
            channel=target.channel,
            kind=Kind.POST,
            revision=post["revision"],
            state=State.CANCELLED if target.cancelled else state,
            order_at=post["due"],
            next_at=post["due"],
            deadline=target.deadline,
            attempts=0,
        ),
        account=target.account,
        messages=tuple(
            MessageView(index=message.index, state="waiting", message=message)
            for message in messages
            if message.verb not in _PINS
        ),
        counts=not target.off,
        lost=_whole(codec.ids_of, target.lost, ()),
    )


def _views(cx: Database, renderings: Renderings, rows: Iterable[Stored]) -> list[DeliveryView]:
    deliveries = list(rows)
    receipts: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for post in {row.post for row in deliveries}:
        for receipt in cx.all("read.receipts", post=post):
            receipts[post, receipt["lane"]].append(receipt)
    attempts: dict[int, list[AttemptView]] = defaultdict(list)
    for row in cx.all("read.attempts", deliveries=pack([row.id for row in deliveries])):
        attempts[row["delivery"]].append(
            AttemptView(
                at=row["at"],
                step=row["step"],
                attempt=row["attempt"],
                outcome=row["outcome"],
                code=row["code"],
                detail=row["detail"],
            )
        )
    return [
        _delivery(renderings, row, receipts[row.post, row.lane], attempts[row.id])
        for row in deliveries
    ]


def _delivery(
    renderings: Renderings, row: Stored, receipts: Sequence[Row], attempts: Sequence[AttemptView]
) -> DeliveryView:
    by_slot = {receipt["slot"]: receipt for receipt in receipts}
    return DeliveryView(
        delivery=Delivery(
            id=row.id,
            post=row.post,
            channel=row.channel,
            kind=row.kind,
            revision=row.revision,
            state=row.state,
            order_at=row.order_at,
            next_at=row.next_at,
            deadline=row.deadline,
            attempts=row.attempts,
            reason=row.reason,
            receipts={
                slot: _receipt(receipt)
                for slot, receipt in by_slot.items()
                if receipt["removed_at"] is None
            },
        ),
        account=row.account,
        messages=tuple(
            _message(renderings, row, step, message, by_slot)
            for step, message in enumerate(_messages(renderings, row.rendering))
            if message.verb not in _PINS
        ),
        attempts=tuple(attempts),
        held_by=row.held_by or "",
        counts=bool(row.counts),
        settled_at=row.done_at,
        lost=_whole(codec.ids_of, row.lost, ()),
    )


def _message(
    renderings: Renderings, row: Stored, step: int, message: Message, slots: Mapping[int, Row]
) -> MessageView:
    """A message that stands in the channel is shown with its present content."""
    slot = message.index if message.acts_on is None else message.acts_on
    begun = row.step if isinstance(row.step, int) else 0  # a row may be damaged
    receipt = slots.get(slot)
    shown = message
    if receipt is not None and message.verb is Verb.SEND:
        state = "delivered" if receipt["removed_at"] is None else "recalled"
        stands = _messages(renderings, receipt["rendering"])
        shown = stands[receipt["step"]] if receipt["step"] < len(stands) else message
    elif step < begun:
        state = "recalled" if message.verb is Verb.RECALL else "delivered"
    elif step == begun and row.state in {State.SENDING, State.UNKNOWN}:
        state = row.state.value
    else:
        state = "waiting"
    return MessageView(
        index=message.index,
        state=state,
        message=shown,
        receipt=None if receipt is None else _receipt(receipt),
        chat=None if receipt is None else loaded(receipt["chat"]),
        pinned=receipt is not None
        and receipt["removed_at"] is None
        and (receipt["pinned_at"] is not None or shown.pin),
    )


def _receipt(row: Row) -> Receipt:
    return Receipt(
        ids=_whole(codec.ids_of, row["ids"], ()), at=codec.moment(row["at"]), note=row["note"]
    )
