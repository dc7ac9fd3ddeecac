"""What commands leave out of their start and end, and that nothing of it is missed."""

from __future__ import annotations

import subprocess
import sys

BEGUN = """
import gc, sys
from broadcaster.cli import startup
startup.begin()
from pydantic import BaseModel

class Table(BaseModel):
    name: str

print(Table(name="خبر").name, "importlib.metadata" in sys.modules)
from pydantic.plugin import _loader
print(_loader.PYDANTIC_ENTRY_POINT_GROUP, "importlib.metadata" in sys.modules)
startup.leave()
print(gc.get_freeze_count() > 0)
"""


def test_plugins_are_not_looked_for_but_all_else_is_there() -> None:
    ran = subprocess.run([sys.executable, "-c", BEGUN], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["خبر False", "pydantic True", "True"]
