"""Decisions: each is guarded, applied and audited in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broadcaster.store import changes
from broadcaster.store.queue import (
    approval,
    audit,
    corrections,
    pending,
    removal,
    schedules,
    switches,
)
from broadcaster.store.queue.work import Work

if TYPE_CHECKING:
    from broadcaster.store.changes import Change, Changed

_VERBS: dict[type, Any] = {
    changes.Cancel: pending.cancel,
    changes.Move: pending.move,
    changes.Retry: pending.retry,
    changes.Resolve: pending.resolve,
    changes.Release: pending.release,
    changes.Edit: corrections.edit,
    changes.Recall: corrections.recall,
    changes.Removal: removal.set_removal,
    changes.Remove: removal.remove,
    changes.Pin: corrections.pin,
    changes.Unpin: corrections.unpin,
    changes.Close: switches.close,
    changes.Open: switches.lift,
    changes.Halt: switches.halt,
    changes.Resume: switches.resume,
    changes.Lanes: switches.configure,
    changes.AccountHealth: switches.note_health,
    changes.Approve: approval.approve,
    changes.Reject: approval.reject,
    changes.Schedule: schedules.put,
    changes.Unschedule: schedules.drop,
    changes.Pause: schedules.pause,
    changes.Proceed: schedules.proceed,
    changes.Skip: schedules.skip,
    changes.Fail: schedules.fail,
}


def apply(work: Work, change: Change) -> Changed:
    """A change that moved nothing leaves no trace; a breaker's state is no decision of anybody."""
    done: Changed = _VERBS[type(change)](work, change)
    if done.channels or done.deliveries or done.schedules or done.refused:
        audit.changed(work, change, done=done)
        work.cx.run("enqueue.nudge")
    return done
