"""The command with some of its constants changed: ``hasty.py '{"module.NAME": 2.0}' WORDS…``.

A lease of two minutes and a look at a public page every minute are right for an office, and too
long for a test; what is tested stays the shipped code.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from broadcaster.cli import main


def change(constants: dict[str, float]) -> None:
    """:raises AttributeError: a constant that is not there (any more)."""
    for path, value in constants.items():
        module, _, name = path.rpartition(".")
        found = import_module(module)
        getattr(found, name)
        setattr(found, name, value)


def hasty(constants: dict[str, float], *words: str) -> list[str]:
    """The command line that runs ``broadcaster WORDS`` with ``constants``."""
    return [sys.executable, str(Path(__file__)), json.dumps(constants), *words]


if __name__ == "__main__":
    change(json.loads(sys.argv[1]))
    main(sys.argv[2:], prog_name="broadcaster")
