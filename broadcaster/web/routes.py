"""Every address of the web process, and the permission that it needs.

A route without an entry cannot be added: :func:`add` is the only way, and asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler

from broadcaster.language import joined, say
from broadcaster.model import Permission
from broadcaster.web.callers import is_form_key, is_fresh, required
from broadcaster.web.problems import API, Problem


class Access(Enum):
    """Of addresses that need no permission."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"


Need: TypeAlias = Permission | tuple[Permission, ...] | Access
"""A permission, any of several, or none."""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    needs: Need
    reads_form: bool = True
    """Whether a change by POST sends a form, which must hold the session's key."""
    sensitive: bool = False
    """Whether a person who is signed in by a password must have given it lately."""


def add(app: web.Application, routes: Iterable[Route]) -> None:
    for route in routes:
        app.router.add_route(route.method, route.path, _checked(route))


def _checked(route: Route) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if route.needs is not Access.ANYBODY:
            caller = required(request)
            if caller.confined and route.needs is not Access.SIGNED_IN:
                if request.path.startswith(API):
                    raise Problem(403, say("set up a second factor at /account first"))
                raise web.HTTPSeeOther("/account")
            permissions = _permissions(route.needs)
            if permissions and not any(map(caller.may, permissions)):
                raise Problem(
                    403,
                    say(
                        "{actor} has no permission to {needs}",
                        actor=caller.actor.name,
                        needs=joined(" or ", permissions),
                    ),
                )
            if route.sensitive and not is_fresh(caller):
                raise Problem(403, say("give your password again: sign out, and sign in again"))
            if route.method == "POST" and route.reads_form and not request.path.startswith(API):
                form = await request.post()
                if not is_form_key(caller, str(form.get("form_key", ""))):
                    raise Problem(
                        403, say("this form is from another session; load the page again")
                    )
        return await route.handler(request)

    return handle


def _permissions(need: Need) -> tuple[Permission, ...]:
    if isinstance(need, Access):
        return ()
    return (need,) if isinstance(need, Permission) else need
