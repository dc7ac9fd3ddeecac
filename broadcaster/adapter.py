"""The port to the messengers: types only.

A messenger is a :class:`Platform` (facts: pure, importable without a network stack), an
:class:`Adapter` (client) and, for tests and demos, a fake server.  What a platform can do beyond
``send`` and ``probe`` it says by the small ABCs it implements; ``Platform.verbs`` names the same.

Every coroutine here raises the tree of :mod:`broadcaster.errors`.  All but ``send`` may be
repeated, so for them "in doubt" only means "try again later".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from broadcaster.model import (
    Account,
    Channel,
    Digest,
    FileKey,
    Handle,
    Json,
    Media,
    MediaKind,
    Message,
    Receipt,
    Text,
)

T = TypeVar("T")

VERBS = frozenset({"upload", "edit", "recall", "pin", "unpin", "audience", "find"})
"""All that ``Platform.verbs`` may hold: one word for each optional ABC below."""


class Measure(StrEnum):
    """What a platform counts when it limits a text."""

    CHARS = "chars"
    UTF16 = "utf16"
    UTF8 = "utf8"


class Proven(StrEnum):
    """How far an adapter is proven: against our fake, recorded answers, or the real platform."""

    SANDBOX = "sandbox"
    RECORDED = "recorded"
    LIVE = "live"


class AlbumMix(StrEnum):
    """Which kinds may stand together in one album."""

    NONE = "none"
    SAME = "same"
    """All of one kind."""
    VISUAL = "visual"
    """Photos and videos together; documents, or audio files, among themselves."""
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """``count`` calls in ``per_s`` seconds."""

    count: int
    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """How many follow a channel, and who says so."""

    number: int
    exact: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T]):
    """A number with where it is from; ``seen`` is the day somebody checked it on the real platform.

    ``value`` None means nobody knows.  Text, caption and album are never None: a cautious guess
    says ``source="guess"``; "no album" is ``(1, 1)``; "no time limit" is ``timedelta.max``.
    """

    value: T | None
    source: str
    seen: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which pictures a platform shows; any other goes as a document.  None: it sets no limit."""

    sides: int | None = None
    """Width and height together, pixels."""
    ratio: float | None = None
    """The longer side by the shorter one."""
    pixels: int | None = None
    """Width times height."""


