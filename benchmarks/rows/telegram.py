"""The Telegram adapter alone, beside bare aiohttp and beside the library's own transport."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from benchmarks.bare import forms, post_all
from benchmarks.measure import Kind, Row, by_turns
from benchmarks.office import TEXT, TOKEN
from benchmarks.rows.fanout import PATH
from benchmarks.server import Server, serving
from broadcaster.adapter import Call
from broadcaster.engine import process
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Account, Channel, Message, Secret

AT_ONCE = 100
CALLS, STOCK_CALLS = 3000, 300


def bare() -> Row:
    with serving() as server:
        bodies = forms(TEXT, CALLS, 1)
        ours, theirs = by_turns(
            lambda: _adapter(server, CALLS), lambda: post_all(server.url + PATH, bodies, AT_ONCE)
        )
    return Row(
        name="telegram",
        what=f"the Telegram adapter, {AT_ONCE} posts at once",
        against="a bare aiohttp loop",
        kind=Kind.SPEED,
        goal=0.4,
        aim=0.5,
        ours=ours,
        theirs=theirs,
    )


def stock() -> Row:
    with serving() as server:
        ours, theirs = by_turns(
            lambda: _adapter(server, CALLS) / CALLS * STOCK_CALLS,
            lambda: _stock(server, STOCK_CALLS),
        )
    return Row(
        name="telegram-stock",
        what=f"the Telegram adapter, {AT_ONCE} posts at once",
        against="python-telegram-bot's own transport (httpx)",
        kind=Kind.SPEED,
        goal=10,
        ours=ours,
        theirs=theirs,
    )


def _adapter(server: Server, calls: int) -> float:
    from adapters.telegram.adapter import Telegram
    from adapters.telegram.facts import PLATFORM

    channel = Channel(name="c", account="telegram", address="@channel")
    call = Call(
        channel=channel,
        message=Message(index=0, text=TEXT),
        key="k",
        deadline=time.monotonic() + 600,
    )
    account = Account(
        name="telegram",
        platform="telegram",
        token=Secret(TOKEN),
        base_url=server.url,
        config=PLATFORM.config(),
    )

    async def work() -> float:
        adapter = Telegram(account)

        async def send(number: int) -> None:
            one = replace(call, channel=replace(channel, address=f"@channel{number}"))
            with watch(Wire()):
                await adapter.send(one)

        taken = await _at_once(send, calls)
        await adapter.close()
        return taken

    return process.run(work())


def _stock(server: Server, calls: int) -> float:
    from telegram import Bot
    from telegram.request import HTTPXRequest

    async def work() -> float:
        request = HTTPXRequest(connection_pool_size=AT_ONCE, pool_timeout=60, read_timeout=60)
        async with _entered(Bot(TOKEN, base_url=f"{server.url}/bot", request=request)) as bot:
            return await _at_once(lambda number: bot.send_message(f"@channel{number}", TEXT), calls)

    return process.run(work())


class _entered:  # noqa: N801
    """A Bot that is not asked for its own name first, which the server could not answer."""

    def __init__(self, bot: Any) -> None:
        self._bot = bot

    async def __aenter__(self) -> Any:
        return self._bot

    async def __aexit__(self, *_: object) -> None:
        await self._bot.shutdown()


async def _at_once(send: Callable[[int], Awaitable[Any]], calls: int) -> float:
    """Seconds for ``calls`` of ``send``, ``AT_ONCE`` at once."""
    work = iter(range(calls))

    async def sender() -> None:
        for number in work:
            await send(number)

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    return time.perf_counter() - begun
