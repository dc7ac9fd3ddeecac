"""Who calls: by a session's cookie, a token of the API, a trusted proxy, or the Unix socket."""

from __future__ import annotations

import hmac
import ipaddress
import pwd
import socket
import struct
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from aiohttp import web

from broadcaster.app import rights
from broadcaster.app.people import SessionLimits
from broadcaster.app.tickets import TOKEN_PREFIX, hash_of
from broadcaster.language import say
from broadcaster.model import Actor, Door, Micros, Permission
from broadcaster.web.headers import Client, client_of
from broadcaster.web.problems import API, Problem
from broadcaster.web.state import CALLER, CLIENT, Console, console

if TYPE_CHECKING:
    from broadcaster.app.people import Session, Token, User

COOKIE = "__Host-broadcaster"
PLAIN_COOKIE = "broadcaster"
"""Where ``insecure_http`` allows it beyond this machine: browsers keep no secure cookie there."""
IDLE: Micros = 30 * 60 * 1_000_000
HOUR: Micros = 3_600_000_000
FRESH: Micros = 10 * 60 * 1_000_000
"""So long after a password or code, sensitive acts do not ask for it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person, or a program with a token, and what it may."""

    user: User
    actor: Actor
    client: Client
    session: Session | None = None
    token: Token | None = None
    form_key: str = ""
    """What a form of this session must send back; empty: no form is believed."""

    confined: bool = False
    """Whether a second factor has to be set up before anything else."""

    @property
    def language(self) -> str:
        return self.user.language

    def may(self, permission: Permission) -> bool:
        """Whether it is allowed anywhere."""
        where = self.actor.given.get(permission, ())
        return where is None or bool(where)


async def identify(request: web.Request, *, touch: bool = True) -> Caller | None:
    """Who calls; None: nobody that is known.

    ``touch`` False: the person did nothing, so that a session goes on being idle.

    :raises Problem: a token, or a header of a trusted proxy, names nobody who may come in.
    """
    found = console(request)
    client = request[CLIENT]
    if (authorization := request.headers.get("Authorization")) is not None:
        return await _by_token(found, client, authorization)
    if (name := _socket_user(request)) is not None:
        user = await found.ask(found.store.people.os_user, name)
        if user is not None:
            return _person(found, user, client, Door.API)
    settings = found.office.settings.web
    if settings.login == "header" and client.trusted:
        return await _by_header(found, client, request.headers.get(settings.login_header, ""))
    secret = request.cookies.get(COOKIE) or request.cookies.get(PLAIN_COOKIE)
    return await _by_session(found, client, secret, touch=touch) if secret else None


def required(request: web.Request) -> Caller:
    """Who calls.  :raises Problem: nobody that is known."""
    caller: Caller | None = request[CALLER]
    if caller is None:
        headers = {"WWW-Authenticate": "Bearer"} if request.path.startswith(API) else None
        raise Problem(401, say("sign in first, or send a token"), headers=headers)
    return caller


def client(request: web.Request) -> Client:
    return client_of(request, console(request).office.settings.web.trusted_proxies)


def limits(found: Console) -> SessionLimits:
    return SessionLimits(idle=IDLE, whole=found.office.settings.web.session_hours * HOUR)


def form_key(secret: str) -> str:
    """Bound to the session, and no way back to its secret."""
    return sha256(b"form " + secret.encode("utf-8", "replace")).hexdigest()


def is_fresh(caller: Caller) -> bool:
    """Whether a password or code was given lately, where a session stands for it."""
    session = caller.session
    return session is None or time.time() * 1_000_000 - session.confirmed <= FRESH


def is_form_key(caller: Caller, sent: str) -> bool:
    known = caller.form_key
    return bool(known) and hmac.compare_digest(known.encode(), sent.encode("utf-8", "replace"))


async def _by_session(found: Console, client: Client, secret: str, *, touch: bool) -> Caller | None:
    session = await found.ask(
        found.store.people.session, hash_of(secret), limits(found), touch=touch
    )
    if session is None:
        return None
    return _person(found, session.user, client, Door.WEB, session=session, key=form_key(secret))


async def _by_token(found: Console, client: Client, authorization: str) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    wrong = Problem(
        401,
        say("this token is not valid: it is wrong, was revoked or has expired"),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
    if scheme.casefold() != "bearer" or not secret.strip().startswith(TOKEN_PREFIX):
        raise wrong
    token = await found.ask(found.store.people.token, hash_of(secret.strip()))
    if token is None or not _comes_from(client.address, token.networks):
        raise wrong
    actor = Actor(
        say("token {token} of {owner}", token=token.name, owner=token.owner.name),
        Door.API,
        rights.of_token(found.office.settings, token),
        behind=token.owner.name,
    )
    return Caller(user=token.owner, actor=actor, client=client, token=token)


async def _by_header(found: Console, client: Client, name: str) -> Caller | None:
    if not name:
        return None
    known = await found.ask(found.store.people.credentials, name)
    if known is None:
        raise Problem(403, say("the proxy names nobody who works here"))
    key = hmac.new(found.secret, name.encode(), sha256).hexdigest()
    return _person(found, known.user, client, Door.WEB, key=key)


def _person(
    found: Console,
    user: User,
    client: Client,
    door: Door,
    *,
    session: Session | None = None,
    key: str = "",
) -> Caller:
    settings = found.office.settings
    actor = Actor(user.name, door, rights.of_person(settings, user.grants))
    required = not user.has_totp and settings.web.login == "password" and door is Door.WEB
    return Caller(
        user=user,
        actor=actor,
        client=client,
        session=session,
        form_key=key,
        confined=required and any(g.role in settings.web.require_totp for g in user.grants),
    )


def _socket_user(request: web.Request) -> str | None:
    """The account on this machine of whoever is at the other end of a Unix socket."""
    raw = request.transport.get_extra_info("socket") if request.transport else None
    if raw is None or raw.family != socket.AF_UNIX:
        return None
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", raw.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _comes_from(address: str, networks: tuple[str, ...]) -> bool:
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)
