"""Decisions: each is guarded, applied and audited in one transaction."""

from __future__ import annotations

from typing import Any

from broadcaster.model import Micros
from broadcaster.store import approving, port, scheduling
from broadcaster.store.port import Change, Changed
from broadcaster.store.queue import (
    audit,
    change_drafts,
    change_gates,
    change_posted,
    change_queue,
    change_stuck,
    schedules,
)
from broadcaster.store.queue.context import Context
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.renderings import Renderings

_VERBS: dict[type, Any] = {
    port.Cancel: change_queue.cancel,
    port.Move: change_queue.move,
    port.Retry: change_stuck.retry,
    port.Resolve: change_stuck.resolve,
    port.Release: change_stuck.release,
    port.Edit: change_posted.edit,
    port.Recall: change_posted.recall,
    port.Pin: change_posted.pin,
    port.Close: change_gates.close,
    port.Open: change_gates.lift,
    port.Halt: change_gates.halt,
    port.Resume: change_gates.resume,
    port.Lanes: change_gates.configure,
    port.Health: change_gates.note_health,
    approving.Approve: change_drafts.approve,
    approving.Reject: change_drafts.reject,
    scheduling.Schedule: schedules.put,
    scheduling.Unschedule: schedules.drop,
    scheduling.Pause: schedules.pause,
    scheduling.Proceed: schedules.proceed,
    scheduling.Skip: schedules.skip,
    scheduling.Fail: schedules.fail,
}


def apply(cx: Database, renderings: Renderings, by: str, change: Change, now: Micros) -> Changed:
    """A change that moved nothing leaves no trace; a breaker's state is no decision of anybody."""
    done: Changed = _VERBS[type(change)](Context(cx, renderings, by, now), change)
    if done.channels or done.deliveries or done.schedules:
        audit.changed(cx, by, change, now, done=done)
        cx.run("enqueue.nudge")
    return done


def log_refusal(cx: Database, by: str, change: Change, why: str, now: Micros) -> None:
    audit.changed(cx, by, change, now, refused=why)
