"""A failed call is classified by whether its first byte had left, and never shows its address."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from broadcaster.errors import OutcomeUnknown, Unavailable
from broadcaster.kit.http import ANSWER_BYTES, Answer, FilePart, Http
from broadcaster.kit.wire import Wire, watch
from broadcaster.testing.loopback import Loopback, answer, refused_port
from tests.unit.kit.calls import PATH, failed, served

pytestmark = pytest.mark.usefixtures("each_transport")


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


@pytest.mark.parametrize("files", [False, True])
async def test_no_byte_leaves_once_a_call_is_stopped(
    http: Http, each_transport: str, files: bool
) -> None:
    """At whichever look: nothing has left, and at the first it is surely so."""
    sent: dict[str, Any] = {"raw": b"x"}
    if files:
        sent = {"files": {"photo": FilePart("عکس.jpg", b"...", "image/jpeg")}}
    async with Loopback(answer(200, b"{}")) as server:
        for looks in range(1, 9):
            asked = 0

            def closed(until: int = looks) -> str:
                nonlocal asked
                asked += 1
                return "halted" if asked >= until else ""

            error = None
            with watch(Wire(closed=closed)) as wire:
                try:
                    await http.post(server.url, **sent)
                except (Unavailable, OutcomeUnknown) as stopped:
                    error = stopped
            if error is None:
                break
            assert "halted" in error.detail
            assert wire.touched is isinstance(error, OutcomeUnknown)
            assert looks > 2 or not wire.touched, "in doubt is only what aiohttp has in hand"
            assert not any(server.received)
        assert asked < looks
        assert looks > (4 if files or each_transport == "public" else 2), "the last look is late"
        assert sum(map(bool, server.received)) == 1


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
                part = FilePart(name, file, "application/pdf")
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
        part = FilePart("a\r\nX-Evil: 1\r\n\r\nb.txt", b"x", "text/plain")
        await http.post(server.url, files={"document": part})
        assert b"\r\nX-Evil" not in server.received[0]
        assert b'filename="aX-Evil: 1b.txt"' in server.received[0]
