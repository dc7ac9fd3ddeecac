"""One's own account: password, second factor, language, sessions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import segno
from aiohttp import web

from broadcaster.app.people import Profile
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.web import second_factor
from broadcaster.web.callers import Caller, required
from broadcaster.web.passwords import check_new
from broadcaster.web.problems import Problem
from broadcaster.web.rendering import page
from broadcaster.web.routes import Access, Route
from broadcaster.web.state import Console, console

LANGUAGES = ("", "fa", "en")


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says beside the account itself."""

    wrong: str = ""
    done: str = ""
    secret: str = ""
    """Of a second factor that is being set up."""
    codes: tuple[str, ...] = ()
    """Recovery codes, shown once."""


async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, Notice())


async def change_password(request: web.Request) -> web.StreamResponse:
    caller, found = required(request), console(request)
    form = await request.post()
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    try:
        await _confirm(found, caller, str(form.get("current", "")))
        if password != again:
            raise InputError(say("the two are not the same; type the password again"))
        about = [caller.user.name, *caller.user.display.split()]
        await asyncio.to_thread(check_new, password, about)
    except InputError as error:
        return await _page(request, Notice(wrong=str(error)), status=422)
    known = await found.passwords.hash(password)
    await found.ask(
        found.store.people.set_password,
        caller.actor,
        caller.user.name,
        known,
        keep=_session(caller),
    )
    return await _page(
        request, Notice(done=say("The password is changed; other sessions have ended."))
    )


async def begin_factor(request: web.Request) -> web.StreamResponse:
    """Show a new secret; nothing is stored before a code of it was typed."""
    return await _page(request, Notice(secret=second_factor.new_secret()))


async def confirm_factor(request: web.Request) -> web.StreamResponse:
    caller, found = required(request), console(request)
    form = await request.post()
    secret, code = str(form.get("secret", "")), "".join(str(form.get("code", "")).split())
    try:
        await _confirm(found, caller, str(form.get("current", "")))
        sealed = found.factors.seal(secret)
        step = found.factors.step_of(sealed, code)
        if step is None:
            raise InputError(
                say("that is not the code which the app shows now; wait for the next one")
            )
    except (InputError, ValueError) as error:
        return await _page(request, Notice(wrong=str(error), secret=secret), status=422)
    codes = second_factor.recovery_codes()
    people, name = found.store.people, caller.user.name
    hashes = [second_factor.recovery_hash(each) for each in codes]
    await found.ask(people.set_totp, caller.actor, name, sealed, hashes, keep=_session(caller))
    await found.ask(people.use_totp, name, step)
    return await _page(request, Notice(done=say("The second factor is on."), codes=tuple(codes)))


async def set_language(request: web.Request) -> web.StreamResponse:
    caller, found = required(request), console(request)
    language = str((await request.post()).get("language", ""))
    if language not in LANGUAGES:
        raise Problem(422, say("choose one of the languages"))
    user = caller.user
    profile = Profile(display=user.display, language=language, os_user=user.os_user)
    await found.ask(found.store.people.describe, caller.actor, user.name, profile)
    raise web.HTTPSeeOther("/account")


async def end_others(request: web.Request) -> web.StreamResponse:
    caller, found = required(request), console(request)
    await found.ask(
        found.store.people.end_sessions, caller.actor, caller.user.name, keep=_session(caller)
    )
    raise web.HTTPSeeOther("/account")


async def _page(request: web.Request, shown: Notice, *, status: int = 200) -> web.Response:
    found = console(request)
    name = required(request).user.name
    user = await found.ask(found.store.people.user, name)
    sessions = await found.ask(found.store.people.sessions, name)
    return page(
        request,
        "account.html",
        status=status,
        user=user,
        sessions=sessions,
        shown=shown,
        qr=_qr(shown.secret, name) if shown.secret else "",
        by_header=found.office.settings.web.login == "header",
        times=found.office.times,
    )


async def _confirm(found: Console, caller: Caller, password: str) -> None:
    """:raises InputError: ``password`` is not the caller's."""
    known = await found.ask(found.store.people.credentials, caller.user.name)
    checked = await found.passwords.check(password, known.password if known else None)
    if not checked.right:
        raise InputError(say("the password that you have now is not right"))
    if caller.session is not None:
        await found.ask(found.store.people.confirm, caller.session.hash)


def _qr(secret: str, user: str) -> str:
    """A QR code as a data URI, drawn here: no other server learns the secret."""
    address = second_factor.address(secret, user, "broadcaster")
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=2))


def _session(caller: Caller) -> str:
    return caller.session.hash if caller.session else ""


ROUTES = (
    Route("GET", "/account", show, Access.SIGNED_IN),
    Route("POST", "/account/password", change_password, Access.SIGNED_IN),
    Route("POST", "/account/factor", begin_factor, Access.SIGNED_IN),
    Route("POST", "/account/factor/confirm", confirm_factor, Access.SIGNED_IN),
    Route("POST", "/account/language", set_language, Access.SIGNED_IN),
    Route("POST", "/account/sessions", end_others, Access.SIGNED_IN),
)
