"""The contract of both transports: a request's connection, its bytes, and its end."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import pytest

from broadcaster.errors import OutcomeUnknown
from broadcaster.kit.http import FilePart, Http
from broadcaster.testing.loopback import Loopback, answer
from tests.unit.kit.calls import PATH, Talk, failed, served

pytestmark = pytest.mark.usefixtures("each_transport")


async def test_a_connection_is_used_again(http: Http) -> None:
    connections: list[asyncio.StreamWriter] = []

    async def keeping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        with suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"text=x")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async with served(keeping) as port:
        for _ in range(3):
            assert (await http.post(f"http://127.0.0.1:{port}", data={"text": "x"})).status == 200
        assert len(connections) == 1
        await http.close()


async def test_an_answer_may_be_announced_first(http: Http) -> None:
    async with Loopback(b"HTTP/1.1 102 Processing\r\n\r\n" + answer(200, b"{}")) as server:
        assert (await http.post(server.url, data={"text": "x"})).status == 200


async def test_a_header_cannot_break_the_request(http: Http) -> None:
    async with Loopback(answer(200, b"{}")) as server:
        with pytest.raises(ValueError, match="line break"):
            await http.post(server.url, data={"text": "x"}, headers={"token": "a\r\nX: b"})
        assert not any(server.received)


@pytest.mark.parametrize(
    ("content", "kind", "sent"),
    [
        ({"data": {"text": "سلام!", "to": "@a b"}}, "application/x-www-form-urlencoded", None),
        (
            {"body": {"text": "سلام"}},
            "application/json",
            b'{"text": "\\u0633\\u0644\\u0627\\u0645"}',
        ),
        ({"raw": b"\x00\xff", "headers": {"Content-Type": "x/y"}}, "x/y", b"\x00\xff"),
        ({}, "", b""),
    ],
)
async def test_a_body_is_sent_with_its_type_and_length(
    http: Http, content: dict[str, Any], kind: str, sent: bytes | None
) -> None:
    async with Loopback(answer(200, b"{}")) as server:
        await http.post(server.url + PATH, **content)
        head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:".encode())
    assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
    if kind:
        assert f"Content-Type: {kind}\r\n".encode() in head
    if sent is None:
        assert dict(parse_qsl(body.decode())) == content["data"]
    else:
        assert body == sent


STALE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale"


async def _answers_twice(asked: list[bytes], came: asyncio.Event) -> Talk:
    """Answers each request by its own body, and after the first one says something unasked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].split(b"\r")[0] or b"0"
                asked.append(await reader.readexactly(int(length)))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(asked[-1]), asked[-1])
                )
                if len(asked) == 1:
                    await came.wait()
                    writer.write(STALE)
                await writer.drain()
        writer.close()

    return talk


@pytest.mark.parametrize("files", [False, True])
async def test_what_came_unasked_on_an_idle_connection_is_no_answer(
    http: Http, files: bool
) -> None:
    asked: list[bytes] = []
    came = asyncio.Event()
    async with served(await _answers_twice(asked, came)) as port:
        url = f"http://127.0.0.1:{port}/send"
        assert (await http.post(url, raw=b"one")).body == b"one"
        came.set()
        await asyncio.sleep(0.1)
        if not files:
            assert (await http.post(url, raw=b"two")).body == b"two"
        else:
            part = FilePart("f", b"two", "text/plain")
            assert b"two" in (await http.post(url, files={"f": part})).body


OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("body", [SIZED, CHUNKED])
@pytest.mark.parametrize(
    ("first", "behind", "connections"),
    [(0, b"", 1), (0, OTHER, 2), (0, b"HTT", 2), (30, b"", 1), (30, OTHER, 2), (30, b"H", 2)],
)
async def test_a_connection_is_used_again_only_if_the_answer_was_all_that_came(
    http: Http, files: bool, body: bytes, first: int, behind: bytes, connections: int
) -> None:
    """``first``: bytes that come in a piece of their own, with the answer's end in the next."""
    opened: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"--\r\n")
                if first:
                    writer.write(body[:first])
                    await asyncio.sleep(0.05)
                writer.write(body[first:] + behind)
        writer.close()

    part = FilePart("f", b"x", "text/plain")
    sent: dict[str, Any] = {"files": {"f": part}} if files else {"raw": b"--\r\n"}
    async with served(talk) as port:
        for _ in range(2):
            answered = await http.post(f"http://127.0.0.1:{port}/x", **sent)
            assert answered.body == b"{}"
        assert len(opened) == connections
        await http.close()


@pytest.mark.parametrize("files", [False, True])
async def test_given_up_is_given_up_no_byte_leaves_later(http: Http, files: bool) -> None:
    body, got = b"x" * 1_000_000, 0
    given_up, read = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        await given_up.wait()
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                got += len(chunk)
        writer.close()
        read.set()

    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(talk, sock=narrow, limit=1024)
    url = f"http://127.0.0.1:{narrow.getsockname()[1]}/send"
    sent = {"files": {"f": FilePart("f", body, "text/plain")}} if files else {"raw": body}
    with pytest.raises(OutcomeUnknown):
        await http.post(url, **sent, deadline=time.monotonic() + 0.3)
    await asyncio.sleep(0.1)
    given_up.set()
    await asyncio.wait_for(read.wait(), 10)
    assert got < len(body)
    server.close()
    await server.wait_closed()


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        await reader.read()
    writer.close()


@pytest.mark.parametrize("files", [False, True])
async def test_a_call_is_ended_by_its_own_end(http: Http, files: bool) -> None:
    part = FilePart("a.pdf", b"%PDF", "application/pdf")
    sent: dict[str, Any] = {"files": {"document": part}} if files else {"raw": b"x"}
    async with served(_mute) as port:
        url, end = f"http://127.0.0.1:{port}{PATH}", time.monotonic() + 0.3
        await failed(lambda: http.post(url, **sent, deadline=end), OutcomeUnknown, touched=True)


@pytest.mark.parametrize("files", [False, True])
async def test_an_answer_may_take_as_long_as_the_call_has(files: bool) -> None:
    """A server works on a file before it says a word; the seconds are those of a scaled clock."""
    part = FilePart("a.pdf", b"%PDF", "application/pdf")
    sent: dict[str, Any] = {"files": {"document": part}} if files else {"raw": b"--\r\n"}
    loop = asyncio.get_running_loop()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"--\r\n")
        await asyncio.sleep(0.5)
        writer.write(answer(200, b"{}"))
        writer.close()

    real = loop.call_later

    def hurried(delay: float, *args: Any, **more: Any) -> asyncio.TimerHandle:
        """Timers of half a minute ring at once; the end of the call is ten minutes away."""
        return real(0.1 if 20 < delay < 60 else delay, *args, **more)

    http = Http()
    async with served(slow) as port:
        loop.call_later = hurried  # type: ignore[assignment,method-assign]
        try:
            end = time.monotonic() + 600
            url = f"http://127.0.0.1:{port}{PATH}"
            assert (await http.post(url, **sent, deadline=end)).status == 200
        finally:
            loop.call_later = real  # type: ignore[method-assign]
    await http.close()
