"""What commands leave out of their end."""

from __future__ import annotations

import subprocess
import sys

BEGUN = """
import gc
from broadcaster.cli import startup
startup.begin()
print(gc.get_threshold()[0] >= 100_000, gc.isenabled())
startup.leave()
print(gc.get_freeze_count() > 0)
"""


def test_a_command_collects_seldom_and_ends_without_a_last_look() -> None:
    ran = subprocess.run([sys.executable, "-c", BEGUN], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["True True", "True"]
