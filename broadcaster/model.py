"""What the product talks about: posts, channels, deliveries, messages and receipts.

Everything here is frozen and imports nothing of ours.  A ``Micros`` is an integer number of
microseconds since 1970 in UTC (the store's clock); a ``datetime`` always carries its offset.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Micros: TypeAlias = int
Digest: TypeAlias = str
"""SHA-256 of a file's bytes, in hexadecimal."""
FileKey: TypeAlias = str
"""What a platform keeps of an uploaded file: its bytes, and the kind and name it was given with."""


class State(StrEnum):
    """State of a delivery; :data:`EDGES` says which one may follow which."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    HELD = "held"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class EdgeCause(StrEnum):
    """Why a delivery goes from one state to another."""

    CLAIM = "claim"
    """The daemon takes up what stands at the head of a lane."""
    OUTCOME = "outcome"
    """A call, an upload or a look at a public page has ended."""
    PROOF = "proof"
    """A receipt came after its lease was over."""
    CLOCK = "clock"
    """A deadline has passed, or the daemon that had claimed it is gone."""
    GATE = "gate"
    """A channel or account was closed or opened, or the store restored."""
    SUCCESSION = "succession"
    """An edit or recall takes over from the delivery, or has nothing to take over."""
    PERSON = "person"
    """Cancel, retry, resolve, release, drop."""


EDGES: Mapping[State, Mapping[EdgeCause, frozenset[State]]] = {
    State.WAITING: {
        EdgeCause.CLAIM: frozenset({State.SENDING, State.FAILED}),
        EdgeCause.OUTCOME: frozenset({State.FAILED}),
        EdgeCause.PROOF: frozenset({State.SENDING}),
        EdgeCause.CLOCK: frozenset({State.MISSED, State.FAILED}),
        EdgeCause.GATE: frozenset({State.HELD}),
        EdgeCause.SUCCESSION: frozenset({State.CANCELLED, State.FAILED}),
        EdgeCause.PERSON: frozenset({State.CANCELLED}),
    },
    State.SENDING: {
        EdgeCause.OUTCOME: frozenset({State.DELIVERED, State.WAITING, State.FAILED, State.UNKNOWN}),
        EdgeCause.PROOF: frozenset({State.DELIVERED}),
        EdgeCause.CLOCK: frozenset({State.WAITING, State.UNKNOWN, State.FAILED}),
    },
    State.DELIVERED: {},
    State.UNKNOWN: {
        EdgeCause.OUTCOME: frozenset({State.DELIVERED, State.WAITING, State.CANCELLED}),
        EdgeCause.PROOF: frozenset({State.DELIVERED, State.WAITING, State.CANCELLED}),
        EdgeCause.PERSON: frozenset({State.DELIVERED, State.WAITING, State.CANCELLED}),
    },
    State.HELD: {
        EdgeCause.PROOF: frozenset({State.WAITING}),
        EdgeCause.GATE: frozenset({State.WAITING}),
        EdgeCause.SUCCESSION: frozenset({State.CANCELLED}),
        EdgeCause.PERSON: frozenset({State.WAITING, State.CANCELLED}),
    },
    State.FAILED: {
        EdgeCause.PROOF: frozenset({State.WAITING}),
        EdgeCause.SUCCESSION: frozenset({State.CANCELLED}),
        EdgeCause.PERSON: frozenset({State.WAITING, State.CANCELLED}),
    },
    State.MISSED: {
        EdgeCause.PROOF: frozenset({State.WAITING}),
        EdgeCause.SUCCESSION: frozenset({State.CANCELLED}),
        EdgeCause.PERSON: frozenset({State.WAITING, State.CANCELLED}),
    },
    State.CANCELLED: {},
}
"""The only edges between states: both databases refuse all others.

A change may walk several of them at once, as from ``held`` through ``waiting`` to ``missed``.  A
delivery is born ``waiting`` or ``held``.
"""


def after(state: State, causes: Collection[EdgeCause] = tuple(EdgeCause)) -> frozenset[State]:
    """States that may follow ``state`` by one edge, for any of ``causes``."""
    by_cause = EDGES[state]
    return frozenset(state for cause in causes for state in by_cause.get(cause, frozenset[State]()))


class Stage(StrEnum):
    """What a post stores of its own progress; its shown state is derived from its deliveries."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    PLANNED = "planned"
    FANNED_OUT = "fanned-out"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """Kind of a delivery."""

    POST = "post"
    EDIT = "edit"
    RECALL = "recall"
    PIN = "pin"
    """Pins or unpins: its message says which."""


