"""A failed call is classified by whether its first byte had left, and never shows its address."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from broadcaster.errors import OutcomeUnknown, SendError, Unavailable
from broadcaster.kit.http import ANSWER_BYTES, Answer, Http, Part, _Request
from broadcaster.kit.wire import Wire, watch
from broadcaster.testing.loopback import Loopback, answer, refused_port

SECRET = "123456:AAsecretAAsecretAAsecretAAsecretAA"
PATH = f"/bot{SECRET}/sendMessage"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http()
    yield opened
    await opened.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(talk: Talk) -> AsyncIterator[int]:
    """The port of a server that talks so."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def failed(
    calling: Callable[[], Awaitable[Answer]], kind: type[SendError], *, touched: bool
) -> SendError:
    """The error of a call, which must be of this kind, leave this wire and show no secret."""
    with watch(Wire()) as wire, pytest.raises(kind) as raised:
        await calling()
    assert wire.touched is touched
    assert (wire.begun_at is not None) is touched
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for shown in (str(error), repr(error), error.detail):
        assert SECRET not in shown
        assert "127.0.0.1" not in shown
    return error


async def test_an_answer_comes_whole(http: Http) -> None:
    async with Loopback(answer(429, b"local_rate_limited", b"Retry-After: 7")) as server:
        with watch(Wire()) as wire:
            got = await http.post(server.url + PATH, data={"text": "سلام"})
    assert got == Answer(429, b"local_rate_limited", retry_after=7.0)
    assert got.json() is None
    assert wire.touched


async def test_a_retry_after_may_be_a_date(http: Http) -> None:
    header = b"Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"
    async with Loopback(answer(503, b"", header)) as server:
        got = await http.get(server.url)
    assert got.retry_after is not None
    assert got.retry_after > 3600


async def test_an_odd_retry_after_is_none(http: Http) -> None:
    async with Loopback(answer(429, b"", b"Retry-After: soon")) as server:
        assert (await http.get(server.url)).retry_after is None


async def test_refused_is_unavailable(http: Http) -> None:
    url = f"http://127.0.0.1:{refused_port()}{PATH}"
    error = await failed(lambda: http.post(url, data={}), Unavailable, touched=False)
    assert "nothing was sent" in error.detail


async def test_an_unknown_name_is_unavailable(http: Http) -> None:
    url = f"http://no-such-host.invalid{PATH}"
    error = await failed(lambda: http.post(url, data={}), Unavailable, touched=False)
    assert "name" in error.detail


async def test_an_address_that_is_none_is_unavailable(http: Http) -> None:
    error = await failed(lambda: http.post(f"ftp://x{PATH}"), Unavailable, touched=False)
    assert "base_url" in error.detail


async def test_no_tls_is_unavailable(http: Http) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400, b"plain"))
        await reader.read()
        writer.close()

    async with served(plain) as port:
        url = f"https://127.0.0.1:{port}{PATH}"
        error = await failed(lambda: http.post(url, data={}), Unavailable, touched=False)
    assert "TLS" in error.detail


async def test_a_connection_that_is_never_made_is_unavailable(http: Http) -> None:
    # TLS to a server that says nothing: connected, yet no byte of the request can leave
    async with Loopback(hangs=True) as server:
        url = f"https://127.0.0.1:{server.port}{PATH}"
        soon = time.monotonic() + 0.3
        await failed(lambda: http.post(url, deadline=soon), Unavailable, touched=False)


async def test_a_server_that_never_reads_is_in_doubt(http: Http) -> None:
    async with Loopback(reads=False) as server:
        soon = time.monotonic() + 0.3
        error = await failed(
            lambda: http.post(server.url + PATH, data={"text": "x"}, deadline=soon),
            OutcomeUnknown,
            touched=True,
        )
        assert server.received == [b""]
    assert "in time" in error.detail


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (b"", "broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Len", "broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "read"),
        (b"no http at all\r\n\r\n", "read"),
        (answer(200, b"x" * (ANSWER_BYTES + 1)), "read"),
        (answer(200, b"not gzip", b"Content-Encoding: gzip"), "read"),
    ],
)
async def test_half_an_answer_is_in_doubt(http: Http, said: bytes, word: str) -> None:
    async with Loopback(said) as server:
        url = server.url + PATH
        error = await failed(
            lambda: http.post(url, data={"text": "x"}), OutcomeUnknown, touched=True
        )
        assert b"text=x" in server.received[0]
        assert len(server.received) == 1, "a POST is never repeated"
    assert word in error.detail


