"""What a post has said, and what stands of it in each channel: pure, from rows of the queue.

A channel shows the version of the last post or edit that arrived there, and not the one that was
wanted last.  :func:`standing` derives it; what no delivery tells of is a :class:`Remark`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster.model import Digest, Kind, Media, Message, Micros, Options, State
from broadcaster.store.chat import Chat

NOTHING_LEFT = "nothing was left to change"
"""Reason of an edit that was cancelled because the channel shows its text already."""
TAKEN_BACK = "taken-back"
"""Code of a delivered delivery whose confirmation a person has taken back."""
_OVER = (State.DELIVERED, State.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text that a post has, or had."""

    number: int
    """From 1."""
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)
    """Channel name -> its own text."""
    media: tuple[Media, ...] = ()
    options: Options = field(default_factory=Options)
    digest: Digest
    """SHA-256 over text, texts, media and options."""
    by: str
    door: str | None
    """None: from before that was kept."""
    at: Micros
    revision: int
    """Of the post, from which on this is its text."""

    def says(self, channel: str) -> object:
        """What it says there; equal for versions that say the same."""
        text = self.texts.get(channel, self.source)
        return text, tuple((each.digest, each.kind, each.name) for each in self.media)


class RemarkKind(StrEnum):
    """What a :class:`Remark` tells."""

    EDIT_REFUSED = "edit refused"
    RECALL_REFUSED = "recall refused"
    SAYS_SO = "says so already"
    REMOVED = "removed by hand"
    STANDS = "stands after all"
    CORRECTED = "confirmation corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What happened to a post in a channel that no delivery tells of."""

    channel: str
    what: RemarkKind
    version: int | None
    """The text that was wanted there."""
    why: str
    by: str
    door: str | None
    at: Micros


class Stands(StrEnum):
    """How much of a post is in a channel now."""

    WHOLE = "stands"
    PART = "stands in part"
    """Some messages are missing, or belong to another version."""
    REMOVED = "removed"
    UNKNOWN = "unknown"
    NOT_OUT = "not out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One message that has a receipt, with its present content."""

    slot: int
    ids: tuple[str, ...]
    message: Message
    delivery: int
    chat: Chat | None
    """Where it stands, should that not be its channel's own chat any more."""
    posted_at: Micros
    edited_at: Micros | None
    pinned_at: Micros | None
    removed_at: Micros | None
    removed_by: str | None
    """Who removed it by hand; None: it stands, or the program removed it."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTrace:
    """What the derivation needs to know of a delivery."""

    id: int
    kind: Kind
    revision: int
    state: State
    step: int
    """How many of its messages are proved."""
    reason: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a channel really shows of a post."""

    channel: str
    account: str
    stands: Stands
    version: int | None
    """Number of the version that stands there, or stood there last; None: nothing ever did."""
    current: bool
    """Whether that version says there what the post says now."""
    slots: tuple[Slot, ...] = ()
    """Of every message that was ever proved; those with ``removed_at`` are gone."""
    wanted: str = ""
    """``edit`` or ``recall``: it was asked for, and has not arrived."""
    why: str = ""
    """What stands in the way of what is wanted."""
    doubt: bool = False
    """Of some message nobody knows whether it was posted."""

    @property
    def live(self) -> tuple[Slot, ...]:
        return tuple(each for each in self.slots if each.removed_at is None)

    @property
    def edited_at(self) -> Micros | None:
        return max((at for each in self.live if (at := each.edited_at)), default=None)

    @property
    def pinned_at(self) -> Micros | None:
        return max((at for each in self.live if (at := each.pinned_at)), default=None)

    @property
    def removed_at(self) -> Micros | None:
        """When the last message went; None: something stands, or nothing ever did."""
        if self.live:
            return None
        return max((at for each in self.slots if (at := each.removed_at)), default=None)

    @property
    def removed_by(self) -> str:
        """Who removed it by hand; "": the program did, or it stands."""
        if self.live:
            return ""
        return next((each.removed_by for each in self.slots if each.removed_by), "")


