"""What a person waits for at the shell, against an interpreter that does nothing."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Kind, Row, by_turns
from benchmarks.office import TEXT, build

TURNS = 15
ROOT = Path(__file__).parents[2]


def help_page() -> Row:
    return _row("help", "broadcaster --help", ("--help",), goal=6, aim=None)


def post() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        config = build(Path(folder), "http://127.0.0.1:9", 2)
        command = ("--config", str(config), "post", TEXT, "--to", "all")
        return _row("post", "broadcaster post, on SQLite", command, goal=20, aim=12)


def _row(name: str, what: str, command: tuple[str, ...], *, goal: float, aim: float | None) -> Row:
    for package in ("broadcaster", "adapters"):  # as an installer leaves them
        compileall.compile_dir(ROOT / package, quiet=2)
    ours, theirs = by_turns(
        _timed(str(Path(sys.executable).with_name("broadcaster")), *command),
        _timed(sys.executable, "-c", "pass"),
        pairs=TURNS,
    )
    return Row(
        name=name,
        what=what,
        against="python -c pass",
        kind=Kind.COST,
        goal=goal,
        aim=aim,
        ours=ours,
        theirs=theirs,
    )


def _timed(*command: str) -> Callable[[], float]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    def timed() -> float:
        begun = time.perf_counter()
        subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - begun

    return timed
