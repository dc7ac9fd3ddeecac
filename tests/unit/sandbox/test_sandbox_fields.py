"""A call is the same call in whatever encoding its client chose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from broadcaster.sandbox.fields import UnreadableRequest, read_fields

SAID = {"chat_id": "-100", "text": "سلام، می‌آید", "media": '["a", 1]', "silent": "true"}
JSON = {"chat_id": -100, "text": "سلام، می‌آید", "media": ["a", 1], "silent": True, "x": None}
FORM = "application/x-www-form-urlencoded"
PARTS = "".join(
    f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in SAID.items()
)
PARTS += "--xx--\r\n"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=xx"}


@pytest_asyncio.fixture
async def url() -> AsyncIterator[str]:
    """A server that says what it has read."""

    async def read(request: web.Request) -> web.Response:
        try:
            fields = await read_fields(request)
        except UnreadableRequest as error:
            return web.Response(status=400, text=str(error))
        files = {
            name: [each.name, each.mime, each.content.decode("latin-1")]
            for name, each in fields.files.items()
        }
        return web.json_response({"values": dict(fields.values), "files": files})

    app = web.Application()
    app.router.add_route("*", "/", read)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def ask(url: str, method: str = "POST", **more: Any) -> Any:
    async with (
        aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.request(method, url, **more) as answer,
    ):
        return await answer.json() if answer.status == 200 else await answer.text()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "more",
    [
        {"params": SAID},
        {"data": urlencode(SAID), "headers": {"Content-Type": FORM}},
        {"data": urlencode(SAID)},
        {"data": json.dumps(JSON), "headers": {"Content-Type": "application/json"}},
        {"data": json.dumps(JSON, ensure_ascii=False).encode()},
        {"data": PARTS.encode(), "headers": MULTIPART},
    ],
    ids=["query", "form", "form without type", "json", "json without type", "multipart"],
)
async def test_every_encoding_says_the_same(url: str, method: str, more: dict[str, Any]) -> None:
    assert await ask(url, method, **more) == {"values": SAID, "files": {}}


async def test_a_query_goes_with_a_body_and_no_body_is_no_parameter(url: str) -> None:
    both = await ask(url, params={"a": "1"}, data=urlencode({"b": "2"}))
    assert both["values"] == {"a": "1", "b": "2"}
    assert await ask(url) == {"values": {}, "files": {}}


@pytest.mark.parametrize(
    ("head", "name", "mime"),
    [
        ('name="photo"; filename="عکس.png"', "عکس.png", "image/png"),
        ("name=photo; filename=عکس.png", "عکس.png", "image/png"),
        ("name=\"photo\"; filename*=utf-8''%D8%B9%DA%A9%D8%B3.png", "عکس.png", "image/png"),
        ('filename="a;b \\"c\\".png"; name="photo"', 'a;b "c".png', "image/png"),
        ('name="photo"; filename="x"\r\nContent-Type: multipart/form-data', "x", ""),
        ('name="photo"\r\nContent-Type: image/jpeg', "photo", "image/jpeg"),
    ],
)
async def test_a_file_is_read_however_its_part_is_written(
    url: str, head: str, name: str, mime: str
) -> None:
    part = f"--xx\r\nContent-Disposition: form-data; {head}\r\n\r\n\r\n--x\xff\r\n--xx--\r\n"
    body = part.encode().replace("\xff".encode(), b"\xff")
    read = await ask(url, data=body, headers=MULTIPART)
    expected = [name, mime or "application/octet-stream", "\r\n--x\xff"]
    assert read == {"values": {}, "files": {"photo": expected}}


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (b'{"a": ', {"Content-Type": "application/json"}),
        (b"[1]", {"Content-Type": "application/json"}),
        (b"\xff\xfe=", {"Content-Type": FORM}),
        (b"\x00\x01", {}),
        (b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf', MULTIPART),
        (b"--xx--", {"Content-Type": "multipart/form-data"}),
    ],
)
async def test_what_cannot_be_read_is_said(url: str, data: bytes, headers: dict[str, str]) -> None:
    said = await ask(url, data=data, headers=headers)
    assert isinstance(said, str)
    assert said
