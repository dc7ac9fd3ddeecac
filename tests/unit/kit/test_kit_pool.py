"""Which connections are used again, on real ones and a clock that the test sets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from broadcaster.errors import OutcomeUnknown
from broadcaster.kit.http import FilePart, Http
from broadcaster.kit.pool import DirectPool

pytestmark = pytest.mark.usefixtures("each_transport")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\n{}"


class Server:
    """Answers on each connection until it is told to close it."""

    def __init__(self) -> None:
        self.header = b""
        self.open: list[asyncio.StreamWriter] = []
        self.answers = True

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                await reader.readexactly(int(length))
                if not self.answers:
                    break
                writer.write(OK % self.header)
        writer.close()


class Office:
    def __init__(self, server: Server, port: int, way: str) -> None:
        self.now = 1000.0
        self.server = server
        self.way = way
        proxy = f"http://127.0.0.1:{port}" if way == "http-proxy" else None
        self.http = Http(proxy, clock=lambda: self.now)
        self._url = "http://api.invalid/x" if proxy else f"http://127.0.0.1:{port}/x"

    async def post(self, *, idle: float = 0) -> int:
        """The number of connections so far, after a post that comes ``idle`` seconds later."""
        self.now += idle
        files = {"f": FilePart("f", b"x", "text/plain")} if self.way == "files" else None
        assert (await self.http.post(self._url, data={"text": "x"}, files=files)).status == 200
        return len(self.server.open)

    async def closed(self, number: int, *, idle: float) -> None:
        """The server closes a connection that has been idle so long, and we learn of it."""
        self.now += idle
        self.server.open[number].close()
        await asyncio.sleep(0.05)


@pytest.fixture(params=["text", "files", "http-proxy"])
async def office(request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    async with opened(request.param) as made:
        yield made


@asynccontextmanager
async def opened(way: str) -> AsyncIterator[Office]:
    server = Server()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    made = Office(server, listening.sockets[0].getsockname()[1], way)
    yield made
    await made.http.close()
    listening.close()
    for writer in server.open:
        writer.close()
    await listening.wait_closed()


async def test_a_connection_of_an_unknown_server_is_used_again_at_once_only(office: Office) -> None:
    assert await office.post() == 1
    assert await office.post(idle=0.4) == 1
    assert await office.post(idle=0.6) == 2


async def test_it_is_used_for_longer_once_one_has_stayed_open(office: Office) -> None:
    await office.post()
    assert await office.post(idle=4) == 2
    assert await office.post(idle=2.9) == 2
    assert await office.post(idle=3.1) == 3


async def test_it_is_not_used_near_the_servers_time(office: Office) -> None:
    await office.post()
    assert await office.post(idle=1.5) == 2  # the first one is only watched from now on
    await office.closed(0, idle=0.5)
    assert await office.post(idle=0.6) == 2
    assert await office.post(idle=1.6) == 3


async def test_a_closing_that_was_seen_is_learnt_from_without_a_loss(office: Office) -> None:
    await office.post()
    await office.closed(0, idle=1)
    assert await office.post() == 2
    assert await office.post(idle=0.7) == 3, "well below the second after which it closed"


async def test_a_servers_own_word_bounds_it(office: Office) -> None:
    office.server.header = b"Keep-Alive: timeout=2\r\n"
    await office.post()
    assert await office.post(idle=9) == 2
    assert await office.post(idle=1.4) == 2
    assert await office.post(idle=1.6) == 3


async def test_a_server_that_closes_each_time_is_asked_anew(office: Office) -> None:
    office.server.header = b"Connection: close\r\n"
    assert [await office.post() for _ in range(3)] == [1, 2, 3]


async def test_a_post_that_was_lost_makes_careful(office: Office) -> None:
    await office.post()
    await office.post(idle=9)
    office.server.answers = False
    with pytest.raises(OutcomeUnknown):
        await office.post(idle=6)
    office.server.answers = True
    assert await office.post() == 3
    assert await office.post(idle=0.4) == 3
    assert await office.post(idle=0.6) == 4
    assert await office.post(idle=0.6) == 5


async def test_one_idle_connection_at_most_is_watched() -> None:
    async with opened("text") as office:
        await asyncio.gather(*(office.post() for _ in range(4)))
        await office.post(idle=3)
        await asyncio.sleep(0.05)
        assert sum(not each.is_closing() for each in office.server.open) == 2


async def test_the_end_of_a_connection_counts_before_the_loop_has_read_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        port = listening.getsockname()[1]
        http = Http()
        loop = asyncio.get_running_loop()

        def serve() -> socket.socket:
            ours, _ = listening.accept()
            ours.recv(65536)
            ours.sendall(OK % b"")
            return ours

        async def posted() -> socket.socket:
            serving = loop.run_in_executor(None, serve)
            assert (await http.post(f"http://127.0.0.1:{port}/x", raw=b"")).status == 200
            return await serving

        first = await posted()
        first.close()  # nothing runs between this and the next request
        (await posted()).close()
        await http.close()


async def test_a_connection_whose_use_was_not_ended_is_not_used_again() -> None:
    """aiohttp gives it back a moment before the answer is read: another call may come first."""
    server = Server()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/x"
    async with aiohttp.ClientSession(connector=DirectPool()) as session:
        for _ in range(2):
            async with session.post(url, data=b"x") as response:
                assert await response.read() == b"{}"
    assert len(server.open) == 2
    listening.close()
    for writer in server.open:
        writer.close()
    await listening.wait_closed()
