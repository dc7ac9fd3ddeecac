"""Durable fan-out end to end on SQLite, against a bare loop that posts the same bodies."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.bare import post_all
from benchmarks.measure import Row, pairs
from benchmarks.office import build, queue
from benchmarks.server import serving

CHANNELS, POSTS = 1000, 6


def run() -> Row:
    with serving() as url:

        def ours() -> float:
            with tempfile.TemporaryDirectory() as folder:
                office = build(Path(folder), url, CHANNELS)
                queue(office, POSTS)
                begun = time.perf_counter()
                code = asyncio.run(office.daemon(drain=True, level="error"))
                taken = time.perf_counter() - begun
                assert code == 0, "everything was to be delivered"
                return taken

        ours_s, theirs_s = pairs(ours, lambda: post_all(url, CHANNELS, POSTS))
    return Row(
        name="fanout",
        what=f"durable fan-out on SQLite, {CHANNELS} channels x {POSTS} posts",
        against="a bare aiohttp loop",
        ours_s=ours_s,
        theirs_s=theirs_s,
        goal=0.65,
        at_least=True,
    )
