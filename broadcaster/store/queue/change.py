"""Decisions: each is guarded, applied and audited in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broadcaster.errors import Refused
from broadcaster.model import Actor, Door, Micros
from broadcaster.store import approving, changing, health, scheduling
from broadcaster.store.queue import (
    audit,
    change_by_hand,
    change_drafts,
    change_gates,
    change_posted,
    change_queue,
    change_stuck,
    record,
    schedules,
)
from broadcaster.store.queue.context import Context
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.renderings import Renderings

if TYPE_CHECKING:
    from broadcaster.store.changing import Change, Changed

_VERBS: dict[type, Any] = {
    changing.Cancel: change_queue.cancel,
    changing.Move: change_queue.move,
    changing.Retry: change_stuck.retry,
    changing.Resolve: change_stuck.resolve,
    changing.Release: change_stuck.release,
    changing.Edit: change_posted.edit,
    changing.Recall: change_posted.recall,
    changing.ByHand: change_by_hand.by_hand,
    changing.Pin: change_posted.pin,
    changing.Close: change_gates.close,
    changing.Open: change_gates.lift,
    changing.Halt: change_gates.halt,
    changing.Resume: change_gates.resume,
    changing.Lanes: change_gates.configure,
    health.Health: change_gates.note_health,
    approving.Approve: change_drafts.approve,
    approving.Reject: change_drafts.reject,
    scheduling.Schedule: schedules.put,
    scheduling.Unschedule: schedules.drop,
    scheduling.Pause: schedules.pause,
    scheduling.Proceed: schedules.proceed,
    scheduling.Skip: schedules.skip,
    scheduling.Fail: schedules.fail,
}


def apply(
    cx: Database, renderings: Renderings, by: Actor | str, change: Change, now: Micros
) -> Changed:
    """A change that moved nothing leaves no trace; a breaker's state is no decision of anybody."""
    actor = Actor.of(by)
    context = Context(cx, renderings, actor.name, now, actor.door.value)
    done: Changed = _VERBS[type(change)](context, change)
    if done.channels or done.deliveries or done.schedules:
        audit.changed(cx, by, change, now, done=done)
        if actor.door is not Door.DAEMON:
            record.touch(context, getattr(change, "post", None), done.deliveries)
        cx.run("enqueue.nudge")
    return done


def log_refusal(
    cx: Database, renderings: Renderings, by: Actor | str, change: Change, why: Refused, now: Micros
) -> None:
    """Nothing was done: the audit log says so, and the record of the post for each channel."""
    audit.changed(cx, by, change, now, refused=str(why))
    if isinstance(change, changing.Edit | changing.Recall) and why.channels:
        actor = Actor.of(by)
        context = Context(cx, renderings, actor.name, now, actor.door.value)
        change_posted.remember(context, change, why.channels)
