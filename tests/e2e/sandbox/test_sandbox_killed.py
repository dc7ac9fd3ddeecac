"""What the sandbox has answered for is in its ledger, even when it is killed in the middle."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

TOKEN = "42:AAkilledAAkilledAAkilledAAkilledAAkille"


@asynccontextmanager
async def running(ledger: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "broadcaster", "sandbox", "--port", "0", "--json"),
        *("--ledger", str(ledger)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):  # JSON over several lines
            said += (await process.stdout.readline()).decode()
        yield json.loads(said)["url"], process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_no_answered_message_is_lost_by_a_kill(tmp_path: Path) -> None:
    ledger = tmp_path / "accepted.jsonl"
    answered: list[int] = []
    enough = asyncio.Event()

    async def post(session: aiohttp.ClientSession, url: str) -> None:
        number = 0
        while True:
            number += 1
            params = {"chat_id": "@news", "text": f"پیام {number}"}
            async with session.post(f"{url}/telegram/bot{TOKEN}/sendMessage", json=params) as said:
                answered.append((await said.json())["result"]["message_id"])
            if len(answered) == 200:
                enough.set()

    async with running(ledger) as (url, process), aiohttp.ClientSession() as session:
        posting = [asyncio.create_task(post(session, url)) for _ in range(8)]
        await enough.wait()
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await asyncio.gather(*posting, return_exceptions=True)
    async with running(ledger) as (url, _), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/_sandbox/messages") as answer:
            kept = [int(each["id"]) for each in await answer.json()]
        assert set(answered) <= set(kept)
        assert kept == [*range(1, len(kept) + 1)]
        assert len(kept) - len(answered) <= len(posting), "only what was on the wire is unanswered"
        params = {"chat_id": "@news", "text": "پس از آن"}
        async with session.post(f"{url}/telegram/bot{TOKEN}/sendMessage", json=params) as answer:
            assert (await answer.json())["result"]["message_id"] == len(kept) + 1
