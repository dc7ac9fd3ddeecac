"""A running sandbox of the fakes at hand, and what it has accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from adapters.bale.sandbox import FAKE as BALE
from adapters.telegram.sandbox import FAKE as TELEGRAM
from broadcaster.sandbox.server import Running, start

Control = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Running]:
    running = await start({"telegram": TELEGRAM, "bale": BALE}, host="127.0.0.1", port=0)
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def control(sandbox: Running, http: aiohttp.ClientSession) -> Control:
    """``await control("messages", platform=…)`` reads, ``await control("faults", {…})`` posts."""

    async def ask(what: str, said: object = None, **query: str) -> Any:
        url = f"{sandbox.url}/_sandbox/{what}"
        calling = (
            http.get(url, params=query) if said is None else http.post(url, json=said, params=query)
        )
        async with calling as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    return ask
