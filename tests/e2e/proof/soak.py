"""``make soak``: rounds of kills and faults for as long as you like, each with its seed printed.

``python -m tests.e2e.proof.soak --minutes 30 --seed 1405 --store both``; a seed that has failed
can be run again alone with ``--seed N --rounds 1``.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from broadcaster.testing.postgres import Server
from tests.e2e.proof import pace, trial
from tests.e2e.proof.bureau import ALL, Plan
from tests.e2e.proof.databases import new_database

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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave no daemon behind
    seeds = itertools.count(random.randrange(10**6) if said.seed is None else said.seed)
    end = time.monotonic() + said.minutes * 60
    failed: list[int] = []
    if said.pace:
        print(pace.measure(), flush=True)
    with ExitStack() as stack:
        turns = itertools.cycle(_turns(stack, said.store, replace(OFFICE, posts=said.posts)))
        for number, (seed, (store, scale)) in enumerate(zip(seeds, turns, strict=False), 1):
            print(f"round {number}: seed {seed} on {store} …", flush=True)
            if not _round(seed, scale()):
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


def _turns(
    stack: ExitStack, store: str, scale: trial.Scale
) -> Iterator[tuple[str, Callable[[], trial.Scale]]]:
    """Each store, and what makes a round on a fresh one."""
    if store in ("sqlite", "both"):
        yield "sqlite", lambda: scale
    if store in ("postgresql", "both"):
        server = stack.enter_context(Server())
        yield (
            "postgresql",
            lambda: replace(scale, daemons=2, plan=replace(scale.plan, store=new_database(server))),
        )


def _round(seed: int, scale: trial.Scale) -> bool:
    """False: it failed, and its folder is kept."""
    folder = Path(tempfile.mkdtemp(prefix=f"broadcaster-soak-{seed}-"))
    try:
        report = trial.run(folder, seed, scale)
    except Exception:
        traceback.print_exc()
        print(f"seed {seed} FAILED; logs, ledger and queue are in {folder}", flush=True)
        return False
    shutil.rmtree(folder)
    print(f"  {report}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