DECODED = Fact(
    value=Shape(pixels=178_956_970),
    source="guess: more is taken for a bomb by Pillow, a widespread decoder of pictures",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a platform allows, each number with its source and confidence."""

    measure: Measure
    text: Fact[int]
    caption: Fact[int]
    album: Fact[tuple[int, int]]
    album_mix: AlbumMix = AlbumMix.NONE
    media: Mapping[MediaKind, Fact[int]] = field(default_factory=dict)
    """Largest file in bytes; a kind that is absent cannot be sent."""
    formats: Mapping[MediaKind, Fact[frozenset[str]]] = field(default_factory=dict)
    """MIME types that a kind may have; a kind that is absent may have any."""
    photo: Fact[Shape] = DECODED
    tells_kind: bool = False
    """It tells by itself what a file is: no picture can be sent as a document instead."""
    uncaptioned: frozenset[MediaKind] = frozenset()
    """Kinds that take no caption: the words are a message of their own."""
    account_rate: Fact[Rate]
    channel_rate: Fact[Rate]
    quiet: Fact[float]
    """Seconds to wait after a rate limit that names no delay."""
    edit_within: Fact[timedelta]
    recall_within: Fact[timedelta]
    edits_caption: bool = False
    edits_media: frozenset[MediaKind] = frozenset()
    """Kinds of files of which one that is out can be replaced by another."""
    silent: bool = False
    preview_switch: bool = False
    reply: bool = False
    pin_at_send: bool = False
    idempotent_send: bool = False


@dataclass(frozen=True, slots=True)
class NoKeys:
    """A platform that needs no keys of its own in the config."""


def _no_page(_channel: Channel) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The facts of one messenger; building one imports no network library."""

    name: str
    title: str
    """As Persian readers know it."""
    jurisdiction: str
    """``foreign`` or ``domestic``."""
    limits: Limits
    proven: Proven
    proven_on: date | None = None
    base_url: str
    reader_url: str | None = None
    senders: int
    """Posting calls at once, unless the config says otherwise."""
    config: type[Any] = NoKeys
    """The platform's own keys in ``[platforms.NAME]``.

    A frozen dataclass of bool, int and str, which may refuse a value by a ValueError of its
    ``__post_init__``.
    """
    verbs: frozenset[str] = frozenset()
    encode: Callable[[Text], tuple[str, Mapping[str, Json]]]
    """Pure: rich text -> (wire text, markup); lengths are measured on the wire text."""
    links: Callable[[str], bool] = bool
    """Whether a link may lead to a target; others are written out. Empty targets never are."""
    narrow: Callable[[Limits, Any], Limits] | None = None
    """Own config -> the limits that hold with it."""
    link: Callable[[Channel, str], str | None]
    """Public address of a message id, or None where no public form is known."""
    address: Callable[[str], str]
    """Normalises a channel address; ValueError says why not."""
    needs_token: bool = True
    message_id: Callable[[Channel, str], str] | None = None
    """The id that a person means by a number or by the link that the app copies.

    ValueError says why it cannot be one of that channel, and what to write.  None: any word can be
    one, and links are not known.
    """
    page: Callable[[Channel], str | None] = _no_page
    """Public page of a channel, or None where it has none or no form is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an adapter is asked to put on the wire."""

    channel: Channel
    message: Message
    key: str
    """The same at each attempt at this message."""
    deadline: float
    """``time.monotonic()`` value after which no byte may leave."""
    ids: tuple[str, ...] = ()
    """Edit, recall, pin: the platform's ids to act on."""
    reply_to: str | None = None
    paths: Mapping[Digest, Path] = field(default_factory=dict)
    handles: Mapping[FileKey, Handle] = field(default_factory=dict)
    """By :attr:`Media.key`; a file without one is to be uploaded from its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What could be verified without posting; ``advice`` is what a person should do."""

    ok: bool
    verified: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """It is there, under these ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Not on a page that was current; ``newest_at`` is the time of its newest post."""

    newest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """The page does not say."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Nobody can look: the channel shows its posts to nobody who is not in it."""

    why: str


Found: TypeAlias = Present | Absent | Undecided | Hidden


class Adapter(ABC):
    """Client of one account.

    ``watched`` is True only for classes that send every byte through ``broadcaster.kit``: for
    them an error that came before the first byte is known to be one.
    """

    platform: ClassVar[Platform]
    watched: ClassVar[bool] = False

    def __init__(self, account: Account) -> None:
        self.account = account

    async def open(self) -> None:  # noqa: B027 (an optional step, not an abstract one)
        """Get ready, without any I/O: a platform that is filtered must not stop the daemon."""

    async def close(self) -> None:  # noqa: B027 (as above)
        """Let go of connections; called once, after the last send."""

    @abstractmethod
    async def send(self, call: Call) -> Receipt:
        """Make the ONE posting call of ``call.message``.

        :raises SendError: see :mod:`broadcaster.errors`.
        """

    @abstractmethod
    async def probe(self, channel: Channel | None) -> Probe:
        """Check the token (``channel`` None) or the right to post in ``channel``; posts nothing."""


class Uploader(ABC):
    @abstractmethod
    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        """Give the file to the platform without posting it."""


class Editable(ABC):
    @abstractmethod
    async def edit(self, call: Call) -> Receipt:
        """Replace text or caption of ``call.ids``; "not modified" is success.

        With ``call.message.replaces`` its file as well, which only platforms are asked for that
        claim ``Limits.edits_media``; the receipt may bring a handle of the new file.
        """


class Recallable(ABC):
    @abstractmethod
    async def recall(self, call: Call) -> None:
        """Delete ``call.ids``; "already gone" is success."""


class Pinnable(ABC):
    @abstractmethod
    async def pin(self, call: Call) -> None:
        """Pin ``call.ids[0]``."""


class Unpinnable(ABC):
    @abstractmethod
    async def unpin(self, call: Call) -> None:
        """Unpin ``call.ids[0]``; "not pinned" and "gone" are success."""


class Countable(ABC):
    @abstractmethod
    async def audience(self, channel: Channel) -> Audience:
        """How many follow the channel."""


class Verifiable(ABC):
    def hidden(self, channel: Channel) -> str:
        """Why nobody can look at the posts of ``channel``, by its settings alone; "": one can.

        What only a look can tell, :meth:`find` answers by :class:`Hidden`.
        """
        return ""

    @abstractmethod
    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        """Look on the reader's side for the message of ``call``.

        ``since``: posts before it do not count; ``known``: ids that a receipt owns already.
        """


ABCS: Mapping[str, type[ABC]] = {
    "upload": Uploader,
    "edit": Editable,
    "recall": Recallable,
    "pin": Pinnable,
    "unpin": Unpinnable,
    "audience": Countable,
    "find": Verifiable,
}
