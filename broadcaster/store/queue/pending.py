"""Changes of deliveries that were not sent: cancel, move, retry, resolve and release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from broadcaster.errors import Refused
from broadcaster.language import joined, say
from broadcaster.model import Kind, Message, Micros, Receipt, Stage, State
from broadcaster.store.changes import Changed
from broadcaster.store.queue import approval, lanes
from broadcaster.store.queue.deliveries import (
    DeliveryRow,
    Effects,
    load,
    post_row,
    retarget,
    rewrite,
)
from broadcaster.store.queue.enqueue import Planned, replan, rerender
from broadcaster.store.queue.succession import move_on
from broadcaster.store.queue.work import Work, pack

if TYPE_CHECKING:
    from broadcaster.store.changes import Cancel, Move, Release, Resolve, Retry


ELSEWHERE = say("the post has nothing there for this")
ARCHIVED = say("it was archived long ago ([retention] posts): change it in the channels by hand")
CONFIRMED = say("confirmed by ")
"""How the note of a receipt begins that a person has given."""


@dataclass(slots=True)
class ChangeOutcome:
    """The effect of a change by channel; a change without any effect is refused."""

    deliveries: list[int] = field(default_factory=list)
    channels: dict[str, None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def did(self, row: DeliveryRow, delivery: int | None = None) -> None:
        self.deliveries.append(delivery or row.id)
        self.channels[row.channel] = None

    def elsewhere(self, channels: Iterable[str] | None) -> None:
        """Refuse the named channels without a matching delivery."""
        for channel in channels or ():
            if channel not in self.channels:
                self.refused.setdefault(channel, ELSEWHERE)

    def end(self, nothing: str) -> Changed:
        """The effect as a value; ``nothing``: the reason if there was no delivery.

        :raises Refused: the change had no effect.
        """
        if not self.channels:
            reasons = joined(
                "; ",
                (say("{name}: {why}", name=name, why=why) for name, why in self.refused.items()),
            )
            raise Refused(reasons or nothing, channels=self.refused)
        return Changed(
            deliveries=tuple(self.deliveries),
            channels=tuple(self.channels),
            refused={k: why for k, why in self.refused.items() if k not in self.channels},
        )


NOT_FANNED_OUT = {Stage.DRAFT, Stage.APPROVED, Stage.PLANNED}

_BEGUN = {
    State.SENDING: say("it is being sent right now; use recall"),
    State.DELIVERED: say("it is out already; use recall"),
    State.UNKNOWN: say("it may be out; use resolve, or recall"),
    State.CANCELLED: say("it is cancelled already"),
}


def cancel(work: Work, change: Cancel) -> Changed:
    """Cancel the deliveries that have not begun."""
    post = post_row(work, change.post)
    outcome = ChangeOutcome()
    if Stage(post["stage"]) in NOT_FANNED_OUT:
        cancel_planned(work, change.post, change.channels, outcome)
    else:
        rows = [row for row in of_post(work, change.post, change.channels) if _post(row)]
        cancel_rows(work, rows, outcome, say("cancelled by ") + work.by.name)
    outcome.elsewhere(change.channels)
    return outcome.end(say("nothing is left to cancel; use recall for what is out"))


def cancel_planned(
    work: Work, post: int, channels: tuple[str, ...] | None, outcome: ChangeOutcome
) -> None:
    cx = work.cx

    def cancelled(target: Planned) -> Planned:
        named = channels is None or target.channel in channels
        return target._replace(cancelled=1) if named else target

    outcome.channels.update(dict.fromkeys(replan(work, post, cancelled)))
    if not cx.scalar("plan.left", post=post):
        cx.run("change.unschedule", post=post)
        cx.run("change.set_stage", post=post, stage=Stage.CANCELLED)


def cancel_rows(work: Work, rows: list[DeliveryRow], outcome: ChangeOutcome, reason: str) -> None:
    moves = []
    for row in rows:
        if row.state in _BEGUN or row.step:
            why = _BEGUN.get(row.state, say("part of it is out already; use recall"))
            outcome.refused[row.channel] = why
        else:
            moves.append((row, row.settles(State.CANCELLED, work.now, reason)))
            outcome.did(row)
    move_on(work, moves)


def move(work: Work, change: Move) -> Changed:
    """Give a post another due time, unless something was claimed."""
    cx = work.cx
    post = post_row(work, change.post)
    stage = Stage(post["stage"])
    work.renderings.put(target.rendering for target in change.targets)
    outcome = ChangeOutcome()
    if stage in NOT_FANNED_OUT | approval.CHANGEABLE:
        outcome.channels.update(dict.fromkeys(rerender(work, change.post, change.targets)))
        cx.run("change.unschedule", post=change.post)
        if stage is Stage.PLANNED:
            cx.run("enqueue.put_scheduled", post=change.post, due=change.due)
        else:
            ends = [target.deadline for target in change.targets if target.deadline is not None]
            approval.reopen(work, change.post, slot=max(ends, default=None))
    elif stage is Stage.FANNED_OUT:
        approval.changes_out(work, post)
        _move_rows(work, change, outcome)
    cx.run("change.set_due", post=change.post, due=change.due)
    return outcome.end(say("the post is cancelled; post it again"))


def _move_rows(work: Work, change: Move, outcome: ChangeOutcome) -> None:
    posts = [row for row in of_post(work, change.post, None) if _post(row)]
    rows = [row for row in posts if row.state is not State.CANCELLED]
    if any(
        row.state is not State.WAITING or row.tries or row.lane_delivery == row.id for row in rows
    ):
        raise Refused(say("it has begun, or its time has come; only what still waits can be moved"))
    targets = {target.channel: target for target in change.targets}
    moved = [row for row in rows if row.channel in targets]
    rewrite(work, [retarget(row, targets[row.channel]) for row in moved])
    ids = pack([row.id for row in rows])
    work.cx.run("change.move", ids=ids, due=change.due)
    for row in rows:
        outcome.did(row)
    lanes.wake(work, {row.lane for row in rows})


def of_post(work: Work, post: int, channels: tuple[str, ...] | None) -> list[DeliveryRow]:
    """Every delivery of a post, oldest first."""
    named = None if channels is None else pack(channels)
    ids = [row["id"] for row in work.cx.all("change.of_post", post=post, channels=named)]
    if not ids and work.cx.scalar("record.archived", post=post):
        raise Refused(ARCHIVED)
    return list(load(work, ids).values())


def _post(row: DeliveryRow) -> bool:
    return row.kind is Kind.POST


EXPIRED = say("its `--expires` has passed; post it again if it still matters")


def retry(work: Work, change: Retry) -> Changed:
    """Make failed and missed deliveries wait again, with their attempts reset."""
    states = [s for s in change.states if s in {State.FAILED, State.MISSED}]
    rows = _stuck(work, states, change.post, change.channels)
    expired = _expired(work, rows)
    outcome = ChangeOutcome()
    moves = []
    for row in rows:
        if row.post in expired and row.kind is Kind.POST and not row.step:
            outcome.refused[row.channel] = EXPIRED
        else:
            # A post continues in the present chat: the old one may be gone, and have caused the
            # failure.
            chat = None if row.kind is Kind.POST else row.chat
            fresh = row._replace(
                attempts=0, failures=0, first_try=None, code="", deaths=0, chat=chat
            )
            moves.append((row, fresh.waits(work.now)))
            outcome.did(row)
    move_on(work, moves)
    _renew(work, [row for row, _ in moves], change.late_after)
    if change.post is not None:  # of many posts, some channel may well have nothing
        outcome.elsewhere(change.channels)
    return outcome.end(say("nothing of it failed or was missed"))


def resolve(work: Work, change: Resolve) -> Changed:
    """Settle unknown deliveries by a person's word that they were posted, or not."""
    channels = None if change.channel is None else (change.channel,)
    outcome = ChangeOutcome()
    effects = Effects()
    moves = []
    for row in _stuck(work, [State.UNKNOWN], change.post, channels):
        if change.position is not None and change.position != row.step:
            outcome.refused[row.channel] = say(
                "it is message {step} that is unknown there", step=row.step + 1
            )
            continue
        message = work.renderings.get(row.rendering)[row.step]
        if change.posted and (why := another(work, row, message, change.ids)):
            outcome.refused[row.channel] = why
            continue
        if change.posted:
            note = f"{CONFIRMED}{work.by.name}"
            effects.receipt(row, message, Receipt(ids=change.ids, note=note))
            new = row.after_receipt(work.now)
        elif row.unwanted:
            new = row.settles(State.CANCELLED, work.now, say("not posted, and no longer wanted"))
        else:
            waiting = row.waits(work.now, say("not posted, says {by}", by=work.by.name))
            new = waiting._replace(
                failures=0, first_try=None, verify_until=None, code="", deaths=0, looked=0
            )
        moves.append((row, new))
        outcome.did(row)
    effects.write(work)
    move_on(work, moves)
    again = [new for _, new in moves if new.state is State.WAITING and not change.posted]
    expired = _expired(work, again)
    _renew(work, [row for row in again if row.post not in expired], change.late_after)
    outcome.elsewhere(channels)
    return outcome.end(say("nothing is unknown there"))


