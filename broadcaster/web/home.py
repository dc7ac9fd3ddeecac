"""The first page: who is signed in, and what they may do."""

from __future__ import annotations

from aiohttp import web

from broadcaster.model import Permission
from broadcaster.web.rendering import page
from broadcaster.web.routes import Access, Route
from broadcaster.web.state import CALLER


async def show(request: web.Request) -> web.StreamResponse:
    caller = request[CALLER]
    if caller is None:
        raise web.HTTPSeeOther("/sign-in")
    if caller.confined:
        raise web.HTTPSeeOther("/account")
    return page(request, "home.html", permissions=[each for each in Permission if caller.may(each)])


async def alive(_request: web.Request) -> web.StreamResponse:
    """For whoever watches the process."""
    return web.Response(text="ok\n")


ROUTES = (
    Route("GET", "/", show, Access.ANYBODY),
    Route("GET", "/healthz", alive, Access.ANYBODY),
)
