"""The application: its middlewares, its routes, its bounds."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from broadcaster.kit.doorway import doorway
from broadcaster.web import account, callers, home, sign_in
from broadcaster.web.problems import guarded
from broadcaster.web.routes import Access, Route, add
from broadcaster.web.state import CALLER, CLIENT, CONSOLE, Console

BODY_BYTES = 64 * 1024
"""Of a form or a JSON body; uploads have bounds of their own."""
STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def application(found: Console) -> web.Application:
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[guarded(), doorway(_names(found)), _identified],
    )
    app[CONSOLE] = found
    add(app, (*sign_in.ROUTES, *account.ROUTES, *home.ROUTES, *_STATIC_ROUTES))
    return app


def _names(found: Console) -> list[str]:
    """By which the server is called, beside those of this machine."""
    settings = found.office.settings.web
    if settings.url is None:
        return []
    parts = urlsplit(settings.url)
    default = {"https": 443, "http": 80}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or default
    return [f"{host}:{port}", *([host] if port == default else [])]


@web.middleware
async def _identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[CLIENT] = callers.client(request)
    request[CALLER] = None
    request[CALLER] = await callers.identify(request)
    return await handler(request)


async def _static(request: web.Request) -> web.StreamResponse:
    path = STATIC / request.match_info["name"]
    if path.suffix not in _TYPES or path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=_TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


_STATIC_ROUTES = (Route("GET", r"/static/{name:[\w.-]+}", _static, Access.ANYBODY),)
