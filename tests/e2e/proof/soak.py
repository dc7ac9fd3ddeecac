"""``make soak``: rounds of kills and faults for as long as you like, each with its seed printed.

``python -m tests.e2e.proof.soak --minutes 30 --seed 1405 --store both``; a seed that has failed
can be run again alone with ``--seed N --rounds 1``.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from broadcaster.testing.postgres import Server
from tests.e2e.proof import pace, trial
from tests.e2e.proof.bureau import ALL, Plan

OFFICE = trial.Scale(
    plan=Plan(platforms=ALL, channels=3, level="info"),
    posts=200,
    daemon_kills=8,
    sandbox_kills=2,
    cli_kills=10,
    share=0.1,
    patience_s=900,
)
"""What the promises are measured by: 200 posts to 21 channels of every platform, ten kills."""


def main(words: list[str]) -> int:
    said = _parser().parse_args(words)
    seeds = itertools.count(random.randrange(10**6) if said.seed is None else said.seed)
    end = time.monotonic() + said.minutes * 60
    failed: list[int] = []
    if said.pace:
        print(pace.measure(), flush=True)
    with ExitStack() as stack:
        scales = itertools.cycle(_scales(stack, said.store, said.posts))
        for number, (seed, (store, scale)) in enumerate(zip(seeds, scales, strict=False), 1):
            print(f"round {number}: seed {seed} on {store} …", flush=True)
            if not _round(seed, store, scale):
                failed.append(seed)
            if number == said.rounds or (not said.rounds and time.monotonic() > end):
                break
    print(f"{number} rounds, failed: {', '.join(map(str, failed)) or 'none'}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="no round begins later")
    parser.add_argument("--rounds", type=int, default=0, help="so many, whatever the time")
    parser.add_argument("--seed", type=int, help="of the first round; each next one is one more")
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--posts", type=int, default=OFFICE.posts)
    parser.add_argument("--no-pace", dest="pace", action="store_false")
    return parser


def _scales(stack: ExitStack, store: str, posts: int) -> Iterator[tuple[str, trial.Scale]]:
    scale = replace(OFFICE, posts=posts)
    if store in ("sqlite", "both"):
        yield "sqlite", scale
    if store in ("postgresql", "both"):
        server = stack.enter_context(Server())
        url = f"postgresql://office@{quote(str(server.folder), safe='')}"
        yield "postgresql", replace(scale, daemons=2, plan=replace(scale.plan, store=url))


def _round(seed: int, store: str, scale: trial.Scale) -> bool:
    """False: it failed, and its folder is kept."""
    folder = Path(tempfile.mkdtemp(prefix=f"broadcaster-soak-{seed}-"))
    if store == "postgresql":
        scale = replace(scale, plan=replace(scale.plan, store=_database(scale.plan.store)))
    try:
        report = trial.run(folder, seed, scale)
    except Exception:
        traceback.print_exc()
        print(f"seed {seed} FAILED; logs, ledger and queue are in {folder}", flush=True)
        return False
    shutil.rmtree(folder)
    print(f"  {report}", flush=True)
    return True


def _database(server: str) -> str:
    """The URL of a new database of the server."""
    import psycopg

    name = f"soak_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
    return f"{server}/{name}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