class Verb(StrEnum):
    """What one message asks of the platform."""

    SEND = "send"
    EDIT = "edit"
    RECALL = "recall"
    PIN = "pin"
    UNPIN = "unpin"


class Scope(StrEnum):
    """What a refusal concerns: the whole account, or one channel of it."""

    ACCOUNT = "account"
    CHANNEL = "channel"


class MediaKind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    AUDIO = "audio"
    VOICE = "voice"
    ANIMATION = "animation"


class SpanKind(StrEnum):
    """Kinds of a :class:`Span`; an encoder maps each to the best its platform has."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"
    SPOILER = "spoiler"
    CODE = "code"
    PRE = "pre"
    LINK = "link"
    QUOTE = "quote"


class Secret:
    """A token or password that never shows itself: ``str`` and ``repr`` are ``***``.

    ``reveal()`` is the only way to the value; only code that puts it on the wire calls it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return "***"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is never pickled")


NO_SECRET = Secret()


class Permission(StrEnum):
    """What an actor may be allowed to do; :func:`broadcaster.app.permissions.require` asks."""

    SEE = "see"
    """See posts, states, reports and followers."""
    UPLOAD = "upload"
    """Attach files."""
    DRAFT = "draft"
    """Write a post that is not sent until somebody else approves it."""
    POST = "post"
    """Queue a post that is sent."""
    EDIT_OWN = "edit own"
    """Change one's own post, as :attr:`EDIT` does everybody's."""
    EDIT = "edit"
    """Change the text or hour of a post."""
    CANCEL = "cancel"
    """Take a post back before it is sent."""
    APPROVE = "approve"
    """Approve or reject a draft."""
    RECALL = "recall"
    """Remove a post from its channels."""
    PIN = "pin"
    """Pin a post in its channels."""
    RETRY = "retry"
    """Send what failed or was missed."""
    RELEASE = "release"
    """Send or drop what is held."""
    RESOLVE = "resolve"
    """Settle what is unknown."""
    SWITCH = "switch"
    """Switch accounts and channels off and on."""
    HALT = "halt"
    """Stop everything."""
    RESUME = "resume"
    """Lift a halt."""
    SCHEDULE = "schedule"
    """Add, change and remove schedules."""
    USERS = "users"
    """Add people and tokens, and change what they may do."""
    STORE = "store"
    """Restore, move and prune the store."""


class Door(StrEnum):
    """The way by which somebody acts."""

    CLI = "cli"
    WEB = "web"
    API = "api"
    SCHEDULE = "schedule"
    DAEMON = "daemon"


