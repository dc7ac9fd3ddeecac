"""The control side under ``/_sandbox``: what was accepted, what is to go wrong, how it behaves.

====== ============ ===============================================================================
GET    messages     the ledger, oldest first; ``platform``, ``channel``, ``after`` (a seq) filter
GET    requests     every call that arrived: platform, method, channel, at, host, leaked
GET    faults       what is armed; POST arms one or a list, DELETE disarms all
GET    switches     all of them with their values; POST sets {platform, name, value}
GET    incidents    those there are, and who has which; POST {platform or "all", name} begins one
GET    channels     what is known; POST {platform, address, username, title} joins or names
POST   reset        forgets messages, files, requests, faults, channels and switches
====== ============ ===============================================================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from broadcaster.errors import InputError
from broadcaster.sandbox import incidents
from broadcaster.sandbox.backend import Backend, SandboxState
from broadcaster.sandbox.faults import parse_fault


class ControlApi:
    """Handlers of the control side."""

    def __init__(self, backends: Mapping[str, Backend], state: SandboxState) -> None:
        self._backends = backends
        self._state = state

    async def messages(self, request: web.Request) -> web.Response:
        query, state = request.query, self._state
        platform, channel = query.get("platform"), query.get("channel", "")
        try:
            after = int(query.get("after") or 0)
        except ValueError:
            raise _bad("after is the seq of a message") from None
        chosen = (
            entry
            for entry in state.ledger
            if entry.seq > after
            and platform in (None, entry.platform)
            and (not channel or state.channels.same(entry.platform, channel, entry.channel))
        )
        return _json([entry.to_json() for entry in chosen])

    async def requests(self, request: web.Request) -> web.Response:
        platform = request.query.get("platform")
        chosen = [entry for entry in self._state.requests if platform in (None, entry["platform"])]
        return _json(chosen)

    async def faults(self, _request: web.Request) -> web.Response:
        return _json(self._state.faults.listing())

    async def arm(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            faults = [
                parse_fault(definition, tuple(self._backends))
                for definition in (body if isinstance(body, list) else [body])
            ]
        except (ValueError, TypeError) as error:
            raise _bad(str(error)) from None
        for fault in faults:
            self._state.faults.arm(fault)
        return await self.faults(request)

    async def disarm(self, request: web.Request) -> web.Response:
        self._state.faults.clear()
        return await self.faults(request)

    async def switches(self, _request: web.Request) -> web.Response:
        return _json(self._state.switches.listing())

    async def switch(self, request: web.Request) -> web.Response:
        body = await _object(request)
        try:
            self._state.switches.set(
                str(body.get("platform")), str(body.get("name")), str(body.get("value"))
            )
        except InputError as error:
            raise _bad(str(error)) from None
        return await self.switches(request)

    async def incidents(self, _request: web.Request) -> web.Response:
        return _json(incidents.listing(self._state, tuple(self._backends)))

    async def incident(self, request: web.Request) -> web.Response:
        body = await _object(request)
        platform = str(body.get("platform"))
        if platform not in (*self._backends, incidents.ALL):
            raise _bad(f"platform is one of {', '.join((*self._backends, incidents.ALL))}")
        chosen = tuple(self._backends) if platform == incidents.ALL else (platform,)
        try:
            incidents.begin(self._state, str(body.get("name")), chosen)
        except ValueError as error:
            raise _bad(str(error)) from None
        return await self.incidents(request)

    async def channels(self, _request: web.Request) -> web.Response:
        return _json(
            [
                {
                    "platform": place.platform,
                    "address": place.id,
                    "username": place.username,
                    "title": place.title,
                }
                for place in self._state.channels
            ]
        )

    async def channel(self, request: web.Request) -> web.Response:
        body = await _object(request)
        platform, address = str(body.get("platform")), str(body.get("address") or "")
        username, title = str(body.get("username") or ""), str(body.get("title") or "")
        if platform not in self._backends or not address:
            raise _bad(f"platform ({', '.join(self._backends)}) and address are needed")
        state = self._state
        other = state.channels.known(platform, username) if username else None
        here = state.channels.at(platform, address)
        apart = other is not None and other is not here
        if other and apart and state.ledger.of(other) and state.ledger.of(here):
            raise _bad(f"{address} and {username} both have messages; join them before posting")
        place, absorbed = state.channels.join(platform, address, username=username, title=title)
        if absorbed is not None:
            state.ledger.move(absorbed, place)
        return await self.channels(request)

    async def reset(self, _request: web.Request) -> web.Response:
        state = self._state
        state.ledger.clear()
        state.files.clear()
        state.channels.clear()
        state.requests.clear()
        state.faults.clear()
        state.switches.reset()
        state.incidents.clear()
        for backend in self._backends.values():
            backend.memory.clear()
        return _json({})


def add_control(app: web.Application, backends: Mapping[str, Backend], state: SandboxState) -> None:
    """Put the control side under ``/_sandbox``."""
    control = ControlApi(backends, state)
    for method, path, handler in (
        ("GET", "messages", control.messages),
        ("GET", "requests", control.requests),
        ("GET", "faults", control.faults),
        ("POST", "faults", control.arm),
        ("DELETE", "faults", control.disarm),
        ("GET", "switches", control.switches),
        ("POST", "switches", control.switch),
        ("GET", "incidents", control.incidents),
        ("POST", "incidents", control.incident),
        ("GET", "channels", control.channels),
        ("POST", "channels", control.channel),
        ("POST", "reset", control.reset),
    ):
        app.router.add_route(method, f"/_sandbox/{path}", handler)


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError:
        raise _bad("the body is no JSON") from None


async def _object(request: web.Request) -> Mapping[str, Any]:
    body = await _body(request)
    if not isinstance(body, Mapping):
        raise _bad("the body is a JSON object")
    return body


def _bad(why: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=_dumps({"error": why}), content_type="application/json")


def _json(value: object) -> web.Response:
    return web.json_response(value, dumps=_dumps)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