def version_at(versions: Sequence[Version], revision: int) -> int:
    """Number of the version that was the post's text at ``revision``."""
    return max((each.number for each in versions if each.revision <= revision), default=1)


def standing(
    channel: str,
    account: str,
    moves: Sequence[DeliveryTrace],
    slots: Sequence[Slot],
    versions: Sequence[Version],
    remarks: Sequence[Remark],
) -> Standing:
    """``moves``: the channel's deliveries, oldest first; ``versions``: at least one, in order;
    ``remarks``: the channel's, oldest first."""
    version, whole = _version(moves, slots, versions, remarks)
    live = [each for each in slots if each.removed_at is None]
    doubt = any(each.state is State.UNKNOWN for each in moves)
    if live:
        stands = Stands.WHOLE if whole else Stands.PART
    elif doubt:
        stands = Stands.UNKNOWN
    else:
        stands = Stands.REMOVED if slots else Stands.NOT_OUT
    current = version is not None and _current(channel, version, versions)
    current = current and stands is not Stands.PART
    wanted, why = _wanted(moves, remarks, current=current) if live else ("", "")
    return Standing(
        channel=channel,
        account=account,
        stands=stands,
        version=version,
        current=current,
        slots=tuple(slots),
        wanted=wanted,
        why=why,
        doubt=doubt,
    )


def _version(
    moves: Sequence[DeliveryTrace],
    slots: Sequence[Slot],
    versions: Sequence[Version],
    remarks: Sequence[Remark],
) -> tuple[int | None, bool]:
    """Which version arrived last, and whether nothing of it is missing."""
    found: int | None = None
    whole = False
    for each in moves:
        if each.kind is Kind.RECALL and each.step:
            whole = False
        if each.kind not in {Kind.POST, Kind.EDIT} or each.code == TAKEN_BACK:
            continue
        number = version_at(versions, each.revision)
        shows_it = each.state is State.CANCELLED and each.reason == NOTHING_LEFT
        if each.state is State.DELIVERED or shows_it:
            found, whole = number, True
        elif each.step:
            found, whole = (number if found is None else found), False
    if found is None and slots:  # a proof that came when its delivery was cancelled
        of = {each.id: each.revision for each in moves}
        found = version_at(versions, of.get(slots[0].delivery, 0))
    said = [each.version for each in remarks if each.what is RemarkKind.SAYS_SO and each.version]
    if found is not None and said and max(said) > found:
        found, whole = max(said), True
    return found, whole


def _current(channel: str, version: int, versions: Sequence[Version]) -> bool:
    there = next((each for each in versions if each.number == version), versions[0])
    return there.number == versions[-1].number or there.says(channel) == versions[-1].says(channel)


def _wanted(
    moves: Sequence[DeliveryTrace], remarks: Sequence[Remark], *, current: bool
) -> tuple[str, str]:
    """What was asked for and has not arrived, and why."""
    for each in reversed(moves):
        if each.kind is Kind.RECALL and _is_open(each):
            return "recall", _words(each)
    if refused := [each for each in remarks if each.what is RemarkKind.RECALL_REFUSED]:
        return "recall", refused[-1].why
    if current:
        return "", ""
    for each in reversed(moves):
        if each.kind is Kind.EDIT and each.state is not State.DELIVERED:
            return "edit", _words(each)
    if refused := [each for each in remarks if each.what is RemarkKind.EDIT_REFUSED]:
        return "edit", refused[-1].why
    unfinished = [each for each in moves if each.kind is Kind.POST and _is_open(each)]
    return ("post", _words(unfinished[-1])) if unfinished else ("edit", "")


def _is_open(move: DeliveryTrace) -> bool:
    return move.state not in _OVER


def _words(move: DeliveryTrace) -> str:
    return f"{move.state}: {move.reason}" if move.reason else move.state.value
