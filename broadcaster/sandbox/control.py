"""The control side under ``/_sandbox``: what was accepted, what is to go wrong, how it behaves.

====== ============ ===============================================================================
GET    messages     the ledger, oldest first; ``platform``, ``channel``, ``after`` (a seq) filter
GET    requests     every call that arrived: platform, method, channel, at, host, leaked
GET    faults       what is armed; POST arms one or a list, DELETE disarms all
GET    switches     all of them with their values; POST sets {platform, name, value}
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
from broadcaster.sandbox.faults import parse_fault
from broadcaster.sandbox.room import Room, World


class Control:
    """Handlers of the control side."""

    def __init__(self, rooms: Mapping[str, Room], world: World) -> None:
        self._rooms = rooms
        self._world = world

    async def messages(self, request: web.Request) -> web.Response:
        query, world = request.query, self._world
        platform, channel = query.get("platform"), query.get("channel", "")
        try:
            after = int(query.get("after") or 0)
        except ValueError:
            raise _bad("after is the seq of a message") from None
        chosen = (
            entry
            for entry in world.ledger
            if entry.seq > after
            and platform in (None, entry.platform)
            and (not channel or world.places.same(entry.platform, channel, entry.channel))
        )
        return _json([entry.to_json() for entry in chosen])

    async def requests(self, request: web.Request) -> web.Response:
        platform = request.query.get("platform")
        found = [each for each in self._world.requests if platform in (None, each["platform"])]
        return _json(found)

    async def faults(self, _request: web.Request) -> web.Response:
        return _json(self._world.faults.listing())

    async def arm(self, request: web.Request) -> web.Response:
        said = await _body(request)
        try:
            faults = [
                parse_fault(each, tuple(self._rooms))
                for each in (said if isinstance(said, list) else [said])
            ]
        except (ValueError, TypeError) as error:
            raise _bad(str(error)) from None
        for fault in faults:
            self._world.faults.arm(fault)
        return await self.faults(request)

    async def disarm(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        return await self.faults(request)

    async def switches(self, _request: web.Request) -> web.Response:
        return _json(self._world.switches.listing())

    async def switch(self, request: web.Request) -> web.Response:
        said = await _object(request)
        try:
            self._world.switches.set(
                str(said.get("platform")), str(said.get("name")), str(said.get("value"))
            )
        except InputError as error:
            raise _bad(str(error)) from None
        return await self.switches(request)

    async def channels(self, _request: web.Request) -> web.Response:
        return _json(
            [
                {
                    "platform": place.platform,
                    "address": place.id,
                    "username": place.username,
                    "title": place.title,
                }
                for place in self._world.places
            ]
        )

    async def channel(self, request: web.Request) -> web.Response:
        said = await _object(request)
        platform, address = str(said.get("platform")), str(said.get("address") or "")
        username, title = str(said.get("username") or ""), str(said.get("title") or "")
        if platform not in self._rooms or not address:
            raise _bad(f"platform ({', '.join(self._rooms)}) and address are needed")
        world = self._world
        other = world.places.known(platform, username) if username else None
        here = world.places.at(platform, address)
        apart = other is not None and other is not here
        if other and apart and world.ledger.of(other) and world.ledger.of(here):
            raise _bad(f"{address} and {username} both have messages; join them before posting")
        place, absorbed = world.places.join(platform, address, username=username, title=title)
        if absorbed is not None:
            world.ledger.move(absorbed, place)
        return await self.channels(request)

    async def reset(self, _request: web.Request) -> web.Response:
        world = self._world
        world.ledger.clear()
        world.files.clear()
        world.places.clear()
        world.requests.clear()
        world.faults.clear()
        world.switches.reset()
        for room in self._rooms.values():
            room.memory.clear()
        return _json({})


def add_control(app: web.Application, rooms: Mapping[str, Room], world: World) -> None:
    """Put the control side under ``/_sandbox``."""
    control = Control(rooms, world)
    for method, path, handler in (
        ("GET", "messages", control.messages),
        ("GET", "requests", control.requests),
        ("GET", "faults", control.faults),
        ("POST", "faults", control.arm),
        ("DELETE", "faults", control.disarm),
        ("GET", "switches", control.switches),
        ("POST", "switches", control.switch),
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
    said = await _body(request)
    if not isinstance(said, Mapping):
        raise _bad("the body is a JSON object")
    return said


def _bad(why: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=_dumps({"error": why}), content_type="application/json")


def _json(said: object) -> web.Response:
    return web.json_response(said, dumps=_dumps)


def _dumps(said: object) -> str:
    return json.dumps(said, ensure_ascii=False)
