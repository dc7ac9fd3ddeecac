"""Validates everything that adapters return or raise, before it becomes a result for the store.

The kit's clients pass each answer through :mod:`broadcaster.outside` themselves.  Adapters of other
packages may not do that, so every value is validated here once more.  A value that cannot be stored
becomes an outcome of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

from broadcaster.adapter import Absent, Found, Hidden, Present, Undecided
from broadcaster.errors import OutcomeUnknown
from broadcaster.language import say
from broadcaster.model import FileKey, Handle, Message, Receipt, State
from broadcaster.outside import identifier, plausible, said, whole
from broadcaster.secrecy import clean
from broadcaster.store.exchange import Verdict

UNUSABLE = say("the platform says it is posted, but names it by an id that cannot be used")
CODE, NAME = 64, 64
"""Longest error code of a platform, and longest name of an error class, in characters."""
HANDLE = 16_384
"""Longest handle of a file, in characters.  Gap's handles are objects of some 100 characters."""


class StrayError(Exception):
    """An adapter raised something that would end the program, such as SystemExit."""


class contained:  # noqa: N801 (used like a function; a generator would cost more)
    """Limits the effect of an adapter's exception to the adapter's own call.

    :raises StrayError: in place of an exception that would end the daemon, and of a CancelledError
        although nobody cancelled the task.  It keeps the traceback but drops the arguments of the
        original, because Python prints those of SystemExit.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        """Does nothing: every message passes here, so the work is left to the failing ones."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None or issubclass(kind, Exception):
            return
        if kind is asyncio.CancelledError and _asked_to_end():
            return
        name = said(kind.__name__, longest=NAME)
        raise StrayError(say("the adapter raised {name}", name=name)).with_traceback(
            trace
        ) from None


def _asked_to_end() -> bool:
    """Whether the running task was cancelled from outside."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop is running
        return True
    return task is None or task.cancelling() > 0


def posted(receipt: object) -> Receipt:
    """The receipt of a posting call, in a form that the store can record.

    :raises OutcomeUnknown: the receipt has no ids, or ids that cannot be used.
    """
    if not isinstance(receipt, Receipt) or not isinstance(receipt.ids, tuple | list):
        raise OutcomeUnknown(UNUSABLE, said_yes=True)
    ids = tuple(map(identifier, receipt.ids))
    if not all(ids):
        raise OutcomeUnknown(UNUSABLE, said_yes=True)
    return Receipt(
        ids=ids,
        at=plausible(receipt.at),
        handles=usable(receipt.handles),
        note=said(receipt.note),
    )


def usable(handles: object) -> Mapping[FileKey, Handle]:
    """The handles that can be stored and contain no known secret."""
    if not isinstance(handles, Mapping):
        return {}
    kept = {}
    for file, handle in handles.items():
        if _can_be_kept(file) and isinstance(handle, Handle) and _can_be_kept(handle.value):
            # an impossible time of expiry counts as none
            kept[file] = replace(handle, expires=plausible(handle.expires))
    return kept


def decided(verdict: Verdict, message: Message) -> Verdict:
    """``verdict`` with texts that can be stored."""
    if verdict.stale is not None and verdict.stale not in {media.key for media in message.media}:
        return Verdict(
            state=State.FAILED,
            reason=say("the platform speaks of a file that this message does not have"),
            outcome="StaleHandle",
        )
    return replace(
        verdict,
        reason=said(verdict.reason) or "no reason was given",
        code=said(verdict.code, longest=CODE),
        outcome=said(verdict.outcome, longest=NAME),
    )


def found(seen: object) -> Found:
    """The result of a look at the public page, in a form that the store can record."""
    match seen:
        case Present(ids=ids) if isinstance(ids, tuple | list) and ids:
            usable_ids = tuple(map(identifier, ids))
            if not all(usable_ids):
                return Undecided(why=say("its ids cannot be used"))
            return Present(ids=usable_ids)
        case Absent(newest_at=at) if plausible(at):
            return Absent(newest_at=at)
        case Undecided(why=why):
            return Undecided(why=said(why))
        case Hidden(why=why):
            return Hidden(why=said(why))
    return Undecided(why=say("the page names no time or message that can be read"))


def _can_be_kept(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= HANDLE:
        return False
    return whole(value) == clean(value) == value
