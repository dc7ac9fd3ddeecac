"""Decisions: each is guarded, applied and audited in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broadcaster.store import approving, changing, health, scheduling
from broadcaster.store.queue import (
    approval,
    audit,
    corrections,
    pending,
    schedules,
    switches,
)
from broadcaster.store.queue.work import Work

if TYPE_CHECKING:
    from broadcaster.store.changing import Change, Changed

_VERBS: dict[type, Any] = {
    changing.Cancel: pending.cancel,
    changing.Move: pending.move,
    changing.Retry: pending.retry,
    changing.Resolve: pending.resolve,
    changing.Release: pending.release,
    changing.Edit: corrections.edit,
    changing.Recall: corrections.recall,
    changing.Pin: corrections.pin,
    changing.Close: switches.close,
    changing.Open: switches.lift,
    changing.Halt: switches.halt,
    changing.Resume: switches.resume,
    changing.Lanes: switches.configure,
    health.Health: switches.note_health,
    approving.Approve: approval.approve,
    approving.Reject: approval.reject,
    scheduling.Schedule: schedules.put,
    scheduling.Unschedule: schedules.drop,
    scheduling.Pause: schedules.pause,
    scheduling.Proceed: schedules.proceed,
    scheduling.Skip: schedules.skip,
    scheduling.Fail: schedules.fail,
}


def apply(work: Work, change: Change) -> Changed:
    """A change that moved nothing leaves no trace; a breaker's state is no decision of anybody."""
    done: Changed = _VERBS[type(change)](work, change)
    if done.channels or done.deliveries or done.schedules:
        audit.changed(work, change, done=done)
        work.cx.run("enqueue.nudge")
    return done