def is_unknown(work: Work, change: Resolve) -> bool:
    """Whether there is something that ``change`` would settle."""
    channels = None if change.channel is None else (change.channel,)
    rows = _stuck(work, [State.UNKNOWN], change.post, channels)
    return any(change.position in {None, row.step} for row in rows)


def another(work: Work, row: DeliveryRow, message: Message, ids: tuple[str, ...]) -> str:
    """Why ``ids`` cannot be those of ``message``; "": they can."""
    parts = max(1, len(message.media))
    if len(ids) > parts:
        return say(
            "it is {parts} message{value} there, and {count} ids were given",
            parts=parts,
            value="s" * (parts > 1),
            count=len(ids),
        )
    if len({*ids}) < len(ids):
        return say("an id is given twice")
    owner = lanes.owner_of(work, row, ids) if ids else ""
    return say("{owner}: give the id of the message in doubt", owner=owner) if owner else ""


def release(work: Work, change: Release) -> Changed:
    """Make held deliveries wait again, or cancel them."""
    now = work.now
    rows = list(_chosen(_stuck(work, [State.HELD], change.post, change.channels), change, now))
    expired = _expired(work, rows)
    outcome = ChangeOutcome()
    moves = []
    for row in rows:
        late = row.kind is Kind.POST and not row.step
        late = late and row.deadline is not None and row.deadline <= now
        if change.drop:
            moves.append(
                (row, row.settles(State.CANCELLED, now, say("dropped by {by}", by=work.by.name)))
            )
        elif row.parked is not None:
            outcome.refused[row.channel] = say(
                "its gate is still closed ({parked})", parked=row.parked
            )
            continue
        elif late and row.post in expired:
            outcome.refused[row.channel] = EXPIRED
            continue
        elif late and not change.late:
            outcome.refused[row.channel] = say("it is late; release it with --late, or drop it")
            continue
        else:
            # After a restore, a held delivery may not be due yet.
            moves.append((row, row.waits(max(now, row.order_at))))
        outcome.did(row)
    move_on(work, moves)
    if not change.drop:
        renewed = [row for row, _ in moves if change.late or not row.counts]
        _renew(work, renewed, change.late_after)
    if change.post is not None:  # of many posts, some channel may well have nothing
        outcome.elsewhere(change.channels)
    return outcome.end(say("nothing is held there"))


