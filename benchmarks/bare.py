"""The yardstick: a loop that posts the same bodies with aiohttp, and remembers nothing.

The bodies are encoded before the clock starts: it measures the wire, not how aiohttp encodes a
form (which would take half as long again for a Persian text).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlencode

import aiohttp

from broadcaster.engine import process

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def forms(text: str, channels: int, posts: int) -> list[bytes]:
    """The bodies of ``posts`` announcements to each of ``channels``, as the Bot API takes them."""
    shared = urlencode({"text": text})
    one = [f"chat_id=%40channel{number}&{shared}".encode("ascii") for number in range(channels)]
    return one * posts


def post_all(url: str, bodies: Sequence[bytes], at_once: int) -> float:
    """Seconds to post ``bodies``, ``at_once`` at once, on the daemon's own kind of event loop."""

    async def run() -> float:
        work = iter(bodies)
        connector = aiohttp.TCPConnector(limit=at_once)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def sender() -> None:
                for body in work:
                    async with session.post(url, data=body, headers=FORM) as answer:
                        assert (await answer.json())["ok"]

            begun = time.perf_counter()
            await asyncio.gather(*(sender() for _ in range(at_once)))
            return time.perf_counter() - begun

    return process.run(run())
