"""People and tokens: adding them, changing what they may do, taking them away."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from broadcaster.app.permissions import require
from broadcaster.app.rights import SCOPES
from broadcaster.app.tickets import TOKEN_PREFIX, ticket
from broadcaster.config.names import JURISDICTIONS, nearest
from broadcaster.config.settings import Settings
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Actor, Json, Micros, Permission, Role
from broadcaster.planning.plan import micros
from broadcaster.store.people import (
    Credentials,
    Grant,
    Link,
    LinkPurpose,
    NewToken,
    Profile,
    Session,
    SessionLimits,
    Token,
    User,
)

if TYPE_CHECKING:
    from broadcaster.app.office import Office, Store

__all__ = [
    "Credentials",
    "Grant",
    "Invited",
    "IssuedToken",
    "Link",
    "LinkPurpose",
    "Profile",
    "Session",
    "SessionLimits",
    "Token",
    "TokenWish",
    "User",
]

HOUR: Micros = 3_600_000_000
LINK_LASTS: dict[LinkPurpose, Micros] = {
    LinkPurpose.INVITATION: 24 * HOUR,
    LinkPurpose.RESET: HOUR,
    LinkPurpose.SETUP: HOUR // 4,
}
MOST_DAYS = 365
"""That a token lasts."""
_NAME = re.compile(r"\w[\w.@\u200c-]{0,63}")
_TOKEN_NAME = re.compile(r"\w[\w .\u200c-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A user with the one-time link by which the person chooses a password."""

    user: User
    address: str
    """Shown once; the store keeps its hash."""
    expires: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token; ``secret`` is shown once."""

    token: Token
    secret: str


def grants(settings: Settings, texts: Iterable[str]) -> list[Grant]:
    """``writer`` or ``writer:ministry``: a role, and where it holds.

    :raises InputError: no such role, group, account or channel; or none at all.
    """
    found = [_grant(settings, text) for text in texts]
    if not found:
        raise InputError(say("give at least one role: {role}", role=joined(", ", Role)))
    return sorted(set(found))


def add(
    office: Office,
    store: Store,
    actor: Actor,
    name: str,
    roles: Collection[str],
    profile: Profile,
) -> Invited:
    """Add a person.

    :raises InputError: the name cannot be one.
    :raises Conflict: the name, or the account on this machine, is somebody's.
    """
    require(actor, Permission.USERS)
    if not _NAME.fullmatch(name):
        raise InputError(
            say(
                '"{name}" cannot be a user: use letters, digits and . _ - @, up to 64 characters',
                name=name,
            )
        )
    given = grants(office.settings, roles)
    first = not store.people.users()
    store.people.add(actor, name, given, profile)
    return invite(
        office, store, actor, name, LinkPurpose.SETUP if first else LinkPurpose.INVITATION
    )


def invite(
    office: Office, store: Store, actor: Actor, name: str, purpose: LinkPurpose = LinkPurpose.RESET
) -> Invited:
    """Make a new one-time link for a user; earlier ones are worthless from then on."""
    require(actor, Permission.USERS)
    made = ticket()
    link: Link = store.people.invite(actor, name, made.hash, purpose, LINK_LASTS[purpose])
    return Invited(
        user=link.user, address=f"{base(office)}/link/{made.secret}", expires=link.expires
    )


def base(office: Office) -> str:
    """The address at which people reach the web process."""
    web = office.settings.web
    if web.url:
        return web.url
    return "http://localhost" if web.listen.startswith("unix:") else f"http://{web.listen}"


def set_roles(
    office: Office, store: Store, actor: Actor, name: str, roles: Collection[str]
) -> User:
    """Replace what a user may do; the person has to sign in again."""
    require(actor, Permission.USERS)
    return store.people.grant(actor, name, grants(office.settings, roles))


def describe(store: Store, actor: Actor, name: str, profile: Profile) -> User:
    require(actor, Permission.USERS)
    return store.people.describe(actor, name, profile)


def disable(store: Store, actor: Actor, name: str) -> User:
    """Let nobody sign in as ``name`` until :func:`enable`; sessions end now."""
    require(actor, Permission.USERS)
    return store.people.disable(actor, name)


def enable(store: Store, actor: Actor, name: str) -> User:
    require(actor, Permission.USERS)
    return store.people.enable(actor, name)


def remove(store: Store, actor: Actor, name: str) -> User:
    """Disable for good; the name stays in the record, and is given to nobody else."""
    require(actor, Permission.USERS)
    return store.people.remove(actor, name)


def end_sessions(store: Store, actor: Actor, name: str) -> int:
    require(actor, Permission.USERS)
    return store.people.end_sessions(actor, name)


def remove_factor(store: Store, actor: Actor, name: str) -> None:
    """Take away a second factor that somebody has lost; sessions end."""
    require(actor, Permission.USERS)
    store.people.set_totp(actor, name, None, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """A token as somebody asks for it."""

    name: str
    scopes: tuple[str, ...]
    places: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    days: int = 90


def add_token(
    office: Office, store: Store, actor: Actor, owner: str, wish: TokenWish
) -> IssuedToken:
    """Make a token of the API for ``owner``.

    :raises InputError: no such scope or place, no network, or it would last too long.
    :raises Conflict: the owner has one of that name.
    """
    require(actor, Permission.USERS)
    if not _TOKEN_NAME.fullmatch(wish.name):
        raise InputError(
            say('"{wish}" cannot be the name of a token: use a few words', wish=wish.name)
        )
    if not wish.scopes:
        raise InputError(say("give at least one scope: {scopes}", scopes=joined(", ", SCOPES)))
    for scope in wish.scopes:
        if scope not in SCOPES:
            known = joined(", ", SCOPES)
            raise InputError(
                say(
                    '"{scope}" is no scope{nearest}; scopes: {known}',
                    scope=scope,
                    nearest=nearest(scope, SCOPES),
                    known=known,
                )
            )
    for place in wish.places:
        _check_place(office.settings, place)
    if not 1 <= wish.days <= MOST_DAYS:
        raise InputError(say("a token lasts from 1 to {most_days} days", most_days=MOST_DAYS))
    made = ticket(TOKEN_PREFIX)
    new = NewToken(
        hash=made.hash,
        name=wish.name,
        scopes=tuple(dict.fromkeys(wish.scopes)),
        places=tuple(dict.fromkeys(wish.places)),
        networks=tuple(_network(each) for each in wish.networks),
        expires=micros(office.times.now()) + wish.days * 24 * HOUR,
    )
    return IssuedToken(token=store.people.add_token(actor, owner, new), secret=made.secret)


def revoke(store: Store, actor: Actor, token: int) -> Token:
    require(actor, Permission.USERS)
    return store.people.revoke(actor, token)


def user_json(user: User) -> dict[str, Json]:
    return {
        "name": user.name,
        "display": user.display,
        "roles": [str(grant) for grant in user.grants],
        "language": user.language or None,
        "os_user": user.os_user,
        "has_password": user.has_password,
        "has_totp": user.has_totp,
        "disabled": not user.active,
    }


def roles_text(user: User) -> str:
    return joined(", ", map(str, user.grants))


def token_json(token: Token) -> dict[str, Json]:
    return {
        "id": token.id,
        "name": token.name,
        "owner": token.owner.name,
        "scopes": list(token.scopes),
        "places": list(token.places),
        "networks": list(token.networks),
        "created": token.created,
        "expires": token.expires,
        "used": token.used,
    }


def _grant(settings: Settings, text: str) -> Grant:
    role, colon, place = text.partition(":")
    if role not in set(Role):
        raise InputError(
            say(
                '"{role}" is no role{nearest}; roles: {role2}',
                role=role,
                nearest=nearest(role, list(Role)),
                role2=joined(", ", Role),
            )
        )
    if colon:
        _check_place(settings, place)
    return Grant(Role(role), place)


def _check_place(settings: Settings, place: str) -> None:
    known = {*settings.channels, *settings.groups, *settings.accounts, *JURISDICTIONS}
    if place not in known:
        hint = nearest(place, sorted(known))
        raise InputError(
            say('"{place}" is no channel, group or account{hint}', place=place, hint=hint)
        )


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise InputError(
            say('"{text}" is no address or network; write one such as 10.0.0.0/8', text=text)
        ) from None
