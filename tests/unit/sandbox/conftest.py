"""Sandboxes that start on a file, stop and start again, and a way to speak to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio

from adapters.bale.sandbox import FAKE as BALE
from adapters.telegram.sandbox import FAKE as TELEGRAM
from broadcaster.sandbox.server import start

TOKEN = "42:AAunitAAunitAAunitAAunitAAunitAAunitAA"


class Client:
    """Calls to one sandbox."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(self, method: str, platform: str = "telegram", **params: Any) -> Any:
        """The answer of a method, as JSON."""
        url = f"{self.url}/{platform}/bot{TOKEN}/{method}"
        async with self.session.post(url, json=params) as answer:
            return await answer.json()

    async def say(self, text: str, chat: str = "@news", platform: str = "telegram") -> str:
        """Post a text; its id."""
        answer = await self.call("sendMessage", platform, chat_id=chat, text=text)
        return str(answer["result"]["message_id"])

    async def upload(self, method: str, name: str, content: bytes, **params: str) -> Any:
        form = aiohttp.FormData(params)
        form.add_field(method.removeprefix("send").lower(), content, filename=name)
        url = f"{self.url}/telegram/bot{TOKEN}/{method}"
        async with self.session.post(url, data=form) as answer:
            return (await answer.json())["result"]

    async def control(
        self, what: str, said: object = None, *, code: int = 200, **query: str
    ) -> Any:
        url = f"{self.url}/_sandbox/{what}"
        method = "GET" if said is None else "POST"
        async with self.session.request(method, url, json=said, params=query) as answer:
            assert answer.status == code
            return await answer.json()

    async def page(self, path: str, code: int = 200) -> str:
        async with self.session.get(f"{self.url}{path}") as answer:
            assert answer.status == code
            return await answer.text()


Opener = Callable[[Path | None], Awaitable[Client]]


@asynccontextmanager
async def running(ledger: Path | None = None, **switches: dict[str, str]) -> AsyncIterator[Client]:
    """A sandbox of two platforms while the block runs."""
    fakes = {"telegram": TELEGRAM, "bale": BALE}
    sandbox = await start(fakes, host="127.0.0.1", port=0, ledger=ledger, switches=switches)
    try:
        async with aiohttp.ClientSession() as session:
            yield Client(sandbox.url, session)
    finally:
        await sandbox.stop()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as found:
        yield found


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Callable[..., Any]]:
    """``async with opened(path, telegram={…}) as client``."""
    async with AsyncExitStack():
        yield running
