"""Who gets an answer of a server on this machine: nobody by way of another site's page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import web

from broadcaster.kit.doorway import doorway, is_host

Ask = Callable[..., Coroutine[Any, Any, int]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """The status of an answer; ``{}`` in a header is the port."""

    async def well(_request: web.Request) -> web.Response:
        return web.Response(text="well")

    allowed = ("sandbox", "office.example:8080", "[fd00::1]")
    guard = doorway(allowed, acts=lambda request: request.path.startswith("/act"))
    app = web.Application(middlewares=[guard])
    app.router.add_route("*", "/{path:.*}", well)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    async def asked(method: str = "GET", path: str = "/", **headers: str) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
        for name, value in {"Host": "127.0.0.1:{}", **headers}.items():
            if value:
                lines.append(f"{name.replace('_', '-')}: {value.replace('{}', str(port))}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        said = await reader.read()
        writer.close()
        return int(said.split(b" ", 2)[1])

    yield asked
    await runner.cleanup()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:{}",
        "localhost:{}",
        "LOCALHOST:{}",
        "[::1]:{}",
        "sandbox",
        "sandbox:9",
        "office.example:8080",
        "[fd00::1]:80",
    ],
)
async def test_by_its_own_names_it_is_known(ask: Ask, host: str, method: str) -> None:
    assert await ask(method, Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:{}",
        "127.0.0.1.evil.example:{}",
        "localhost.:{}",
        "0.0.0.0:{}",
        "[::ffff:127.0.0.1]:{}",
        "office.example",
        "office.example:8081",
        "localhost:{}:{}",
        "me@localhost:{}",
        "localhost:{}/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_by_any_other_it_is_not(ask: Ask, host: str, method: str) -> None:
    assert await ask(method, Host=host) in {400, 421}


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:{}"},  # called by another name
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1:{}"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("DELETE", "/"), ("PUT", "/"), ("GET", "/act")]
)
async def test_a_page_of_another_site_changes_nothing(
    ask: Ask, headers: dict[str, str], method: str, path: str
) -> None:
    assert await ask(method, path, Content_Type="text/plain", **headers) == 403


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_link_on_a_page_of_another_site_leads_here(
    ask: Ask, headers: dict[str, str]
) -> None:
    assert await ask("GET", **headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:{}"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://127.0.0.1:{}"},
        {"Sec_Fetch_Site": "none"},
        {"Host": "sandbox:9", "Origin": "https://sandbox:9"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/act"])
async def test_its_own_pages_and_other_programs_may(
    ask: Ask, headers: dict[str, str], path: str
) -> None:
    assert await ask("POST", path, **headers) == 200


def test_what_may_be_allowed() -> None:
    assert all(map(is_host, ["sandbox", "a.example:80", "127.0.0.1", "[::1]:80"]))
    assert not any(map(is_host, ["", "http://a", "a:b", "a b", "a:1:2", "::1", "a/b"]))
