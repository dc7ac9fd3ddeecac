"""The state shown for a post, derived in the one order of docs/lifecycle.md; never stored."""

from __future__ import annotations

from collections.abc import Mapping

from broadcaster.model import Stage, State

_NOT_OUT = (State.FAILED, State.MISSED, State.CANCELLED)


def post_state(
    stage: Stage,
    counts: Mapping[State, int],
    *,
    live: int,
    removed: int,
    due: bool = True,
    lapsed: bool = False,
    returned: bool = False,
    given_up: bool = False,
) -> str:
    """The state of a post: the first of the order that applies.

    ``counts``: number of deliveries of kind POST by state, of those that count; a delivery that an
    edit took over has the edit's state.  ``live`` and ``removed``: number of channels that contain
    messages of the post, and of those that contain none any more.  ``due``: whether the due time
    has come.  ``lapsed``: whether it is a draft that nobody approved in time.  ``returned``:
    whether it is a draft that waits for its author.  ``given_up``: whether all its deliveries are
    cancelled, those that do not count included.
    """
    present = {state for state, count in counts.items() if count}
    if stage is Stage.DRAFT and returned:
        return "returned"
    if stage is Stage.DRAFT:
        return State.MISSED.value if lapsed else "draft"
    if stage is Stage.REJECTED:
        return "rejected"
    if stage is Stage.CANCELLED or (present == {State.CANCELLED} and not live and not removed):
        return "cancelled"
    if stage in {Stage.PLANNED, Stage.APPROVED} and not due:
        return "scheduled"
    pending = present & {State.SENDING, State.UNKNOWN, State.HELD, State.WAITING}
    if removed and not live and not pending:
        return "recalled"
    for state in (State.SENDING, State.UNKNOWN, State.HELD, State.WAITING):
        if state in present:
            return state.value
    if not present:  # every channel was off when the post was planned
        return (State.CANCELLED if given_up else State.HELD).value
    if present == {State.DELIVERED}:
        return "partial" if removed else State.DELIVERED.value
    if live or State.DELIVERED in present:
        return "partial"
    return next(state.value for state in _NOT_OUT if state in present)
