"""Reads the views for people: a post, lists of posts, and reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

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
from broadcaster.store.queue import approval, record
from broadcaster.store.queue.deliveries import DeliveryRow, archived_row, delivery_row, post_row
from broadcaster.store.queue.enqueue import Planned, planned
from broadcaster.store.queue.record import messages_of, whole
from broadcaster.store.queue.renderings import Renderings
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


_PINS = {Verb.PIN, Verb.UNPIN}
"""Verbs of messages that show nothing of their own."""
_UNSENT = {"missed": State.MISSED, "rejected": State.CANCELLED}
"""State of a post that was not sent -> state of its planned deliveries."""


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
        remove_at=row["remove_at"],
        converted=whole(codec.conversions, row["converted"], ()),
    )


def post(work: Work, post: int) -> PostView:
    row = post_row(work, post)
    state, _ = states(work, [row])[post]
    kept = _UNSENT.get(state, State.WAITING)
    targets = planned(work, post)
    waiting = [_planned(work.renderings, row, target, kept) for target in targets]
    made = _made(work, post)
    receipts = _receipts(work, [post])
    versions = record.versions(work, row)
    remarks = record.remarks(work, [post])[post]
    return PostView(
        post=as_post(row),
        state=state,
        deliveries=(*waiting, *_views(work, made, receipts)),
        key=row["key"],
        approval=approval.of(work, row),
        versions=versions,
        standings=record.standings(
            work.renderings, versions, remarks, targets, made, receipts[post]
        ),
        remarks=tuple(remarks),
        corrects=row["corrects"],
        corrections=_corrections(work, post),
    )


def _made(work: Work, post: int) -> list[DeliveryRow]:
    """Every delivery of a post, the archived ones first, which are older."""
    archived = map(archived_row, work.cx.all("read.archived", post=post))
    return [*archived, *map(delivery_row, work.cx.all("read.deliveries", post=post))]


def _corrections(work: Work, post: int) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for row in work.cx.all("record.corrections", post=post):
        found[row["id"]] = (*found.get(row["id"], ()), row["channel"])
    return found


def posts(work: Work, query: Query) -> list[PostRow]:
    """The rows of ``list``."""
    found = listed(work, query)
    where: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for out in work.cx.all("read.out", posts=pack([row["id"] for row, _, _ in found])):
        stands, removed = where[out["post"]]
        (stands if out["live"] else removed).append(out["channel"])
    posts = {row["id"]: row for row, _, _ in found}
    wanted = {
        row["post"]: _wanted(work, posts[row["post"]])
        for row in work.cx.all("record.changed", posts=pack([*posts]))
    }
    return [
        PostRow(
            post=as_post(row),
            state=state,
            counts=counts,
            stands=tuple(where[row["id"]][0]),
            removed=tuple(where[row["id"]][1]),
            wanted=wanted.get(row["id"], {}),
            active=row["active"],
        )
        for row, state, counts in found
    ]


def _wanted(work: Work, post: Row) -> dict[str, str]:
    """Channel -> ``edit`` or ``recall``, where that was asked for and has not arrived."""
    number = post["id"]
    made = _made(work, number)
    about, receipts = record.remarks(work, [number])[number], _receipts(work, [number])[number]
    versions = record.versions(work, post)
    standings = record.standings(work.renderings, versions, about, (), made, receipts)
    return {each.channel: each.wanted for each in standings if each.wanted}


def unknowns(work: Work) -> list[DeliveryView]:
    deliveries = list(map(delivery_row, work.cx.all("read.unknowns")))
    return _views(work, deliveries, _receipts(work, {row.post for row in deliveries}))


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
            if message.verb not in _PINS
        ),
        counts=not target.off,
        lost=whole(codec.ids_of, target.lost, ()),
        rendering=target.rendering,
    )


def _receipts(work: Work, posts: Iterable[int]) -> dict[int, dict[int, list[Row]]]:
    """By post and lane."""
    found: dict[int, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for post in posts:
        for receipt in work.cx.all("read.receipts", post=post):
            found[post][receipt["lane"]].append(receipt)
    return found


def _views(
    work: Work,
    deliveries: Sequence[DeliveryRow],
    receipts: Mapping[int, Mapping[int, Sequence[Row]]],
) -> list[DeliveryView]:
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
        _delivery(work.renderings, row, receipts[row.post].get(row.lane, ()), attempts[row.id])
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
            for step, message in enumerate(messages_of(renderings, row.rendering))
            if message.verb not in _PINS
        ),
        attempts=tuple(attempts),
        held_by=row.held_by or "",
        counts=bool(row.counts),
        settled_at=row.done_at,
        lost=whole(codec.ids_of, row.lost, ()),
        rendering=row.rendering,
    )


def _message(
    renderings: Renderings, row: DeliveryRow, step: int, message: Message, slots: Mapping[int, Row]
) -> MessageView:
    """One message as people see it; a live one with its present content."""
    slot = message.index if message.acts_on is None else message.acts_on
    begun = row.step if isinstance(row.step, int) else 0  # the row may be damaged
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
        pinned=receipt is not None
        and receipt["removed_at"] is None
        and (receipt["pinned_at"] is not None or shown.pin),
    )


def _receipt(row: Row) -> Receipt:
    return Receipt(
        ids=whole(codec.ids_of, row["ids"], ()), at=codec.moment(row["at"]), note=row["note"]
    )


PAGE = 200
FAR: Micros = 2**62

_STAGES: Mapping[str, Sequence[Stage]] = {
    "draft": (Stage.DRAFT,),
    "returned": (Stage.DRAFT,),
    "rejected": (Stage.REJECTED,),
    "scheduled": (Stage.PLANNED, Stage.APPROVED),
}
"""Shown state -> the stages that it stands for."""


def states(work: Work, posts: Sequence[Row]) -> dict[int, tuple[str, Mapping[State, int]]]:
    """Post -> its shown state, and the number of its deliveries of kind POST by state."""
    ids = pack([post["id"] for post in posts])
    counts: dict[int, Counter[State]] = defaultdict(Counter)
    for row in work.cx.all("read.standing", posts=ids):
        counts[row["post"]][State(row["state"])] += row["count"]
    for row in work.cx.all("read.planned_counts", posts=ids):
        counts[row["post"]][State.WAITING] += row["waiting"]
        counts[row["post"]][State.CANCELLED] += row["cancelled"]
    given_up = {row["post"] for row in work.cx.all("read.given_up", posts=ids)}
    drafts = [post["id"] for post in posts if post["stage"] == Stage.DRAFT]
    lapsed, returned = approval.lapsed(work, drafts), approval.returned(work, drafts)
    out: dict[int, Counter[int]] = defaultdict(Counter)
    for row in work.cx.all("read.out", posts=ids):
        out[row["post"]][row["live"]] += 1
    result: dict[int, tuple[str, Mapping[State, int]]] = {}
    for post in posts:
        number = post["id"]
        if number in lapsed:
            counts[number][State.MISSED] = counts[number].pop(State.WAITING, 0)
        elif post["stage"] == Stage.REJECTED:
            counts[number][State.CANCELLED] += counts[number].pop(State.WAITING, 0)
        known = +counts[number]
        stage = Stage(post["stage"])
        state = post_state(
            stage,
            known,
            live=out[number][1],
            removed=out[number][0],
            due=post["due"] <= work.now,
            lapsed=number in lapsed,
            returned=number in returned,
            given_up=number in given_up,
        )
        result[number] = (state, known)
    return result


def listed(work: Work, query: Query) -> list[tuple[Row, str, Mapping[State, int]]]:
    """Posts that match, newest activity first; a derived state is looked for page by page."""
    stages = _STAGES.get(query.state or "")
    delivery = query.state if query.state in set(State) - {State.CANCELLED} else None
    matches: list[tuple[Row, str, Mapping[State, int]]] = []
    also = record.unfolded_with(work, query.words) if query.words else []
    active, last = query.after or (FAR, FAR)
    while len(matches) < query.limit:
        page = work.cx.all(
            "read.posts_page",
            active=active,
            id=last,
            since=query.since,
            until=query.until,
            active_since=query.active_since,
            author=query.author,
            channels=None if query.channels is None else pack(query.channels),
            words=pack(query.words) if query.words else None,
            also=pack(also),
            stages=pack(stages) if stages else None,
            state=delivery,
            limit=PAGE,
        )
        shown = states(work, page)
        for row in page:
            state, counts = shown[row["id"]]
            if query.state in {None, state, *counts}:
                matches.append((row, state, counts))
        if len(page) < PAGE:
            break
        active, last = page[-1]["active"], page[-1]["id"]
    return matches[: query.limit]


EXAMPLES = 10
"""Most troubles that are listed; the others are only counted."""


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
