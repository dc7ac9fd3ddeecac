"""What is queued: a post with a rendering for each of its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from broadcaster.errors import Conflict
from broadcaster.model import Conversion, Door, Media, Micros, Options, Rendering, Stage


class KeyConflict(Conflict):
    """The key was used before for another content; ``post`` is that post's id."""

    def __init__(self, message: str, *, post: int) -> None:
        super().__init__(message)
        self.post = post


class SlotTaken(Conflict):
    """Another post has just taken the slot."""


class Target(NamedTuple):
    """One channel of a new post, with its rendering; a tuple, because there may be thousands."""

    channel: str
    account: str
    rendering: Rendering
    deadline: Micros | None = None
    """Not begun by then: missed."""
    off: bool = False
    """Off in the config when planned: its delivery is born held and does not count."""


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
    """The list of slots that ``due`` is one of; no other post may have taken it."""
    stage: Stage = Stage.PLANNED
    reply_to: int | None = None
    corrects: int | None = None
    """Id of the post whose text it corrects, where the platform cannot edit."""
    author: str = ""
    door: Door = Door.CLI
    """By which way ``author`` acts."""
    targets: tuple[Target, ...]
    approvals: int = 0
    """DRAFT: so many people its channels demand; 0: none does."""
    lapses_at: Micros | None = None
    """DRAFT: not approved by then: missed; None: it has no hour, and goes out when approved."""
    key: str | None = None
    fingerprint: str = ""
    """Digest of text, overrides, media, targets as typed and flags, not of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """``existing``: its key had queued it before."""

    post: int
    existing: bool = False
