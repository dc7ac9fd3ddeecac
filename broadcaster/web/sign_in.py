"""Signing in and out, and one-time links."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from broadcaster.app.tickets import hash_of, ticket
from broadcaster.errors import InputError
from broadcaster.model import Actor, Door
from broadcaster.web.callers import COOKIE, PLAIN_COOKIE, required
from broadcaster.web.headers import Client, agent_of
from broadcaster.web.passwords import check_new
from broadcaster.web.problems import Problem
from broadcaster.web.rendering import page
from broadcaster.web.routes import Access, Route
from broadcaster.web.second_factor import recovery_hash
from broadcaster.web.state import CALLER, CLIENT, Console, console

NOBODY = "an unknown name"
WRONG = "the name, the password or the code is wrong"
"""The same for all failures: nobody learns which names there are."""
_LETTERS = 1024


async def show(request: web.Request) -> web.StreamResponse:
    if request[CALLER] is not None:
        raise web.HTTPSeeOther("/")
    return page(request, "sign_in.html", name="", wrong="", waits=0, next=_next(request))


async def sign_in(request: web.Request) -> web.StreamResponse:
    found, client = console(request), request[CLIENT]
    if found.office.settings.web.login != "password":
        raise Problem(404, "people are signed in by the proxy in front of this server")
    form = await request.post()
    name, password, code = (_typed(form, key) for key in ("name", "password", "code"))
    waits_s = await _waits(found, name, client)
    if waits_s:
        return _again(request, name, "", waits_s)
    if not await _is_right(found, name, password, code):
        waits_s = await _failed(found, name, client)
        return _again(request, name, WRONG, waits_s)
    await found.ask(found.store.people.succeeded, _keys(name, client)[:1])
    made = ticket()
    await found.ask(
        found.store.people.sign_in,
        Actor(name, Door.WEB),
        name,
        made.hash,
        address=client.address,
        agent=agent_of(request),
    )
    answer = web.HTTPSeeOther(_next(request))
    _set_cookie(request, answer, made.secret)
    raise answer


async def sign_out(request: web.Request) -> web.StreamResponse:
    caller = required(request)
    found = console(request)
    if caller.session is not None:
        await found.ask(
            found.store.people.end_sessions,
            caller.actor,
            caller.user.name,
            only=caller.session.hash,
        )
    answer = web.HTTPSeeOther("/sign-in")
    for name in (COOKIE, PLAIN_COOKIE):
        answer.del_cookie(name, path="/", secure=name == COOKIE, httponly=True, samesite="Lax")
    raise answer


async def show_link(request: web.Request) -> web.StreamResponse:
    found = console(request)
    link = await found.ask(found.store.people.link, hash_of(request.match_info["secret"]))
    if link is None:
        return page(request, "link_used.html", status=404)
    return page(request, "choose_password.html", user=link.user, wrong="")


async def follow_link(request: web.Request) -> web.StreamResponse:
    found = console(request)
    hashed = hash_of(request.match_info["secret"])
    link = await found.ask(found.store.people.link, hashed)
    if link is None:
        return page(request, "link_used.html", status=404)
    form = await request.post()
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    try:
        if password != again:
            raise InputError("the two are not the same; type the password again")
        await asyncio.to_thread(check_new, password, [link.user.name, *link.user.display.split()])
    except InputError as error:
        return page(request, "choose_password.html", user=link.user, wrong=str(error), status=422)
    known = await found.passwords.hash(password)
    user = await found.ask(
        found.store.people.follow, Actor(link.user.name, Door.WEB), hashed, known
    )
    if user is None:
        return page(request, "link_used.html", status=404)
    raise web.HTTPSeeOther(f"/sign-in?name={quote(user.name)}")


def _typed(form: Mapping[str, object], key: str) -> str:
    return str(form.get(key, ""))[:_LETTERS]


async def _is_right(found: Console, name: str, password: str, code: str) -> bool:
    people = found.store.people
    known = await found.ask(people.credentials, name)
    checked = await found.passwords.check(password, known.password if known else None)
    if known is None or known.password is None or not checked.right:
        return False
    if known.totp is not None:
        typed = "".join(code.split())
        step = found.factors.step_of(known.totp, typed)
        by_app = step is not None and await found.ask(people.use_totp, name, step)
        if not by_app and not await found.ask(people.use_recovery, name, recovery_hash(code)):
            return False
    if checked.newer is not None:
        await found.ask(people.rehash, name, known.password, checked.newer)
    return True


def _keys(name: str, client: Client) -> list[str]:
    """What failures are counted by: the name, and the network."""
    return [f"name {hash_of(name)[:32]}", f"network {client.network}"]


async def _waits(found: Console, name: str, client: Client) -> int:
    micros = await found.ask(found.store.people.waits, _keys(name, client))
    return -(-micros // 1_000_000)


async def _failed(found: Console, name: str, client: Client) -> int:
    known = await found.ask(found.store.people.credentials, name)
    # what was typed as a name may be a password
    actor = Actor(name if known else NOBODY, Door.WEB)
    await found.ask(found.store.people.note, actor, "sign-in", WRONG, {"address": client.address})
    micros = await found.ask(found.store.people.failed, _keys(name, client))
    return -(-micros // 1_000_000)


def _again(request: web.Request, name: str, wrong: str, waits_s: int) -> web.Response:
    headers = {"Retry-After": str(waits_s)} if waits_s else None
    return page(
        request,
        "sign_in.html",
        status=429 if waits_s and not wrong else 401,
        headers=headers,
        name=name,
        wrong=wrong,
        waits=waits_s,
        next=_next(request),
    )


def _next(request: web.Request) -> str:
    """Where to go afterwards: a path of ours, never another site."""
    path = request.query.get("next", "/")
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and path.isprintable() else "/"


def _set_cookie(request: web.Request, answer: web.HTTPSeeOther, secret: str) -> None:
    settings = console(request).office.settings.web
    plain = settings.insecure_http and not request[CLIENT].secure
    answer.set_cookie(
        PLAIN_COOKIE if plain else COOKIE,
        secret,
        path="/",
        secure=not plain,
        httponly=True,
        samesite="Lax",
        max_age=settings.session_hours * 3600,
    )


ROUTES = (
    Route("GET", "/sign-in", show, Access.ANYBODY),
    Route("POST", "/sign-in", sign_in, Access.ANYBODY),
    Route("POST", "/sign-out", sign_out, Access.SIGNED_IN),
    Route("GET", "/link/{secret}", show_link, Access.ANYBODY),
    Route("POST", "/link/{secret}", follow_link, Access.ANYBODY),
)
