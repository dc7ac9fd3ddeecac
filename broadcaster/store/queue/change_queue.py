"""Before its hour: cancel and move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcaster.errors import Refused
from broadcaster.model import Kind, Stage, State
from broadcaster.store.queue import change_drafts, lanes
from broadcaster.store.queue.context import Context, Outcome
from broadcaster.store.queue.database import pack
from broadcaster.store.queue.deliveries import Stored, load, retarget, rewrite
from broadcaster.store.queue.plan import Planned, replan, rerender
from broadcaster.store.queue.views import post_row

if TYPE_CHECKING:
    from broadcaster.store.changing import Cancel, Changed, Move

NOT_FANNED_OUT = {Stage.DRAFT, Stage.APPROVED, Stage.PLANNED}

_BEGUN = {
    State.SENDING: "it is being sent right now; use recall",
    State.DELIVERED: "it is out already; use recall",
    State.UNKNOWN: "it may be out; use resolve, or recall",
    State.CANCELLED: "it is cancelled already",
}


def cancel(context: Context, change: Cancel) -> Changed:
    """Take back what has not begun."""
    post = post_row(context.cx, change.post)
    outcome = Outcome()
    if Stage(post["stage"]) in NOT_FANNED_OUT:
        cancel_planned(context, change.post, change.channels, outcome)
    else:
        rows = [row for row in of_post(context, change.post, change.channels) if _post(row)]
        cancel_rows(context, rows, outcome, "cancelled by " + context.by)
    outcome.elsewhere(change.channels)
    return outcome.end("nothing is left to cancel; use recall for what is out")


def cancel_planned(
    context: Context, post: int, channels: tuple[str, ...] | None, outcome: Outcome
) -> None:
    cx = context.cx

    def cancelled(target: Planned) -> Planned:
        named = channels is None or target.channel in channels
        return target._replace(cancelled=1) if named else target

    outcome.channels.update(dict.fromkeys(replan(cx, post, cancelled)))
    if not cx.scalar("plan.left", post=post):
        cx.run("change.unschedule", post=post)
        cx.run("change.set_stage", post=post, stage=Stage.CANCELLED)


def cancel_rows(context: Context, rows: list[Stored], outcome: Outcome, reason: str) -> None:
    moves = []
    for row in rows:
        if row.state in _BEGUN or row.step:
            why = _BEGUN.get(row.state, "part of it is out already; use recall")
            outcome.refused[row.channel] = why
        else:
            moves.append((row, row.settles(State.CANCELLED, context.now, reason)))
            outcome.did(row)
    context.move(moves)


def move(context: Context, change: Move) -> Changed:
    """A new hour, before anything was claimed."""
    cx = context.cx
    post = post_row(cx, change.post)
    stage = Stage(post["stage"])
    context.renderings.put(target.rendering for target in change.targets)
    outcome = Outcome()
    if stage in NOT_FANNED_OUT:
        outcome.channels.update(dict.fromkeys(rerender(cx, change.post, change.targets)))
        cx.run("change.unschedule", post=change.post)
        if stage is Stage.PLANNED:
            cx.run("enqueue.put_scheduled", post=change.post, due=change.due)
        else:
            ends = [target.deadline for target in change.targets if target.deadline is not None]
            change_drafts.reopen(context, change.post, slot=max(ends, default=None))
    elif stage is Stage.FANNED_OUT:
        _move_rows(context, change, outcome)
    cx.run("change.set_due", post=change.post, due=change.due)
    return outcome.end("the post is cancelled or rejected; post it again")


def _move_rows(context: Context, change: Move, outcome: Outcome) -> None:
    posts = [row for row in of_post(context, change.post, None) if _post(row)]
    rows = [row for row in posts if row.state is not State.CANCELLED]
    if any(
        row.state is not State.WAITING or row.tries or row.lane_delivery == row.id for row in rows
    ):
        raise Refused("it has begun, or its time has come; only what still waits can be moved")
    targets = {target.channel: target for target in change.targets}
    moved = [row for row in rows if row.channel in targets]
    rewrite(context.cx, [retarget(row, targets[row.channel]) for row in moved])
    ids = pack([row.id for row in rows])
    context.cx.run("change.move", ids=ids, due=change.due)
    for row in rows:
        outcome.did(row)
    lanes.wake(context.cx, {row.lane for row in rows})


def of_post(context: Context, post: int, channels: tuple[str, ...] | None) -> list[Stored]:
    """Every delivery of a post, oldest first."""
    named = None if channels is None else pack(channels)
    ids = [row["id"] for row in context.cx.all("change.of_post", post=post, channels=named)]
    return list(load(context.cx, ids).values())


def _post(row: Stored) -> bool:
    return row.kind is Kind.POST
