"""Several daemons on one PostgreSQL: sends that only take time, so that the queue is the limit."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.database import database
from benchmarks.measure import Kind, Row, by_turns
from benchmarks.office import Bench, build, daemon
from benchmarks.outcome import watching

CHANNELS, POSTS = 1000, 6
OUTSIDE = Path(__file__).parents[1] / "outside"


def two() -> Row:
    sys.path.insert(0, str(OUTSIDE))
    with tempfile.TemporaryDirectory() as folder, database() as url:
        config = build(Path(folder), "http://127.0.0.1:9", CHANNELS, adapter="sleeper", store=url)
        bench = Bench.of(config)
        ours, theirs = by_turns(
            lambda: _drained(bench, config, 2), lambda: _drained(bench, config, 1)
        )
    return Row(
        name="daemons",
        what=f"two daemons on one PostgreSQL, {CHANNELS * POSTS:,} sends of 20 ms, 100 at once",
        against="one daemon",
        kind=Kind.SPEED,
        goal=1.7,
        ours=ours,
        theirs=theirs,
    )


def _drained(bench: Bench, config: Path, daemons: int) -> float:
    """Seconds until nothing waits any more; all is queued before the daemons' clock starts."""
    with ExitStack() as running, watching(bench.office.settings.store_url) as settled:
        bench.queue(1)  # a round that nobody times: every daemon has started and claims
        for _ in range(daemons):
            running.enter_context(daemon(config, path=OUTSIDE))
        settled(0.02)
        begun = time.perf_counter()
        bench.queue(POSTS)
        settled(0.02)
        return time.perf_counter() - begun
