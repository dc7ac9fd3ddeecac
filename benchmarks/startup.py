"""What a person waits for at the shell, against an interpreter that does nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Row, pairs
from benchmarks.office import build


def run_help() -> Row:
    ours_s, theirs_s = pairs(_timed("-m", "broadcaster", "--help"), _timed("-c", "pass"))
    return Row(
        name="help",
        what="broadcaster --help",
        against="python -c pass",
        ours_s=ours_s,
        theirs_s=theirs_s,
        goal=6,
        at_least=False,
    )


def run_post() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), "http://127.0.0.1:9", 2)
        config = str(Path(folder) / "broadcaster.toml")
        post = _timed("-m", "broadcaster", "--config", config, "post", "متن", "--to", "all")
        ours_s, theirs_s = pairs(post, _timed("-c", "pass"))
    return Row(
        name="post",
        what="broadcaster post on SQLite",
        against="python -c pass",
        ours_s=ours_s,
        theirs_s=theirs_s,
        goal=20,
        at_least=False,
    )


def _timed(*arguments: str) -> Callable[[], float]:
    def timed() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        return time.perf_counter() - begun

    return timed
