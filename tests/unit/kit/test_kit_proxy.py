"""Through a proxy, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from broadcaster.errors import Unavailable
from broadcaster.kit.http import Http
from broadcaster.kit.wire import Wire, watch
from broadcaster.testing.loopback import Loopback, answer, refused_port
from tests.unit.kit.calls import PATH, SECRET, failed, served

pytestmark = pytest.mark.usefixtures("each_transport")


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "socks4"])
async def test_a_dead_proxy_is_unavailable_and_never_gone_around(scheme: str) -> None:
    http = Http(f"{scheme}://user:hidden@127.0.0.1:{refused_port()}")
    async with Loopback(answer(200, b"{}")) as server:
        await failed(lambda: http.post(server.url + PATH), Unavailable, touched=False)
        assert server.received == []
    await http.close()


@pytest.mark.parametrize(
    "said", [b"", b"\x05\xff", b"\x05\x00\x05\x01\x00\x01\x00\x00\x00\x00\x00\x00"]
)
async def test_a_socks_proxy_that_refuses_is_unavailable(said: bytes) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(3)
        writer.write(said)
        writer.close()

    async with served(refuse) as port:
        http = Http(f"socks5://127.0.0.1:{port}")
        await failed(lambda: http.post(f"http://localhost:1{PATH}"), Unavailable, touched=False)
        await http.close()


async def test_an_http_proxy_that_refuses_the_tunnel_is_unavailable() -> None:
    async with Loopback(answer(407, b"")) as proxy:
        http = Http(f"http://user:hidden@127.0.0.1:{proxy.port}")
        error = await failed(
            lambda: http.post(f"https://api.invalid{PATH}"), Unavailable, touched=False
        )
        assert b"CONNECT api.invalid:443" in proxy.received[0]
        assert b"roxy-Authorization: Basic" in proxy.received[0]
        assert SECRET.encode() not in proxy.received[0]
        await http.close()
    assert "proxy" in error.detail


async def test_a_socks_proxy_carries_the_call_and_resolves_the_name() -> None:
    asked: list[bytes] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(3)
        writer.write(b"\x05\x00")
        head = await reader.readexactly(5)
        asked.append(await reader.readexactly(head[4] + 2))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(200, b'{"ok": true}'))
        writer.close()

    async with served(relay) as port:
        http = Http(f"socks5h://127.0.0.1:{port}")
        with watch(Wire()) as wire:
            assert (await http.get("http://filtered.invalid:81/")).json() == {"ok": True}
        await http.close()
    assert wire.touched
    assert asked[0][:-2] == b"filtered.invalid"
