"""Chapar's client before the fake Chapar."""

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from chapar.adapter import Chapar
from fake import Fake

from broadcaster.testing.adapter_contract import AdapterContract


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[str]:
    runner = web.AppRunner(Fake().app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class TestChapar(AdapterContract):
    adapter = Chapar
    address = "akhbar"
