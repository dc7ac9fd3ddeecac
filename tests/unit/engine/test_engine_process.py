"""The daemon's process: its event loop, and what its garbage collector leaves alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from broadcaster.engine import process

QUIET = """
import gc, sys
from broadcaster.engine import process
process.tune()
print(gc.get_freeze_count() > 0, gc.get_threshold()[0], round(sys.getswitchinterval(), 6))
"""


async def loop_module() -> str:
    return type(asyncio.get_running_loop()).__module__


def test_work_runs_on_uvloop() -> None:
    assert process.run(loop_module()).partition(".")[0] == "uvloop"


def test_without_uvloop_work_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert process.run(loop_module()).partition(".")[0] == "asyncio"


def test_the_collector_leaves_what_is_loaded_alone_and_threads_take_turns() -> None:
    ran = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", str(process.YOUNG), str(process.TURN_S)]
