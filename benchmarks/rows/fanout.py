"""Durable fan-out from end to end: from queueing the posts to the last receipt on record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from benchmarks.bare import forms, post_all
from benchmarks.database import database
from benchmarks.measure import Kind, Row, by_turns
from benchmarks.office import SENDERS, TEXT, Bench, Daemon, build, daemon
from benchmarks.server import Server, serving

CHANNELS, POSTS = 1000, 6
PATH = "/bot1:x/sendMessage"
PAIRS = 9
"""A machine that is shared changes its speed from one second to the next."""
WHAT = f"durable fan-out, {CHANNELS:,} channels x {POSTS} posts, "


def sqlite_bare() -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        return _against_bare(
            server, Path(folder), name="fanout", what=WHAT + "SQLite", goal=0.65, aim=0.80
        )


def sqlite_apprise() -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        config = build(Path(folder), server.url, CHANNELS)
        bench = Bench.of(config)
        apprise = peers.Apprise()
        with daemon(config):
            ours, theirs = by_turns(
                lambda: bench.deliver(server, POSTS) / POSTS,
                lambda: apprise.notify(server.url, CHANNELS, TEXT),
            )
    return Row(
        name="fanout-apprise",
        what=WHAT + "SQLite",
        against=f"{apprise.version}: async_notify to as many json:// endpoints, once",
        kind=Kind.SPEED,
        goal=5,
        aim=6,
        ours=ours,
        theirs=theirs,
    )


def postgresql_bare() -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder, database() as url:
        return _against_bare(
            server,
            Path(folder),
            name="fanout-postgresql",
            what=WHAT + "PostgreSQL, one daemon",
            goal=0.60,
            store=url,
        )


def postgresql_procrastinate() -> Row:
    """Each turn of theirs is its best of three concurrencies, with its own table emptied before."""
    jobs = 200
    with serving() as server, tempfile.TemporaryDirectory() as folder, database() as url:
        config = build(Path(folder), server.url, CHANNELS, store=url)
        bench = Bench.of(config)
        procrastinate = peers.Procrastinate(url)
        at_once = (20, 50, 100)
        with daemon(config):
            ours, *theirs = by_turns(
                lambda: bench.deliver(server, POSTS) / (CHANNELS * POSTS),
                *(
                    (
                        lambda jobs_at_once=jobs_at_once: (
                            procrastinate.work(server.url + PATH, jobs, jobs_at_once, TEXT) / jobs
                        )
                    )
                    for jobs_at_once in at_once
                ),
            )
    best = [min(turn) for turn in zip(*theirs, strict=True)]
    return Row(
        name="fanout-procrastinate",
        what=WHAT + "PostgreSQL, one daemon; seconds per delivery",
        against=f"{procrastinate.version}: jobs that post with aiohttp, best of {at_once} at once",
        kind=Kind.SPEED,
        goal=6,
        ours=ours,
        theirs=best,
    )


def _against_bare(
    server: Server,
    folder: Path,
    *,
    name: str,
    what: str,
    goal: float,
    aim: float | None = None,
    store: str = "",
) -> Row:
    config = build(folder, server.url, CHANNELS, store=store)
    bench = Bench.of(config)
    bodies = forms(TEXT, CHANNELS, POSTS)
    with daemon(config) as process:
        cpu: list[float] = []
        ours, theirs = by_turns(
            _with_cpu(process, cpu, lambda: bench.deliver(server, POSTS)),
            lambda: post_all(server.url + PATH, bodies, SENDERS),
            pairs=PAIRS,
        )
    return Row(
        name=name,
        what=what,
        against="a bare aiohttp loop that posts the same bodies",
        kind=Kind.SPEED,
        goal=goal,
        aim=aim,
        ours=ours,
        theirs=theirs,
        details={"daemon's CPU per delivery, us": min(cpu[1:]) / len(bodies) * 1e6},
    )


def _with_cpu(
    process: Daemon, spent: list[float], work: Callable[[], float]
) -> Callable[[], float]:
    def measured() -> float:
        before = process.cpu_s
        taken = work()
        spent.append(process.cpu_s - before)
        return taken

    return measured
