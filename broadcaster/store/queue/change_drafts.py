"""Approve and reject: drafts are kept back until somebody else approved exactly what is there."""

from __future__ import annotations

from collections.abc import Mapping

from broadcaster.errors import Refused
from broadcaster.model import Micros, Stage
from broadcaster.store import codec
from broadcaster.store.approving import Approval, Approve, Reject, Verdict
from broadcaster.store.changing import Changed
from broadcaster.store.queue import approval
from broadcaster.store.queue.context import Context
from broadcaster.store.queue.database import Row, pack
from broadcaster.store.queue.fanout import fan_out, goes_first
from broadcaster.store.queue.plan import Planned, planned, replan
from broadcaster.store.queue.views import post_row

DRAFTED = {Stage.DRAFT, Stage.APPROVED}
"""What an approval concerns and has not begun."""
_DECIDED = {
    Stage.APPROVED: "it is approved already",
    Stage.REJECTED: "it is rejected; post it again",
    Stage.PLANNED: "it needs no approval, and goes out at its hour",
    Stage.FANNED_OUT: "it is on its way; use recall for what is out",
    Stage.CANCELLED: "it is cancelled; post it again",
}


def approve(context: Context, change: Approve) -> Changed:
    """Let a draft go out: now, or at its hour."""
    post, state = _draft(context, change)
    cx, now, ids = context.cx, context.now, pack([change.post])
    due = post["due"]
    if state.lapses_at is None:
        due = now
        cx.run("change.set_due", post=change.post, due=due)
        replan(cx, change.post, lambda target: _begin_by(target, change.late_after, now))
    channels = _channels(context, change.post)
    _decide(context, change.post, Verdict.APPROVED, digest=state.digest)
    if due <= now and goes_first(cx, len(channels), now):
        fan_out(cx, [change.post], cx.scalar("plan.fans", posts=ids), now)
        cx.run("plan.begun", posts=ids)
    else:
        cx.run("change.set_stage", post=change.post, stage=Stage.APPROVED)
        cx.run("enqueue.put_scheduled", post=change.post, due=due)
    return Changed(channels=channels)


def _draft(context: Context, change: Approve) -> tuple[Row, Approval]:
    """:raises Refused: it is no draft, too late, the approver's own, or another than was seen."""
    post = post_row(context.cx, change.post)
    stage, state = Stage(post["stage"]), approval.of(context.cx, post)
    if stage is not Stage.DRAFT or state is None:
        raise Refused(_DECIDED[stage])
    number = change.post
    if state.lapses_at is not None and state.lapses_at <= context.now:
        raise Refused(f"its hour is over; give it another: broadcaster move {number} --at WHEN")
    if context.by in state.writers:
        raise Refused(f"nobody approves their own: ask somebody else for `approve {number}`")
    if change.digest != state.digest:
        raise Refused(f"it has changed since you looked: broadcaster show {number}")
    return post, state


def reject(context: Context, change: Reject) -> Changed:
    """Also what is approved and has not begun: a second thought in time."""
    post = post_row(context.cx, change.post)
    stage = Stage(post["stage"])
    if stage not in DRAFTED:
        raise Refused(_DECIDED[stage])
    context.cx.run("change.unschedule", post=change.post)
    context.cx.run("change.set_stage", post=change.post, stage=Stage.REJECTED)
    _decide(context, change.post, Verdict.REJECTED, reason=change.reason)
    return Changed(channels=_channels(context, change.post))


def reopen(context: Context, post: int, *, writer: str = "", slot: Micros | None = None) -> None:
    """A draft or an approved post has changed: whatever was decided does not hold any more.

    ``writer``: who changed its words; ``slot``: when its new hour is over, None: as before.
    """
    row = context.cx.one("approval.of", post=post)
    if row is None:
        return
    writers = dict.fromkeys([*codec.ids_of(row["writers"]), *([writer] if writer else [])])
    context.cx.run(
        "approval.reopen",
        post=post,
        writers=codec.dumps(list(writers)),
        lapses_at=row["lapses_at"] if slot is None else slot,
    )
    context.cx.run("change.unschedule", post=post)
    context.cx.run("change.set_stage", post=post, stage=Stage.DRAFT)


def _decide(
    context: Context, post: int, verdict: Verdict, *, digest: str = "", reason: str = ""
) -> None:
    context.cx.run(
        "approval.decide",
        post=post,
        verdict=verdict.value,
        by=context.by,
        now=context.now,
        reason=reason,
        digest=digest,
    )


def _channels(context: Context, post: int) -> tuple[str, ...]:
    targets = planned(context.cx, post)
    return tuple(each.channel for each in targets if not each.cancelled)


def _begin_by(target: Planned, late_after: Mapping[str, Micros], now: Micros) -> Planned:
    if target.channel not in late_after:
        return target
    return target._replace(deadline=now + late_after[target.channel])
