"""The HTTP API, ``/api/v1``: JSON in the shapes that ``--json`` prints.

One table, :data:`~broadcaster.web.api.table.ENDPOINTS`, says of each address what it needs, takes
and answers.  Requests are checked by it, and the OpenAPI document is made of it.
"""

from __future__ import annotations

import json

from aiohttp import web
from aiohttp.typedefs import Handler

from broadcaster.web.api import reading
from broadcaster.web.api.endpoint import ApiRequest, Endpoint, Reply, Sends
from broadcaster.web.api.openapi import BASE, document, needs
from broadcaster.web.api.table import ENDPOINTS
from broadcaster.web.rendering import page
from broadcaster.web.routes import Access, Route


def _handler(endpoint: Endpoint) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        query = reading.query(request, endpoint.query)
        body = await reading.body(request, endpoint)
        found = await endpoint.handle(ApiRequest(request, body, query))
        return _json(found) if isinstance(found, Reply) else found

    return handle


def _json(reply: Reply) -> web.Response:
    if reply.status == 304:
        return web.Response(status=304, headers=reply.headers)
    return web.Response(
        status=reply.status,
        text=json.dumps(reply.value, ensure_ascii=False),
        content_type=Sends.JSON.value,
        headers=reply.headers,
    )


async def _document(request: web.Request) -> web.StreamResponse:
    return _json(Reply(document()))


async def _docs(request: web.Request) -> web.StreamResponse:
    """The same to read, without script."""
    return page(request, "api.html", endpoints=ENDPOINTS, document=document(), needs=needs)


ROUTES = (
    *(
        Route(each.method, BASE + each.path, _handler(each), each.needs, sensitive=each.sensitive)
        for each in ENDPOINTS
    ),
    Route("GET", f"{BASE}/openapi.json", _document, Access.ANYBODY),
    Route("GET", "/api/docs", _docs, Access.ANYBODY),
)
