"""The yardstick: a loop that posts the same bodies with aiohttp and remembers nothing."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from benchmarks.office import SENDERS, TEXT


def post_all(base_url: str, channels: int, posts: int) -> float:
    """Seconds for ``posts`` bodies to each of ``channels``, ``SENDERS`` at once."""

    async def run() -> float:
        work = iter([f"@channel{number}" for _ in range(posts) for number in range(channels)])
        url = f"{base_url}/bot1:x/sendMessage"
        connector = aiohttp.TCPConnector(limit=SENDERS)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def sender() -> None:
                for channel in work:
                    body = {"chat_id": channel, "text": TEXT}
                    async with session.post(url, data=body) as answer:
                        assert (await answer.json())["ok"]

            begun = time.perf_counter()
            await asyncio.gather(*(sender() for _ in range(SENDERS)))
            return time.perf_counter() - begun

    return asyncio.run(run())
