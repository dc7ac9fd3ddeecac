"""What waits for a person: retry, resolve, release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from broadcaster.model import Kind, Micros, Receipt, State
from broadcaster.store.queue import change_by_hand
from broadcaster.store.queue.context import Context, Outcome
from broadcaster.store.queue.database import pack
from broadcaster.store.queue.deliveries import Stored, load
from broadcaster.store.queue.effects import Effects
from broadcaster.store.queue.views import post_row

if TYPE_CHECKING:
    from broadcaster.store.changing import Changed, Release, Resolve, Retry

EXPIRED = "its `--expires` has passed; post it again if it still matters"


def retry(context: Context, change: Retry) -> Changed:
    """Failed and missed ones wait again, their attempts forgotten."""
    states = [s for s in change.states if s in {State.FAILED, State.MISSED}]
    rows = _stuck(context, states, change.post, change.channels)
    expired = _expired(context, rows)
    outcome = Outcome()
    moves = []
    for row in rows:
        if row.post in expired and row.kind is Kind.POST and not row.step:
            outcome.refused[row.channel] = EXPIRED
        else:
            # the rest of a post as well: its chat may be gone, which is why it failed
            chat = None if row.kind is Kind.POST else row.chat
            fresh = row._replace(
                attempts=0, failures=0, first_try=None, code="", deaths=0, chat=chat
            )
            moves.append((row, fresh.waits(context.now)))
            outcome.did(row)
    context.move(moves)
    _renew(context, [row for row, _ in moves], change.late_after)
    if change.post is not None:  # of many posts, some channel may well have nothing
        outcome.elsewhere(change.channels)
    return outcome.end("nothing of it failed or was missed")


def resolve(context: Context, change: Resolve) -> Changed:
    """A person has looked: it is there, or it is not."""
    channels = None if change.channel is None else (change.channel,)
    outcome = Outcome()
    effects = Effects()
    moves = []
    for row in _stuck(context, [State.UNKNOWN], change.post, channels):
        if change.step is not None and change.step != row.step:
            outcome.refused[row.channel] = f"it is message {row.step + 1} that is unknown there"
            continue
        message = context.renderings.get(row.rendering)[row.step]
        if change.posted and (why := change_by_hand.another(context, row, message, change.ids)):
            outcome.refused[row.channel] = why
            continue
        if change.posted:
            note = f"{change_by_hand.CONFIRMED}{context.by}"
            effects.receipt(row, message, Receipt(ids=change.ids, note=note))
            new = row.after_receipt(context.now)
        elif row.unwanted:
            new = row.settles(State.CANCELLED, context.now, "not posted, and no longer wanted")
        else:
            waiting = row.waits(context.now, f"not posted, says {context.by}")
            new = waiting._replace(
                failures=0, first_try=None, verify_until=None, code="", deaths=0, looked=0
            )
        moves.append((row, new))
        outcome.did(row)
    effects.write(context.cx, context.now)
    context.move(moves)
    again = [new for _, new in moves if new.state is State.WAITING and not change.posted]
    expired = _expired(context, again)
    _renew(context, [row for row in again if row.post not in expired], change.late_after)
    if not moves and change.post is not None and change.channel is not None:
        change_by_hand.correct(context, change, outcome)
    outcome.elsewhere(channels)
    return outcome.end("nothing is unknown there")


def release(context: Context, change: Release) -> Changed:
    """Held ones wait again, or are dropped."""
    now = context.now
    rows = list(_chosen(_stuck(context, [State.HELD], change.post, change.channels), change, now))
    expired = _expired(context, rows)
    outcome = Outcome()
    moves = []
    for row in rows:
        late = row.kind is Kind.POST and not row.step
        late = late and row.deadline is not None and row.deadline <= now
        if change.drop:
            moves.append((row, row.settles(State.CANCELLED, now, f"dropped by {context.by}")))
        elif row.parked is not None:
            outcome.refused[row.channel] = f"its gate is still closed ({row.parked})"
            continue
        elif late and row.post in expired:
            outcome.refused[row.channel] = EXPIRED
            continue
        elif late and not change.late:
            outcome.refused[row.channel] = "it is late; release it with --late, or drop it"
            continue
        else:
            moves.append((row, row.waits(max(now, row.order_at))))  # a restored one may be early
        outcome.did(row)
    context.move(moves)
    if not change.drop:
        renewed = [row for row, _ in moves if change.late or not row.counts]
        _renew(context, renewed, change.late_after)
    if change.post is not None:  # of many posts, some channel may well have nothing
        outcome.elsewhere(change.channels)
    return outcome.end("nothing is held there")


def _stuck(
    context: Context, states: Sequence[State], post: int | None, channels: tuple[str, ...] | None
) -> list[Stored]:
    if post is not None:
        post_row(context.cx, post)
    ids = context.cx.all(
        "change.stuck",
        states=pack(states),
        post=post,
        channels=None if channels is None else pack(channels),
    )
    return list(load(context.cx, [row["id"] for row in ids]).values())


def _chosen(rows: list[Stored], change: Release, now: Micros) -> Iterable[Stored]:
    """``rows`` come newest first, so that the last N of a channel are its first N here."""
    seen: Counter[str] = Counter()
    for row in rows:
        if change.older_than is not None and row.order_at > now - change.older_than:
            continue
        seen[row.channel] += 1
        if change.last is None or seen[row.channel] <= change.last:
            yield row


def _expired(context: Context, rows: list[Stored]) -> set[int]:
    posts = pack(sorted({row.post for row in rows}))
    return {row["id"] for row in context.cx.all("change.expired", posts=posts, now=context.now)}


def _renew(context: Context, rows: list[Stored], late_after: Mapping[str, Micros]) -> None:
    """A new deadline for what a person has let go on; it counts from now on."""
    values = [
        [row.id, context.now + late_after[row.channel] if row.channel in late_after else None]
        for row in rows
    ]
    context.cx.run("change.renew", rows=pack(values))
