"""People, their rights, sessions and tokens, as the store keeps them.

A secret never stands here: passwords as argon2id hashes, all others (session ids, tokens, links,
recovery codes) as SHA-256 of their 256 random bits, TOTP secrets encrypted by the web process.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.model import Actor, Json, Micros, Role

EVERYWHERE = ""
"""The place of a grant that holds for all channels."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, for one group, account or channel; :data:`EVERYWHERE`: for all."""

    role: Role
    place: str = EVERYWHERE

    def __str__(self) -> str:
        """``writer`` or ``writer:ministry``, as the command line takes it."""
        return f"{self.role}:{self.place}" if self.place else self.role.value


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person.  The name is never given to somebody else, not even after a removal."""

    id: int
    name: str
    display: str
    grants: tuple[Grant, ...]
    language: str
    os_user: str | None
    """The account on this machine that is the same person."""
    has_password: bool
    has_totp: bool
    created: Micros
    disabled_at: Micros | None
    removed_at: Micros | None

    @property
    def active(self) -> bool:
        return self.disabled_at is None and self.removed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What may be said of a user when one is added, or afterwards."""

    display: str = ""
    language: str = ""
    """Empty: the office's."""
    os_user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is checked against."""

    user: User
    password: str | None
    """argon2id, in the PHC string format."""
    totp: str | None
    """Encrypted by the web process; None: no second factor."""


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    SETUP = "setup"
    """Of the first administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A one-time link by which somebody chooses a password."""

    user: User
    purpose: LinkPurpose
    expires: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    hash: str
    user: User
    created: Micros
    seen: Micros
    confirmed: Micros
    """When the person last gave a password or code; sensitive acts ask again."""
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session lasts, in microseconds."""

    idle: Micros
    whole: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token of the API; what it may is its scopes, as far as its owner may."""

    hash: str
    name: str
    scopes: tuple[str, ...]
    places: tuple[str, ...]
    """Groups, accounts or channels; empty: all of its owner's."""
    networks: tuple[str, ...]
    """Address ranges that it is taken from; empty: any."""
    expires: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    id: int
    name: str
    owner: User
    scopes: tuple[str, ...]
    places: tuple[str, ...]
    networks: tuple[str, ...]
    created: Micros
    expires: Micros
    used: Micros | None
    revoked_at: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long somebody waits after failures: the first ``free`` cost nothing."""

    free: int = 5
    first: Micros = 60_000_000
    longest: Micros = 3_600_000_000


USUAL_WAITS = Waits()


class ActVerdict(StrEnum):
    """What became of an act that a second administrator has to agree to."""

    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAct:
    """A sensitive act that waits for a second administrator."""

    id: int
    act: str
    detail: dict[str, Json]
    asked_by: User
    asked_at: Micros
    expires: Micros
    verdict: ActVerdict | None
    decided_by: str


class People(ABC):
    """The people of an office.  Each verb is one transaction, and each change has its audit row.

    ``now``: None means the store's clock.  Verbs that name a user raise
    :class:`~broadcaster.errors.NotFound` when there is none of that name.
    """

    @abstractmethod
    def users(self) -> list[User]:
        """All who were not removed, by name."""

    @abstractmethod
    def user(self, name: str) -> User: ...

    @abstractmethod
    def os_user(self, name: str) -> User | None:
        """The active user who has the account ``name`` on this machine."""

    @abstractmethod
    def names_of(self, name: str) -> frozenset[str]:
        """The names of the person who comes as ``name``: of the user, and of the account here."""

    @abstractmethod
    def add(
        self,
        by: Actor,
        name: str,
        grants: Collection[Grant],
        profile: Profile,
        *,
        now: Micros | None = None,
    ) -> User:
        """:raises Conflict: the name, or the account on this machine, is somebody's."""

    @abstractmethod
    def grant(
        self, by: Actor, name: str, grants: Collection[Grant], *, now: Micros | None = None
    ) -> User:
        """Replace all grants; the person's sessions end.

        :raises Conflict: nobody would be left who may manage people.
        """

    @abstractmethod
    def describe(
        self, by: Actor, name: str, profile: Profile, *, now: Micros | None = None
    ) -> User: ...

    @abstractmethod
    def disable(self, by: Actor, name: str, *, now: Micros | None = None) -> User:
        """End all sessions of a user, and let nobody sign in as them.

        :raises Conflict: nobody would be left who may manage people.
        """

    @abstractmethod
    def enable(self, by: Actor, name: str, *, now: Micros | None = None) -> User: ...

    @abstractmethod
    def remove(self, by: Actor, name: str, *, now: Micros | None = None) -> User:
        """Disable for good; the name stays in the record.

        :raises Conflict: nobody would be left who may manage people.
        """

    @abstractmethod
    def credentials(self, name: str) -> Credentials | None:
        """None: no active user has that name."""

    @abstractmethod
    def set_password(
        self, by: Actor, name: str, password: str, *, keep: str = "", now: Micros | None = None
    ) -> None:
        """End all sessions but ``keep``, and make unused links worthless."""

    @abstractmethod
    def rehash(self, name: str, old: str, new: str) -> None:
        """Store the same password hashed by newer parameters, unless it was changed meanwhile."""

    @abstractmethod
    def set_totp(
        self,
        by: Actor,
        name: str,
        secret: str | None,
        recovery: Collection[str],
        *,
        keep: str = "",
        now: Micros | None = None,
    ) -> None:
        """Set or remove the second factor with its recovery codes; sessions but ``keep`` end."""

    @abstractmethod
    def use_totp(self, name: str, step: int) -> bool:
        """Take the code of a time step; False: it, or a later one, was used before."""

    @abstractmethod
    def use_recovery(self, name: str, code: str, *, now: Micros | None = None) -> bool:
        """Take a recovery code; False: there is none such that was not used before."""

    @abstractmethod
    def invite(
        self,
        by: Actor,
        name: str,
        link: str,
        purpose: LinkPurpose,
        lasts: Micros,
        *,
        now: Micros | None = None,
    ) -> Link:
        """Make a one-time link; earlier ones of the same person are worthless from then on."""

    @abstractmethod
    def link(self, link: str, *, now: Micros | None = None) -> Link | None:
        """None: it was used, has expired, or never was."""

    @abstractmethod
    def follow(
        self, by: Actor, link: str, password: str, *, now: Micros | None = None
    ) -> User | None:
        """Use a link: set the password that was chosen.  None: it is worthless."""

    @abstractmethod
    def sign_in(
        self,
        by: Actor,
        name: str,
        session: str,
        *,
        address: str,
        agent: str,
        now: Micros | None = None,
    ) -> Session: ...

    @abstractmethod
    def note(
        self,
        by: Actor,
        verb: str,
        refused: str,
        detail: dict[str, Json],
        *,
        now: Micros | None = None,
    ) -> None:
        """Put a row into the audit log: a refused sign-in, an export, a use of a right."""

    @abstractmethod
    def session(
        self,
        session: str,
        limits: SessionLimits,
        *,
        touch: bool = True,
        now: Micros | None = None,
    ) -> Session | None:
        """None: it has ended, is too old or was idle for too long, or its user is not active.

        ``touch`` False: the person does nothing by it, so it goes on being idle.
        """

    @abstractmethod
    def confirm(self, session: str, *, now: Micros | None = None) -> None:
        """Note that the person has just given a password or code again."""

    @abstractmethod
    def sessions(self, name: str) -> list[Session]: ...

    @abstractmethod
    def end_sessions(
        self, by: Actor, name: str, *, only: str = "", keep: str = "", now: Micros | None = None
    ) -> int:
        """End those of a user: all, ``only`` one, or all but ``keep``; returns how many."""

    @abstractmethod
    def add_token(
        self, by: Actor, owner: str, token: NewToken, *, now: Micros | None = None
    ) -> Token:
        """:raises Conflict: a token of this owner has the same name."""

    @abstractmethod
    def tokens(self) -> list[Token]:
        """All that are not revoked, by owner and name."""

    @abstractmethod
    def token(self, token: str, *, now: Micros | None = None) -> Token | None:
        """None: it was revoked, has expired, never was, or its owner is not active."""

    @abstractmethod
    def revoke(self, by: Actor, token: int, *, now: Micros | None = None) -> Token:
        """:raises NotFound: no such token."""

    @abstractmethod
    def waits(self, keys: Sequence[str], *, now: Micros | None = None) -> Micros:
        """How long, in microseconds, the longest-throttled of ``keys`` has to wait; 0: not."""

    @abstractmethod
    def failed(
        self, keys: Sequence[str], waits: Waits = USUAL_WAITS, *, now: Micros | None = None
    ) -> Micros:
        """Count one failure of each key; returns how long the longest has to wait from now on."""

    @abstractmethod
    def succeeded(self, keys: Sequence[str]) -> None:
        """Forget the failures of ``keys``."""

    @abstractmethod
    def ask(
        self,
        by: Actor,
        name: str,
        act: str,
        detail: dict[str, Json],
        lasts: Micros,
        *,
        now: Micros | None = None,
    ) -> PendingAct:
        """Note that ``name`` asks for an act that a second administrator must agree to."""

    @abstractmethod
    def pending(self, *, now: Micros | None = None) -> list[PendingAct]:
        """Those that are not decided and have not expired, oldest first."""

    @abstractmethod
    def decide(
        self, by: Actor, name: str, act: int, verdict: ActVerdict, *, now: Micros | None = None
    ) -> PendingAct:
        """
        :raises NotFound: no such act.
        :raises Refused: it is decided, has expired, or is one's own.
        """
