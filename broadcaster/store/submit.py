"""Values for queueing posts, each with a rendering for each of its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from broadcaster.errors import Conflict
from broadcaster.model import Conversion, Door, Media, Micros, Options, Rendering, Stage


class KeyConflict(Conflict):
    """The key was used before for other content, by the post with the id ``post``."""

    def __init__(self, message: str, *, post: int) -> None:
        super().__init__(message)
        self.post = post


class SlotTaken(Conflict):
    """Another post has just taken the slot."""


class Target(NamedTuple):
    """One channel of a new post, with its rendering.  A tuple: a post may have thousands."""

    channel: str
    account: str
    rendering: Rendering
    deadline: Micros | None = None
    """When the delivery is missed, if it has not begun; None: never."""
    off: bool = False
    """Whether the channel was off when the post was planned: its delivery starts as held and does
    not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to queue; ``due`` None means at once."""

    source: str
    media: tuple[Media, ...] = ()
    converted: tuple[Conversion, ...] = ()
    options: Options = field(default_factory=Options)
    texts: Mapping[str, str] = field(default_factory=dict)
    due: Micros | None = None
    expires: Micros | None = None
    remove_at: Micros | None = None
    """When it is removed from its channels; None: it stays."""
    slot: str | None = None
    """The list of posting slots that ``due`` belongs to; a slot holds one post."""
    stage: Stage = Stage.PLANNED
    reply_to: int | None = None
    corrects: int | None = None
    """Id of the post whose text it corrects, where the platform cannot edit."""
    author: str = ""
    door: Door = Door.CLI
    """The door by which ``author`` acts."""
    targets: tuple[Target, ...]
    approvals: int = 0
    """DRAFT: number of approvals that its channels require; 0: none."""
    lapses_at: Micros | None = None
    """DRAFT: when it is missed, if nobody approved it; None: never, it is sent when approved."""
    key: str | None = None
    fingerprint: str = ""
    """Digest of text, overrides, media, targets as typed and flags, but not of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The result of queueing a post; ``existing``: it had been queued before by its key."""

    post: int
    existing: bool = False
