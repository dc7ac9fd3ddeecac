"""Runs in procrastinate's own environment: a worker whose jobs post with aiohttp."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import time
from typing import Any


async def main(database: str, url: str, jobs: int, at_once: int, text: str) -> None:
    sys.path.pop(0)  # this folder, in which a module is called procrastinate
    procrastinate = importlib.import_module("procrastinate")
    aiohttp = importlib.import_module("aiohttp")
    logging.disable(logging.CRITICAL)
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=database, kwargs={"options": "-c search_path=procrastinate"}, max_size=10
        )
    )
    session: Any = None

    async def send(channel: int) -> None:
        body = {"chat_id": f"@channel{channel}", "text": text}
        async with session.post(url, data=body) as answer:
            assert (await answer.json())["ok"]

    task = app.task(name="send")(send)
    async with app.open_async():
        await app.connector.execute_query_async("drop schema if exists procrastinate cascade")
        await app.connector.execute_query_async("create schema procrastinate")
        await app.schema_manager.apply_schema_async()
        await task.batch_defer_async(*({"channel": number} for number in range(jobs)))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
            begun = time.perf_counter()
            await app.run_worker_async(
                wait=False, concurrency=at_once, install_signal_handlers=False
            )
            taken = time.perf_counter() - begun
        done = await app.connector.execute_query_one_async(
            "select count(*) as jobs from procrastinate_jobs where status = 'succeeded'"
        )
        assert done["jobs"] == jobs, done
    print(json.dumps({"seconds": taken}))


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