def _stuck(
    work: Work, states: Sequence[State], post: int | None, channels: tuple[str, ...] | None
) -> list[DeliveryRow]:
    if post is not None:
        post_row(work, post)
    ids = work.cx.all(
        "change.stuck",
        states=pack(states),
        post=post,
        channels=None if channels is None else pack(channels),
    )
    return list(load(work, [row["id"] for row in ids]).values())


def _chosen(rows: list[DeliveryRow], change: Release, now: Micros) -> Iterable[DeliveryRow]:
    """The rows that ``change`` selects.

    ``rows`` are sorted newest first, so the last N of a channel are its first N here.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        if change.older_than is not None and row.order_at > now - change.older_than:
            continue
        seen[row.channel] += 1
        if change.last is None or seen[row.channel] <= change.last:
            yield row


def _expired(work: Work, rows: list[DeliveryRow]) -> set[int]:
    posts = pack(sorted({row.post for row in rows}))
    return {row["id"] for row in work.cx.all("change.expired", posts=posts, now=work.now)}


def _renew(work: Work, rows: list[DeliveryRow], late_after: Mapping[str, Micros]) -> None:
    """Set new deadlines, counted from now, for deliveries that a person made wait again."""
    values = [
        {
            "delivery": row.id,
            "deadline": work.now + late_after[row.channel] if row.channel in late_after else None,
        }
        for row in rows
    ]
    work.cx.run("change.renew", rows=pack(values))
