"""The application: its middlewares, its routes, its bounds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from broadcaster.kit.doorway import doorway
from broadcaster.web import account, api, callers, home, sign_in
from broadcaster.web.api.openapi import BASE
from broadcaster.web.problems import API, Problem, guarded
from broadcaster.web.routes import Access, Route, add
from broadcaster.web.state import CALLER, CLIENT, CONSOLE, Console, console

BODY_BYTES = 64 * 1024
"""Of a form or a JSON body; uploads have bounds of their own."""
STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def application(found: Console) -> web.Application:
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[guarded(), doorway(_names(found), acts=_is_stream), _identified],
    )
    app[CONSOLE] = found
    app.cleanup_ctx.append(_feeding)
    app.on_shutdown.append(_end_streams)
    add(app, (*sign_in.ROUTES, *account.ROUTES, *home.ROUTES, *api.ROUTES, *_STATIC_ROUTES))
    return app


async def _feeding(app: web.Application) -> AsyncIterator[None]:
    running = asyncio.create_task(app[CONSOLE].feed.run())
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _end_streams(app: web.Application) -> None:
    await app[CONSOLE].feed.close()


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


def _is_stream(request: web.Request) -> bool:
    """What another site may not even begin to read."""
    return request.path == f"{BASE}/events"


@web.middleware
async def _identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[CLIENT] = callers.client(request)
    request[CALLER] = None
    request[CALLER] = await callers.identify(request)
    if request.path.startswith(API):
        _keep_pace(request)
    return await handler(request)


def _keep_pace(request: web.Request) -> None:
    """:raises Problem: this caller asks more quickly than anybody may."""
    caller = request[CALLER]
    key = caller.actor.name if caller else request[CLIENT].network
    wait = console(request).rates.wait(key)
    if wait:
        seconds = math.ceil(wait)
        raise Problem(
            429, f"too many requests; wait {seconds} s", headers={"Retry-After": str(seconds)}
        )


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
