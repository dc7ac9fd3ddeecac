"""What people see: a post, many posts, and what is reported to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

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
from broadcaster.store.derive import post_state
from broadcaster.store.queue import approval
from broadcaster.store.queue.deliveries import DeliveryRow, delivery_row, post_row
from broadcaster.store.queue.enqueue import Planned, planned
from broadcaster.store.queue.renderings import DAMAGE, Renderings
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.views import (
    AttemptView,
    Backlog,
    DeliveryView,
    MessageView,
    Outgoing,
    PostRow,
    PostView,
    Query,
    Trouble,
    Troubles,
)

if TYPE_CHECKING:
    from broadcaster.store.views import Query


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
        converted=_whole(codec.conversions, row["converted"], ()),
    )


def _whole(read: Callable[[str], T], text: str, usual: T) -> T:
    """``text`` as ``read`` reads it; ``usual`` where it is damaged: the rest is shown."""
    try:
        return read(text)
    except DAMAGE:
        return usual


def _messages(renderings: Renderings, digest: str) -> tuple[Message, ...]:
    none: tuple[Message, ...] = ()
    return _whole(renderings.get, digest, none)


def post(work: Work, post: int) -> PostView:
    row = post_row(work, post)
    state, _ = states(work, [row])[post]
    kept = _UNSENT.get(state, State.WAITING)
    waiting = [_planned(work.renderings, row, target, kept) for target in planned(work, post)]
    made = _views(work, map(delivery_row, work.cx.all("read.deliveries", post=post)))
    return PostView(
        post=as_post(row),
        state=state,
        deliveries=tuple(waiting + made),
        key=row["key"],
        approval=approval.of(work, row),
    )


def posts(work: Work, query: Query) -> list[PostRow]:
    """Many posts, a line for each."""
    return [
        PostRow(post=as_post(row), state=state, counts=counts)
        for row, state, counts in listed(work, query)
    ]


def unknowns(work: Work) -> list[DeliveryView]:
    return _views(work, map(delivery_row, work.cx.all("read.unknowns")))


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


def _views(work: Work, rows: Iterable[DeliveryRow]) -> list[DeliveryView]:
    deliveries = list(rows)
    receipts: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for post in {row.post for row in deliveries}:
        for receipt in work.cx.all("read.receipts", post=post):
            receipts[post, receipt["lane"]].append(receipt)
    attempts: dict[int, list[AttemptView]] = defaultdict(list)
    for row in work.cx.all("read.attempts", deliveries=pack([row.id for row in deliveries])):
        attempts[row["delivery"]].append(
            AttemptView(
                at=row["at"],
                position=row["step"],
                attempt=row["attempt"],
                outcome=row["outcome"],
                code=row["code"],
                detail=row["detail"],
            )
        )
    return [
        _delivery(work.renderings, row, receipts[row.post, row.lane], attempts[row.id])
        for row in deliveries
    ]


def _delivery(
    renderings: Renderings,
    row: DeliveryRow,
    receipts: Sequence[Row],
    attempts: Sequence[AttemptView],
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
    renderings: Renderings, row: DeliveryRow, step: int, message: Message, slots: Mapping[int, Row]
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


PAGE = 200
FAR: Micros = 2**62

_STAGES: Mapping[str, Sequence[Stage]] = {
    "draft": (Stage.DRAFT,),
    "rejected": (Stage.REJECTED,),
    "scheduled": (Stage.PLANNED, Stage.APPROVED),
}
"""Shown states that are a stage."""


def states(work: Work, posts: Sequence[Row]) -> dict[int, tuple[str, Mapping[State, int]]]:
    """Of each post: its shown state, and its deliveries of kind POST by state."""
    ids = pack([post["id"] for post in posts])
    counts: dict[int, Counter[State]] = defaultdict(Counter)
    for row in work.cx.all("read.standing", posts=ids):
        counts[row["post"]][State(row["state"])] += row["count"]
    for row in work.cx.all("read.planned_counts", posts=ids):
        counts[row["post"]][State.WAITING] += row["waiting"]
        counts[row["post"]][State.CANCELLED] += row["cancelled"]
    lapsed = approval.lapsed(work, [post["id"] for post in posts])
    out = {row["post"]: row for row in work.cx.all("read.out", posts=ids)}
    found: dict[int, tuple[str, Mapping[State, int]]] = {}
    for post in posts:
        number = post["id"]
        if number in lapsed:
            counts[number][State.MISSED] = counts[number].pop(State.WAITING, 0)
        elif post["stage"] == Stage.REJECTED:
            counts[number][State.CANCELLED] += counts[number].pop(State.WAITING, 0)
        known = +counts[number]
        live, removed = (out[number]["live"], out[number]["removed"]) if number in out else (0, 0)
        stage = Stage(post["stage"])
        state = post_state(
            stage,
            known,
            live=live,
            removed=removed,
            due=post["due"] <= work.now,
            lapsed=number in lapsed,
        )
        found[number] = (state, known)
    return found


def listed(work: Work, query: Query) -> list[tuple[Row, str, Mapping[State, int]]]:
    """Posts that match, newest due first; a derived state is looked for page by page."""
    stages = _STAGES.get(query.state or "")
    delivery = query.state if query.state in set(State) - {State.CANCELLED} else None
    found: list[tuple[Row, str, Mapping[State, int]]] = []
    due, last = query.after or (FAR, FAR)
    while len(found) < query.limit:
        page = work.cx.all(
            "read.posts_page",
            due=due,
            id=last,
            since=query.since,
            until=query.until,
            stages=pack(stages) if stages else None,
            state=delivery,
            limit=PAGE,
        )
        shown = states(work, page)
        for row in page:
            state, counts = shown[row["id"]]
            if query.state in {None, state, *counts}:
                found.append((row, state, counts))
        if len(page) < PAGE:
            break
        due, last = page[-1]["due"], page[-1]["id"]
    return found[: query.limit]


EXAMPLES = 10
"""Named one by one; the rest is a number."""


def troubles(work: Work, since: Micros, until: Micros) -> list[Troubles]:
    groups: dict[tuple[str, State], list[Row]] = defaultdict(list)
    for row in work.cx.all("news.troubles", since=since, until=until, examples=EXAMPLES):
        groups[row["account"], State(row["state"])].append(row)
    return [
        Troubles(
            account=account,
            state=state,
            count=rows[0]["total"],
            first=rows[0]["at"],
            last=rows[0]["last"],
            examples=tuple(_trouble(row) for row in rows),
        )
        for (account, state), rows in groups.items()
    ]


def notify(work: Work, cause: str, every: Micros) -> Micros | None:
    before: Micros | None = work.cx.scalar("news.notified_at", cause=cause)
    if work.cx.scalar("news.notify", cause=cause, now=work.now, every=every) is None:
        return None
    return before or 0


def notified(work: Work) -> dict[str, Micros]:
    return {row["cause"]: row["at"] for row in work.cx.all("news.notified")}


def backlog(work: Work) -> list[Backlog]:
    states: dict[str, dict[State, int]] = defaultdict(dict)
    for row in work.cx.all("news.stuck"):
        states[row["account"]][State(row["state"])] = row["count"]
    lines = work.cx.all("news.lines", now=work.now)
    return [
        Backlog(
            account=row["account"],
            in_line=row["length"],
            oldest=row["oldest"],
            states=states[row["account"]],
        )
        for row in lines
    ]


def went_out(work: Work, since: Micros, until: Micros) -> list[Outgoing]:
    return [Outgoing(**dict(row)) for row in work.cx.all("news.went_out", since=since, until=until)]


def _trouble(row: Row) -> Trouble:
    return Trouble(
        delivery=row["id"],
        post=row["post"],
        channel=row["channel"],
        account=row["account"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        position=row["step"],
        steps=row["steps"],
        reason=row["reason"],
        at=row["at"],
    )
