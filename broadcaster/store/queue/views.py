"""One post, or every unknown, as people see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

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
from broadcaster.store.queue import approval, record
from broadcaster.store.queue.database import LAST, Database, Row, pack
from broadcaster.store.queue.deliveries import Stored, stored
from broadcaster.store.queue.listing import listed, states
from broadcaster.store.queue.plan import Planned, planned
from broadcaster.store.queue.record import messages_of, whole
from broadcaster.store.queue.renderings import Renderings
from broadcaster.store.reading import (
    AttemptView,
    DeliveryView,
    MessageView,
    PostRow,
    PostView,
    Query,
)

_UNSENT = {"missed": State.MISSED, "rejected": State.CANCELLED}
"""What becomes of the plan of a draft that nobody approved in time, or that was rejected."""


def as_post(row: Row) -> Post:
    return Post(
        id=row["id"],
        source=row["source"],
        media=whole(codec.media, row["media"], ()),
        options=whole(codec.options, row["options"], Options()),
        texts=whole(codec.texts, row["texts"], {}),
        due=row["due"],
        created=row["created"],
        expires=row["expires"],
        stage=Stage(row["stage"]),
        reply_to=row["reply_to"],
        author=row["author"],
    )


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
    targets = planned(cx, post)
    waiting = [_planned(renderings, row, target, kept) for target in targets]
    made = list(map(stored, cx.all("read.deliveries", post=post)))
    receipts = _receipts(cx, [post])
    versions = record.versions(cx, row)
    remarks = record.remarks(cx, [post])[post]
    return PostView(
        post=as_post(row),
        state=state,
        deliveries=(*waiting, *_views(cx, renderings, made, receipts)),
        key=row["key"],
        approval=approval.of(cx, row),
        versions=versions,
        standings=record.standings(renderings, versions, remarks, targets, made, receipts[post]),
        remarks=tuple(remarks),
        corrects=row["corrects"],
        corrections=_corrections(cx, post),
    )


def _corrections(cx: Database, post: int) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for row in cx.all("record.corrections", post=post):
        found[row["id"]] = (*found.get(row["id"], ()), row["channel"])
    return found


def rows(cx: Database, renderings: Renderings, query: Query, now: Micros) -> list[PostRow]:
    """Many posts, a line for each."""
    found = listed(cx, query, now)
    where: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for out in cx.all("read.out", posts=pack([row["id"] for row, _, _ in found])):
        stands, removed = where[out["post"]]
        (stands if out["live"] else removed).append(out["channel"])
    posts = {row["id"]: row for row, _, _ in found}
    wanted = {
        row["post"]: _wanted(cx, renderings, posts[row["post"]])
        for row in cx.all("record.changed", posts=pack([*posts]))
    }
    return [
        PostRow(
            post=as_post(row),
            state=state,
            counts=counts,
            stands=tuple(where[row["id"]][0]),
            removed=tuple(where[row["id"]][1]),
            wanted=wanted.get(row["id"], {}),
        )
        for row, state, counts in found
    ]


def _wanted(cx: Database, renderings: Renderings, post: Row) -> dict[str, str]:
    """Channel -> ``edit`` or ``recall``, where that was asked for and has not arrived."""
    made = list(map(stored, cx.all("read.deliveries", post=post["id"])))
    about = record.remarks(cx, [post["id"]])[post["id"]]
    receipts = _receipts(cx, [post["id"]])[post["id"]]
    versions = record.versions(cx, post)
    standings = record.standings(renderings, versions, about, (), made, receipts)
    return {each.channel: each.wanted for each in standings if each.wanted}


def unknowns(cx: Database, renderings: Renderings) -> list[DeliveryView]:
    deliveries = list(map(stored, cx.all("read.unknowns")))
    receipts = _receipts(cx, {row.post for row in deliveries})
    return _views(cx, renderings, deliveries, receipts)


def _planned(renderings: Renderings, post: Row, target: Planned, state: State) -> DeliveryView:
    messages = messages_of(renderings, target.rendering)
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
            if message.verb is not Verb.PIN
        ),
        counts=not target.off,
        lost=whole(codec.ids_of, target.lost, ()),
        rendering=target.rendering,
    )


def _receipts(cx: Database, posts: Iterable[int]) -> dict[int, dict[int, list[Row]]]:
    """By post and lane."""
    found: dict[int, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for post in posts:
        for receipt in cx.all("read.receipts", post=post):
            found[post][receipt["lane"]].append(receipt)
    return found


def _views(
    cx: Database,
    renderings: Renderings,
    deliveries: Sequence[Stored],
    receipts: Mapping[int, Mapping[int, Sequence[Row]]],
) -> list[DeliveryView]:
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
        _delivery(renderings, row, receipts[row.post].get(row.lane, ()), attempts[row.id])
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
            for step, message in enumerate(messages_of(renderings, row.rendering))
            if message.verb is not Verb.PIN
        ),
        attempts=tuple(attempts),
        held_by=row.held_by or "",
        counts=bool(row.counts),
        settled_at=row.done_at,
        lost=whole(codec.ids_of, row.lost, ()),
        rendering=row.rendering,
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
        stands = messages_of(renderings, receipt["rendering"])
        shown = stands[receipt["step"]] if receipt["step"] < len(stands) else message
    elif step < begun:
        gone = receipt is not None and receipt["removed_at"] is not None
        state = "recalled" if gone or message.verb is Verb.RECALL else "delivered"
    elif step == begun and row.state in {State.SENDING, State.UNKNOWN}:
        state = row.state.value
    else:
        state = "waiting"
    return MessageView(
        index=message.index,
        state=state,
        message=shown,
        sent=message,
        receipt=None if receipt is None else _receipt(receipt),
        chat=None if receipt is None else loaded(receipt["chat"]),
    )


def _receipt(row: Row) -> Receipt:
    return Receipt(
        ids=whole(codec.ids_of, row["ids"], ()), at=codec.moment(row["at"]), note=row["note"]
    )
