"""Decides which requests a server on this machine answers.

Any web page that is open in a browser on this machine can reach every port of it.  Such pages are
recognised by headers that they cannot change: the name of the server (``Host``), and the origin of
the request (``Origin``, ``Sec-Fetch-Site``).  Programs other than browsers do not send the latter
two.
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
"""Headers for a file of a stranger: browsers save it, and run nothing in it."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\s:\[\]/@]+)(:(?P<port>[0-9]{1,5}))?")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def doorway(
    allowed: Collection[str] = (), acts: Callable[[web.Request], bool] = lambda _: False
) -> Middleware:
    """A middleware that refuses requests for other servers, and changes from other sites.

    :param allowed: names of the server besides those of this machine; without a port, any port.
    :param acts: whether a request changes something, in addition to the methods that do.
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
    """Whether ``text`` is a valid entry of ``allowed``."""
    return _HOST.fullmatch(text.casefold()) is not None


def _known(header: str, known: Collection[str]) -> bool:
    host = _HOST.fullmatch(header)
    if host is None:
        return False
    name, port = host["name"], host["port"] or "80"
    # Any port of this machine is fine, because a tunnel in front of it may have another port, and
    # no page of another site can call us by such a name.
    return reach(name.strip("[]")) == LOOPBACK or name in known or f"{name}:{port}" in known


def _foreign(request: web.Request, host: str) -> bool:
    if request.headers.get("Sec-Fetch-Site", "none").casefold() not in {"none", "same-origin"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and origin.casefold().partition("://")[2] != host