async def test_after_the_deadline_nothing_connects(http: Http) -> None:
    async with Loopback(answer(200, b"{}")) as server:
        late = time.monotonic()
        await failed(
            lambda: http.post(server.url + PATH, deadline=late), Unavailable, touched=False
        )
        assert server.received == []


async def test_the_last_check_is_on_the_open_connection(http: Http) -> None:
    """A loop that was busy while the connection was made must not write after the deadline."""
    async with Loopback(answer(200, b"{}")) as server:
        deadline = time.monotonic() + 0.2
        calling = asyncio.create_task(http.post(server.url + PATH, deadline=deadline))
        await asyncio.sleep(0)
        time.sleep(0.25)  # noqa: ASYNC251 (the busy loop)
        with pytest.raises(Unavailable):
            await calling
        assert b"".join(server.received) == b""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there aiohttp writes at once")
async def test_a_call_that_aiohttp_still_has_in_hand_is_stopped(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its request's `send` and the first byte, which a task of its own writes for files."""
    send, off = _Request.send, [""]

    async def send_then_off(request: Any, connection: Any) -> Any:
        response = await send(request, connection)
        off[0] = "halted"
        return response

    monkeypatch.setattr(_Request, "send", send_then_off)
    async with Loopback(answer(200, b"{}")) as server:
        with watch(Wire(closed=lambda: off[0])) as wire, pytest.raises(Unavailable, match="halted"):
            await http.post(server.url, files={"photo": Part("عکس.jpg", b"...", "image/jpeg")})
        assert not any(server.received)
    assert not wire.touched


async def test_cancelling_passes_through(http: Http) -> None:
    async with Loopback(hangs=True) as server:
        calling = asyncio.create_task(http.post(server.url, data={"text": "x"}))
        await server.asked.wait()
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling


async def test_a_redirect_is_not_followed(http: Http) -> None:
    async with Loopback(answer(200, b"{}")) as elsewhere:
        header = b"Location: " + elsewhere.url.encode()
        async with Loopback(answer(307, b"", header)) as server:
            assert (await http.post(server.url + PATH, data={"a": "b"})).status == 307
        assert elsewhere.received == []


async def test_cookies_are_not_kept(http: Http) -> None:
    async with Loopback(answer(200, b"{}", b"Set-Cookie: a=b; Path=/")) as server:
        await http.get(server.url)
        await http.get(server.url)
        assert b"a=b" not in b"".join(server.received)
        assert len(server.received) == 2


async def test_files_are_streamed_under_their_persian_name(http: Http, tmp_path: Path) -> None:
    name = 'اطلاعیه‌ی "شماره ۱۲" (final).pdf'
    path = tmp_path / "blob"
    path.write_bytes(b"%PDF" + bytes(200_000))
    seen: dict[str, object] = {}

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["document"]
        assert isinstance(file, web.FileField)
        seen.update(
            name=file.filename, mime=file.content_type, size=len(file.file.read()), text=form["c"]
        )
        return web.json_response({})

    app = web.Application(client_max_size=10**7)
    app.router.add_post("/up", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        for _ in range(2):
            with path.open("rb") as file:
                part = Part(name, file, "application/pdf")
                await http.post(
                    f"http://127.0.0.1:{runner.addresses[0][1]}/up",
                    data={"c": "شرحِ پرونده ۱۴۰۵"},
                    files={"document": part},
                )
            assert seen == {
                "name": name,
                "mime": "application/pdf",
                "size": 200_004,
                "text": "شرحِ پرونده ۱۴۰۵",
            }
            seen.clear()
    finally:
        await runner.cleanup()


async def test_a_file_name_cannot_break_the_form(http: Http) -> None:
    async with Loopback(answer(200, b"{}")) as server:
        part = Part("a\r\nX-Evil: 1\r\n\r\nb.txt", b"x", "text/plain")
        await http.post(server.url, files={"document": part})
        assert b"\r\nX-Evil" not in server.received[0]
        assert b'filename="aX-Evil: 1b.txt"' in server.received[0]


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
            with pytest.raises(Unavailable):
                await http.post(url, files={"f": Part("f", b"two", "text/plain")})
            assert len(asked) == 1


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
    sent = {"files": {"f": Part("f", body, "text/plain")}} if files else {"raw": body}
    with pytest.raises(OutcomeUnknown):
        await http.post(url, **sent, deadline=time.monotonic() + 0.3)
    await asyncio.sleep(0.1)
    given_up.set()
    await asyncio.wait_for(read.wait(), 10)
    assert got < len(body)
    server.close()
    await server.wait_closed()
