"""``python -m broadcaster``."""

from __future__ import annotations

from broadcaster.cli import main

main(prog_name="broadcaster")
