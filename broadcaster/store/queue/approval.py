"""Drafts and their approval, which is bound to exactly the form that was seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Digest, Micros, Stage
from broadcaster.store import codec
from broadcaster.store.changes import Approve, Changed, Reject, Return
from broadcaster.store.queue.deliveries import post_row
from broadcaster.store.queue.enqueue import Planned, fan_out, goes_first, planned, replan
from broadcaster.store.queue.persons import names_of
from broadcaster.store.queue.work import Row, Work, pack
from broadcaster.store.views import Approval, ApprovalVerdict, Review


def of(work: Work, post: Row) -> Approval | None:
    """The approval that ``post`` waits for, or its decision; None: it never was a draft."""
    row = work.cx.one("approval.of", post=post["id"])
    if row is None:
        return None
    digest = _digest(work, post) if Stage(post["stage"]) is Stage.DRAFT else row["digest"]
    return _approval(row, digest)


def _approval(row: Row, digest: Digest) -> Approval:
    """``digest``: of what it is now; whoever approved something else has not approved this."""
    verdict = None if row["verdict"] is None else ApprovalVerdict(row["verdict"])
    return Approval(
        required=row["required"],
        writers=tuple(json.loads(row["writers"])),
        lapses_at=row["lapses_at"],
        digest=digest,
        approvers=tuple(json.loads(row["approvers"])) if row["digest"] == digest else (),
        verdict=ApprovalVerdict.RETURNED if row["returned"] else verdict,
        by=row["by"],
        at=row["at"],
        reason=row["reason"],
    )


def asked(work: Work, since: Micros, limit: int) -> list[Review]:
    """Drafts that began to wait for approval after ``since``, in that order."""
    return [
        _review(row, row["asked_at"])
        for row in work.cx.all("approval.asked", since=since, limit=limit)
    ]


def decided(work: Work, since: Micros, limit: int) -> list[Review]:
    """Drafts that were decided after ``since``, or lapsed, in that order."""
    rows = work.cx.all("approval.decided", since=since, limit=limit)
    return [_review(row, row["at"]) for row in rows]


def _review(row: Row, at: Micros) -> Review:
    return Review(
        post=row["post"],
        author=row["author"],
        source=row["source"],
        due=row["due"],
        at=at,
        approval=_approval(row, row["digest"]),
    )


def approvals(work: Work, post: int) -> int:
    """How many people have approved ``post`` as it is; 0 also where it never was a draft."""
    state = of(work, post_row(work, post))
    return 0 if state is None else len(state.approvers)


def lapsed(work: Work, posts: Collection[int]) -> set[int]:
    """The posts of ``posts`` that nobody approved in time."""
    return {
        row["post"] for row in work.cx.all("approval.lapsed", posts=pack(list(posts)), now=work.now)
    }


def returned(work: Work, posts: Collection[int]) -> set[int]:
    """Those of ``posts`` that were returned to their author."""
    return {row["post"] for row in work.cx.all("approval.returned", posts=pack(list(posts)))}


def lapse(work: Work, limit: int) -> Sequence[int]:
    """Note drafts whose time for approval is over; returns the posts."""
    return [row["post"] for row in work.cx.all("approval.lapse", limit=limit, now=work.now)]


def _digest(work: Work, post: Row) -> Digest:
    targets = [
        [each.channel, each.rendering] for each in planned(work, post["id"]) if not each.cancelled
    ]
    return codec.digest(codec.dumps([post["due"], post["expires"], targets]))


DRAFTED = {Stage.DRAFT, Stage.APPROVED}
"""The stages of a post under approval that has not begun."""
CHANGEABLE = {*DRAFTED, Stage.REJECTED}
"""The stages of a post that waits for approval again after a change."""
_DECIDED = {
    Stage.APPROVED: say("it is approved already"),
    Stage.REJECTED: say("it is rejected; a change of it asks for approval again"),
    Stage.PLANNED: say("it needs no approval, and goes out at its hour"),
    Stage.FANNED_OUT: say("it is on its way; use recall for what is out"),
    Stage.CANCELLED: say("it is cancelled; post it again"),
}


def approve(work: Work, change: Approve) -> Changed:
    """Approve a draft; it is sent, now or when due, once enough people have approved."""
    post, state = _draft(work, change)
    cx, now, ids = work.cx, work.now, pack([change.post])
    channels = _channels(work, change.post)
    cx.run(
        "approval.agree",
        post=change.post,
        approvers=codec.dumps([*state.approvers, work.by.person]),
        digest=state.digest,
    )
    if state.left > 1:
        return Changed(channels=channels)
    due = post["due"]
    if state.lapses_at is None:
        due = now
        cx.run("change.set_due", post=change.post, due=due)
        replan(work, change.post, lambda target: _begin_by(target, change.late_after, now))
    _decide(work, change.post, ApprovalVerdict.APPROVED, digest=state.digest)
    if due <= now and goes_first(work, len(channels)):
        fan_out(work, [change.post], cx.scalar("plan.fans", posts=ids))
        cx.run("plan.begun", posts=ids)
    else:
        cx.run("change.set_stage", post=change.post, stage=Stage.APPROVED)
        cx.run("enqueue.put_scheduled", post=change.post, due=due)
    return Changed(channels=channels)


def _draft(work: Work, change: Approve) -> tuple[Row, Approval]:
    """The draft and its approval.

    :raises Refused: it is no draft, is too late, has the approver as a writer, or has changed.
    """
    post = post_row(work, change.post)
    stage, state = Stage(post["stage"]), of(work, post)
    if stage is not Stage.DRAFT or state is None:
        raise Refused(_DECIDED[stage])
    number = change.post
    if state.verdict is ApprovalVerdict.RETURNED:
        raise Refused(say("it is returned to its author: {reason}", reason=state.reason))
    if state.lapses_at is not None and state.lapses_at <= work.now:
        raise Refused(
            say(
                "its hour is over; give it another: broadcaster move {number} --at WHEN",
                number=number,
            )
        )
    same = names_of(work.cx, work.by.person)
    if not same.isdisjoint(state.writers):
        raise Refused(
            say(
                "nobody approves their own: ask somebody else for `approve {number}`", number=number
            )
        )
    if change.digest != state.digest:
        raise Refused(
            say("it has changed since you looked: broadcaster show {number}", number=number)
        )
    if not same.isdisjoint(state.approvers):
        raise Refused(
            say("you have approved it: ask somebody else for `approve {number}`", number=number)
        )
    return post, state


def reject(work: Work, change: Reject) -> Changed:
    """Reject a draft, or an approved post that has not begun."""
    _refuse(work, change.post, Stage.REJECTED)
    _decide(work, change.post, ApprovalVerdict.REJECTED, reason=change.reason)
    return Changed(channels=_channels(work, change.post))


def give_back(work: Work, change: Return) -> Changed:
    """To its author, who changes it; likewise what is approved and has not begun."""
    _refuse(work, change.post, Stage.DRAFT)
    _decide(work, change.post, ApprovalVerdict.RETURNED, reason=change.reason)
    return Changed(channels=_channels(work, change.post))


def _refuse(work: Work, post: int, to: Stage) -> None:
    """:raises Refused: it is no draft, and not approved, or it has begun."""
    stage = Stage(post_row(work, post)["stage"])
    if stage not in DRAFTED:
        raise Refused(_DECIDED[stage])
    work.cx.run("change.unschedule", post=post)
    work.cx.run("change.set_stage", post=post, stage=to)
    work.cx.run("approval.void", post=post)


def changes_out(work: Work, post: Row) -> None:
    """Begin to change a post that is on its way: an approval does not cover what comes of that.

    :raises Refused: it was sent because people had approved it.
    """
    state = of(work, post)
    if state is not None and state.required:
        raise Refused(
            say("it was approved as it is: recall it, and post the new text for approval")
        )
    work.cx.run("approval.void", post=post["id"])


def reopen(work: Work, post: int, *, writer: str = "", slot: Micros | None = None) -> None:
    """Void all decisions about a changed draft, so that it waits for approval again.

    ``writer``: the person who changed its text; ``slot``: the new end of its time for approval,
    None: unchanged.
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
        now=work.now,
    )
    work.cx.run("change.unschedule", post=post)
    work.cx.run("change.set_stage", post=post, stage=Stage.DRAFT)


def _decide(
    work: Work, post: int, verdict: ApprovalVerdict, *, digest: str = "", reason: str = ""
) -> None:
    is_returned = verdict is ApprovalVerdict.RETURNED
    work.cx.run(
        "approval.decide",
        post=post,
        verdict=ApprovalVerdict.REJECTED if is_returned else verdict,
        returned=int(is_returned),
        by=work.by.person,
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
