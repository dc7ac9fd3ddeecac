"""Makes the changes of people and daemons: guarded and audited in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from broadcaster.errors import Refused
from broadcaster.model import Door
from broadcaster.store import changes
from broadcaster.store.queue import (
    approval,
    audit,
    by_hand,
    corrections,
    pending,
    record,
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
    changes.Resolve: by_hand.resolve,
    changes.Release: pending.release,
    changes.Edit: corrections.edit,
    changes.Recall: corrections.recall,
    changes.ByHand: by_hand.by_hand,
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
    changes.Return: approval.give_back,
    changes.Schedule: schedules.put,
    changes.Unschedule: schedules.drop,
    changes.Pause: schedules.pause,
    changes.Proceed: schedules.proceed,
    changes.Skip: schedules.skip,
    changes.Fail: schedules.fail,
}


def apply(work: Work, change: Change) -> Changed:
    """Make ``change``.

    A change without an effect is not audited, and neither is the state of a breaker.
    """
    done: Changed = _VERBS[type(change)](work, change)
    if done.channels or done.deliveries or done.schedules or done.refused:
        audit.changed(work, change, done=done)
        if work.by.door is not Door.DAEMON:
            record.touch(work, getattr(change, "post", None), done.deliveries)
        work.cx.run("enqueue.nudge")
    return done


def refused(work: Work, change: Change, why: Refused) -> None:
    """Nothing was done: the audit log says so, and the record of the post for each channel."""
    audit.changed(work, change, refused=str(why))
    if isinstance(change, changes.Edit | changes.Recall) and why.channels:
        corrections.remember(work, change, why.channels)
