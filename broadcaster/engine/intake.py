"""The one place where what adapters say enters the store: harmless, or an outcome of its own.

The kit's clients pass each answer through :mod:`broadcaster.outside` themselves.  An adapter from
outside need not, so that here everything is looked at once more, just before it is a result.
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
"""Characters of a platform's own code, and of the name of an error."""
HANDLE = 16_384
"""Characters of a platform's name for a file; Gap's is a description of some hundred."""


class StrayError(Exception):
    """An adapter let something through that ends programs, such as SystemExit."""


class contained:  # noqa: N801 (used like a function; a generator would cost more)
    """Let nothing that an adapter raises end more than its own call.

    :raises StrayError: instead of what would end the daemon, or a cancelling that nobody asked for.
        It keeps the traceback, and not what the adapter has given with it: SystemExit prints that.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing is looked up before it is needed: each message passes through here."""

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
    """Whether somebody has cancelled this task."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop is running
        return True
    return task is None or task.cancelling() > 0


def posted(receipt: object) -> Receipt:
    """The receipt of a posting call, as it can be kept.

    :raises OutcomeUnknown: it names no message by which it can be found again.
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
    """Those of ``handles`` that can be kept, and hold no secret."""
    if not isinstance(handles, Mapping):
        return {}
    kept = {}
    for file, handle in handles.items():
        if _can_be_kept(file) and isinstance(handle, Handle) and _can_be_kept(handle.value):
            # one that ends at no time that can be is as good as one that never ends
            kept[file] = replace(handle, expires=plausible(handle.expires))
    return kept


def decided(verdict: Verdict, message: Message) -> Verdict:
    """``verdict`` with words that can be stored."""
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
    """What was seen on the reader's side, as it can be kept."""
    match seen:
        case Present(ids=ids) if isinstance(ids, tuple | list) and ids:
            named = tuple(map(identifier, ids))
            return (
                Present(ids=named) if all(named) else Undecided(why=say("its ids cannot be used"))
            )
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
