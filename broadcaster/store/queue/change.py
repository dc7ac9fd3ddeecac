"""Decisions: each is guarded, applied and audited in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broadcaster.model import Actor, Micros
from broadcaster.store import approving, changing, health, scheduling
from broadcaster.store.queue import (
    audit,
    change_drafts,
    change_gates,
    change_posted,
    change_queue,
    change_removal,
    change_stuck,
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
    changing.Removal: change_removal.set_removal,
    changing.Remove: change_removal.remove,
    changing.Pin: change_posted.pin,
    changing.Unpin: change_posted.unpin,
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
    done: Changed = _VERBS[type(change)](Context(cx, renderings, Actor.of(by).name, now), change)
    if done.channels or done.deliveries or done.schedules or done.refused:
        audit.changed(cx, by, change, now, done=done)
        cx.run("enqueue.nudge")
    return done


def log_refusal(cx: Database, by: Actor | str, change: Change, why: str, now: Micros) -> None:
    audit.changed(cx, by, change, now, refused=why)
