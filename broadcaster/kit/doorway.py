"""Which requests a server on this machine answers: those that mean it, from whom may ask.

A page of anybody, open in a browser on this machine, reaches every port of it.  It is kept out by
what it cannot change: the name it called us by (``Host``), and what browsers say of where a request
is from (``Origin``, ``Sec-Fetch-Site``).  Other programs say neither of the latter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from broadcaster.kit.guard import LOOPBACK, reach

THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
DOWNLOAD = {
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of a file from anybody: it is saved, and whatever shows it lets nothing in it act."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\s:\[\]/@]+)(:(?P<port>[0-9]{1,5}))?")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def doorway(
    allowed: Collection[str] = (), acts: Callable[[web.Request], bool] = lambda _: False
) -> Middleware:
    """Let in what was meant for this server.

    It is known by the names of this machine, and by ``allowed``: names with a port, or without one
    for any port.  A request that changes something, by its method
    or as ``acts`` says, must not come from another site.
    """
    known = {name.casefold() for name in allowed}

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "").casefold()
        if not _known(host, known):
            raise web.HTTPMisdirectedRequest(text="this server is not known by that name\n")
        if (request.method not in _SAFE or acts(request)) and _foreign(request, host):
            raise web.HTTPForbidden(text="a page of another site may not do this\n")
        return await handler(request)

    return guard


def is_host(text: str) -> bool:
    """Whether this may stand in ``allowed``."""
    return _HOST.fullmatch(text.casefold()) is not None


def _known(header: str, known: Collection[str]) -> bool:
    host = _HOST.fullmatch(header)
    if host is None:
        return False
    name, port = host["name"], host["port"] or "80"
    # any port of this machine: a tunnel or relay in front of it has one of its own, and no page of
    # another site can call us by such a name
    return reach(name.strip("[]")) == LOOPBACK or name in known or f"{name}:{port}" in known


def _foreign(request: web.Request, host: str) -> bool:
    if request.headers.get("Sec-Fetch-Site", "none").casefold() not in {"none", "same-origin"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and origin.casefold().partition("://")[2] != host
