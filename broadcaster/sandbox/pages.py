"""What people see: a page of all channels, and each channel's own."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from broadcaster.sandbox.room import Room, World
from broadcaster.sandbox.switches import Switch

PAGE_SWITCHES: tuple[Switch, ...] = (
    Switch("reader_delay", "0", "seconds before a message shows on its public page"),
)


def add_pages(app: web.Application, rooms: Mapping[str, Room], world: World) -> None:
    """Put the pages at ``/`` and ``/P/reader``."""

    async def front(_request: web.Request) -> web.Response:
        return web.Response(text="".join(entry.text for entry in world.ledger))

    app.router.add_get("/", front)
