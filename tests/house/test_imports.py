"""What is loaded when: import-linter reads the source, these tests start the interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NETWORK = {"aiohttp", "aiohttp_socks", "google.protobuf", "httpx", "psycopg", "telegram"}

LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sys.modules)
"""


def loaded_with(root: Path, *names: str) -> set[str]:
    """The modules of a fresh interpreter that has imported ``names``."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *names],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    "name",
    [
        "broadcaster.adapter",
        "broadcaster.app",
        "broadcaster.cli",
        "broadcaster.engine.decide",
        "broadcaster.engine.deliver",
        "broadcaster.engine.plan",
        "broadcaster.kit.wire",
        "broadcaster.store.port",
    ],
)
def test_a_post_is_planned_without_a_network_stack(name: str, root: Path) -> None:
    assert loaded_with(root, name) & NETWORK == set()


def test_facts_are_read_without_a_network_stack(root: Path) -> None:
    facts = [f"adapters.{path.parent.name}.facts" for path in root.glob("adapters/*/facts.py")]
    assert facts
    assert loaded_with(root, *facts) & NETWORK == set()


def test_the_command_line_starts_without_what_only_some_commands_need(root: Path) -> None:
    heavy = {"apscheduler", "broadcaster.config", "pydantic", "rich.table", "sqlite3"}
    assert loaded_with(root, "broadcaster.cli") & heavy == set()
