"""Drafts: what they wait for, and what approves or rejects exactly what was seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Digest, Micros, Stage
from broadcaster.store import codec
from broadcaster.store.changes import Approve, Changed, Reject
from broadcaster.store.queue.deliveries import post_row
from broadcaster.store.queue.enqueue import Planned, fan_out, goes_first, planned, replan
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.views import Approval, ApprovalVerdict


def of(work: Work, post: Row) -> Approval | None:
    """What ``post`` waits for, or what was decided; None: it never was a draft."""
    row = work.cx.one("approval.of", post=post["id"])
    if row is None:
        return None
    waits = Stage(post["stage"]) is Stage.DRAFT
    return Approval(
        required=bool(row["required"]),
        writers=tuple(json.loads(row["writers"])),
        lapses_at=row["lapses_at"],
        digest=_digest(work, post) if waits else row["digest"],
        verdict=None if row["verdict"] is None else ApprovalVerdict(row["verdict"]),
        by=row["by"],
        at=row["at"],
        reason=row["reason"],
    )


def lapsed(work: Work, posts: Collection[int]) -> set[int]:
    """Those of ``posts`` that nobody approved in time."""
    return {
        row["post"] for row in work.cx.all("approval.lapsed", posts=pack(list(posts)), now=work.now)
    }


def lapse(work: Work, limit: int) -> Sequence[int]:
    """Note those whose slot is over; returns them."""
    return [row["post"] for row in work.cx.all("approval.lapse", limit=limit, now=work.now)]


def _digest(work: Work, post: Row) -> Digest:
    targets = [
        [each.channel, each.rendering] for each in planned(work, post["id"]) if not each.cancelled
    ]
    return codec.digest(codec.dumps([post["due"], post["expires"], targets]))


DRAFTED = {Stage.DRAFT, Stage.APPROVED}
"""What an approval concerns and has not begun."""
_DECIDED = {
    Stage.APPROVED: say("it is approved already"),
    Stage.REJECTED: say("it is rejected; post it again"),
    Stage.PLANNED: say("it needs no approval, and goes out at its hour"),
    Stage.FANNED_OUT: say("it is on its way; use recall for what is out"),
    Stage.CANCELLED: say("it is cancelled; post it again"),
}


def approve(work: Work, change: Approve) -> Changed:
    """Let a draft go out: now, or at its hour."""
    post, state = _draft(work, change)
    cx, now, ids = work.cx, work.now, pack([change.post])
    due = post["due"]
    if state.lapses_at is None:
        due = now
        cx.run("change.set_due", post=change.post, due=due)
        replan(work, change.post, lambda target: _begin_by(target, change.late_after, now))
    channels = _channels(work, change.post)
    _decide(work, change.post, ApprovalVerdict.APPROVED, digest=state.digest)
    if due <= now and goes_first(work, len(channels)):
        fan_out(work, [change.post], cx.scalar("plan.fans", posts=ids))
        cx.run("plan.begun", posts=ids)
    else:
        cx.run("change.set_stage", post=change.post, stage=Stage.APPROVED)
        cx.run("enqueue.put_scheduled", post=change.post, due=due)
    return Changed(channels=channels)


def _draft(work: Work, change: Approve) -> tuple[Row, Approval]:
    """:raises Refused: it is no draft, too late, the approver's own, or another than was seen."""
    post = post_row(work, change.post)
    stage, state = Stage(post["stage"]), of(work, post)
    if stage is not Stage.DRAFT or state is None:
        raise Refused(_DECIDED[stage])
    number = change.post
    if state.lapses_at is not None and state.lapses_at <= work.now:
        raise Refused(
            say(
                "its hour is over; give it another: broadcaster move {number} --at WHEN",
                number=number,
            )
        )
    if work.by.name in state.writers:
        raise Refused(
            say(
                "nobody approves their own: ask somebody else for `approve {number}`", number=number
            )
        )
    if change.digest != state.digest:
        raise Refused(
            say("it has changed since you looked: broadcaster show {number}", number=number)
        )
    return post, state


def reject(work: Work, change: Reject) -> Changed:
    """Also what is approved and has not begun: a second thought in time."""
    post = post_row(work, change.post)
    stage = Stage(post["stage"])
    if stage not in DRAFTED:
        raise Refused(_DECIDED[stage])
    work.cx.run("change.unschedule", post=change.post)
    work.cx.run("change.set_stage", post=change.post, stage=Stage.REJECTED)
    _decide(work, change.post, ApprovalVerdict.REJECTED, reason=change.reason)
    return Changed(channels=_channels(work, change.post))


def reopen(work: Work, post: int, *, writer: str = "", slot: Micros | None = None) -> None:
    """A draft or an approved post has changed: whatever was decided does not hold any more.

    ``writer``: who changed its words; ``slot``: when its new hour is over, None: as before.
    """
    row = work.cx.one("approval.of", post=post)
    if row is None:
        return
    writers = dict.fromkeys([*codec.ids_of(row["writers"]), *([writer] if writer else [])])
    work.cx.run(
        "approval.reopen",
        post=post,
        writers=codec.dumps(list(writers)),
        lapses_at=row["lapses_at"] if slot is None else slot,
    )
    work.cx.run("change.unschedule", post=post)
    work.cx.run("change.set_stage", post=post, stage=Stage.DRAFT)


def _decide(
    work: Work, post: int, verdict: ApprovalVerdict, *, digest: str = "", reason: str = ""
) -> None:
    work.cx.run(
        "approval.decide",
        post=post,
        verdict=verdict.value,
        by=work.by.name,
        now=work.now,
        reason=reason,
        digest=digest,
    )


def _channels(work: Work, post: int) -> tuple[str, ...]:
    targets = planned(work, post)
    return tuple(each.channel for each in targets if not each.cancelled)


def _begin_by(target: Planned, late_after: Mapping[str, Micros], now: Micros) -> Planned:
    if target.channel not in late_after:
        return target
    return target._replace(deadline=now + late_after[target.channel])
