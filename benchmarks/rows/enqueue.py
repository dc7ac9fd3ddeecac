"""Queueing one post to a thousand channels: what a person waits for once the text is ready."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.backlog import fill_due
from benchmarks.bare import forms, post_all
from benchmarks.measure import Kind, Row, by_turns
from benchmarks.office import DRAFT, SENDERS, TEXT, Bench, build, daemon
from benchmarks.rows.fanout import PATH
from benchmarks.server import serving
from broadcaster.cli import startup
from broadcaster.store.store import Store

CHANNELS = 1000
OPEN = 100_000
ENQUEUES = 200


def empty() -> Row:
    return _against_bare("enqueue", 0, goal=0.03)


def with_open() -> Row:
    return _against_bare("enqueue-open", OPEN, goal=0.05)


def while_busy() -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        config = build(Path(folder), server.url, CHANNELS)
        bench = Bench.of(config)
        with bench.office.store() as store, _collecting_as_a_command_does():
            idle = [_enqueue(bench, store) for _ in range(21)]
            with daemon(config):
                busy = []
                for _ in range(ENQUEUES):
                    busy.append(_enqueue(bench, store))
                    time.sleep(0.02)
    return Row(
        name="enqueue-busy",
        what=f"worst of {ENQUEUES} posts to {CHANNELS:,} channels while the daemon runs flat out",
        against="the median while it does not run",
        kind=Kind.MORE,
        goal=50,
        unit="ms",
        ours=[max(busy) * 1000],
        theirs=[statistics.median(idle) * 1000],
        details={"median while busy, ms": statistics.median(busy) * 1000},
    )


@contextmanager
def _collecting_as_a_command_does() -> Iterator[None]:
    """A command ends before Python's collector has looked through all there is; in this process
    that takes 30 ms, for one post of two hundred."""
    before = gc.get_threshold()
    gc.collect()
    startup.begin()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _against_bare(name: str, waiting: int, *, goal: float) -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench.of(build(Path(folder), server.url, CHANNELS))
        bodies = forms(TEXT, CHANNELS, 1)
        with bench.office.store() as store:
            _enqueue(bench, store)
            fill_due(bench.office, waiting)
            ours, theirs = by_turns(
                lambda: statistics.median(_enqueue(bench, store) for _ in range(3)),
                lambda: post_all(server.url + PATH, bodies, SENDERS),
            )
    return Row(
        name=name,
        what=f"one post queued to {CHANNELS:,} channels"
        + (f", {waiting:,} deliveries open" if waiting else ""),
        against="a bare aiohttp loop posting it",
        kind=Kind.COST,
        goal=goal,
        ours=ours,
        theirs=theirs,
    )


def _enqueue(bench: Bench, store: Store) -> float:
    begun = time.perf_counter()
    bench.office.submit(store, DRAFT, bench.planned, now=datetime.now(UTC))
    return time.perf_counter() - begun
