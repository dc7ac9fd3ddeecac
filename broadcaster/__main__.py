"""``python -m broadcaster``."""

from __future__ import annotations

import sys
from pathlib import Path

# Python puts the folder where somebody happens to be before all others: nothing is imported of it.
if not sys.flags.safe_path and Path(sys.path[0]).resolve() != Path(__file__).resolve().parents[1]:
    del sys.path[0]

from broadcaster.cli import main

main(prog_name="broadcaster")