class Role(StrEnum):
    """A set of permissions that a person has; ``broadcaster.app.rights`` says which."""

    VIEWER = "viewer"
    WRITER = "writer"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and by which door; it stands in every row of the audit log."""

    name: str
    door: Door = Door.CLI
    given: Mapping[Permission, Collection[str] | None] = field(default_factory=dict, compare=False)
    """What the web and the API let it do: permission -> channels, None: everywhere."""
    behind: str = field(default="", compare=False)
    """The user whose token it is; empty: it is nobody's token."""

    @property
    def person(self) -> str:
        """Who writes and decides: the same for a user and for all tokens of theirs."""
        return self.behind or self.name

    @classmethod
    def of(cls, by: Actor | str) -> Actor:
        """``by``: an actor, or the owner's name of a daemon, which acts by its own door."""
        return by if isinstance(by, Actor) else cls(by, Door.DAEMON)

    def may(self, permission: Permission, channels: Collection[str] = ()) -> bool:
        """Whether ``permission`` is given for all of ``channels``; none of them: for everything.

        At the command line it is: whoever can write the store's files may do everything.
        """
        if self.door is not Door.WEB and self.door is not Door.API:
            return True
        if permission not in self.given:
            return False
        where = self.given[permission]
        return where is None or (bool(channels) and all(name in where for name in channels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One attached file, copied into the content-addressed media folder under its digest."""

    digest: Digest
    kind: MediaKind
    name: str
    mime: str
    size: int
    """Bytes."""
    width: int | None = None
    """Pixels, as displayed; so is ``height``."""
    height: int | None = None
    seconds: float | None = None
    frames: int | None = None
    """Of a photo that moves; None: it stands still, or is no photo."""
    colours: str | None = None
    """``cmyk``: of a picture whose colours are those of a printing press; None: as screens have."""

    @property
    def key(self) -> FileKey:
        """What a :class:`Handle` of it is kept under: readers see the name that was uploaded."""
        return f"{self.digest}/{self.kind}/{self.name}"


Pinning: TypeAlias = bool | Literal["replace"]
"""Whether a post is pinned; ``replace``: what we pinned in its channels before is unpinned then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A picture that was made of an attached one, for platforms that refuse the first."""

    of: Digest
    """The attached file."""
    media: Media
    loss: str
    """What was changed, in words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person chose for a whole post."""

    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = False
    test: bool = False
    urgent: bool = False
    """It goes out in quiet hours, too."""
    convert: bool | None = None
    """Whether pictures that a platform refuses are converted for it; None: as the config says."""
    album: str = ""
    """``all`` or ``first``: of several files where there are no albums; empty: as the config says.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a person wants said, once."""

    id: int
    source: str
    """Markdown, as written."""
    media: tuple[Media, ...] = ()
    options: Options = field(default_factory=Options)
    texts: Mapping[str, str] = field(default_factory=dict)
    """Channel name -> Markdown that replaces ``source`` there."""
    due: Micros
    created: Micros
    expires: Micros | None = None
    stage: Stage = Stage.PLANNED
    reply_to: int | None = None
    """Id of an earlier post of ours."""
    author: str = ""
    remove_at: Micros | None = None
    """When it is removed from its channels; None: never, or it has been done."""
    converted: tuple[Conversion, ...] = ()
    """What was made of ``media`` when they were attached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of :attr:`Text.plain`, counted in code points."""

    kind: SpanKind
    start: int
    length: int
    url: str | None = None
    """Target of a link; language of a ``pre``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Rich text: what readers see, and how it is set."""

    plain: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one posting call sends; two or more media are one album call."""

    index: int
    """Slot: index among the post's messages in this channel; receipts are kept per slot."""
    verb: Verb = Verb.SEND
    acts_on: int | None = None
    """Slot that an edit, recall, pin or unpin acts on."""
    text: str = ""
    """Wire text, or the caption."""
    markup: Mapping[str, Json] = field(default_factory=dict)
    """``parse_mode``, ``entities`` or ``metadata``, in the platform's own words."""
    media: tuple[Media, ...] = ()
    silent: bool = False
    pin: bool = False
    """Only where ``Limits.pin_at_send``."""
    preview: bool = True
    replaces: bool = False
    """Of an edit: its file is another than the one that stands there."""
    unpins_others: bool = False
    """Of a pin: what we pinned in the channel before is unpinned then."""


def brings_files(message: Message) -> bool:
    """Whether its call needs its files: to post them, or to put one in the place of another."""
    return message.verb is Verb.SEND or message.replaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A post as one channel will receive it."""

    messages: tuple[Message, ...]
    lost: tuple[str, ...] = ()
    """What the platform cannot show, in words for people."""
    notes: tuple[str, ...] = ()
    """What was added for this channel, likewise."""
    digest: str
    """SHA-256 over the messages; approval binds to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A platform's name for an uploaded file, reusable within the account."""

    value: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of one message: the platform's ids, one per item of an album."""

    ids: tuple[str, ...] = ()
    at: datetime | None = None
    handles: Mapping[FileKey, Handle] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One named destination: an account and an address."""

    name: str
    account: str
    address: str
    username: str = ""
    """Public name, without ``@``, for links and verification."""
    title: str = ""
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Credentials at a platform, as an adapter receives them."""

    name: str
    platform: str
    token: Secret = NO_SECRET
    base_url: str
    reader_url: str | None = None
    proxy: str | None = field(default=None, repr=False)  # may hold a password
    config: object = None
    """An instance of ``Platform.config``: the platform's own keys only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One post, edit, recall or pin on its way to one channel."""

    id: int
    post: int
    channel: str
    kind: Kind
    revision: int
    state: State
    order_at: Micros
    next_at: Micros
    deadline: Micros | None
    attempts: int
    reason: str = ""
    receipts: Mapping[int, Receipt] = field(default_factory=dict)
