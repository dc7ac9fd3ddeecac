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
        "broadcaster.app.office",
        "broadcaster.cli",
        "broadcaster.engine.decide",
        "broadcaster.engine.deliver",
        "broadcaster.planning.plan",
        "broadcaster.kit.wire",
        "broadcaster.store.store",
    ],
)
def test_a_post_is_planned_without_a_network_stack(name: str, root: Path) -> None:
    assert loaded_with(root, name) & NETWORK == set()


def test_facts_are_read_without_a_network_stack(root: Path) -> None:
    facts = [f"adapters.{path.parent.name}.facts" for path in root.glob("adapters/*/facts.py")]
    assert facts
    assert loaded_with(root, *facts) & NETWORK == set()


POSTED = """
import sys
from broadcaster.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, sep="\\n")
"""
NOT_FOR_A_POST = NETWORK | {
    "adapters.telegram.facts",
    "apprise",
    "apscheduler",
    "asyncio",
    "broadcaster.app.corrections",
    "broadcaster.engine.deliver",
    "broadcaster.store.changes",
    "broadcaster.store.exchange",
    "broadcaster.store.upkeep",
    "broadcaster.store.media",
    "broadcaster.store.views",
    "broadcaster.store.queue.change",
    "broadcaster.store.queue.tick",
    "importlib.metadata",
    "multiprocessing",
    "PIL",
    "prometheus_client",
    "pymediainfo",
    "regex",
    "rich",
    "sqlite3",
    "ssl",
    "tenacity",
    "tomlkit",
    "uvloop",
}
"""The second driver of SQLite goes with the first: one of the two is what the store is made of."""
OFFICE = """
[platforms.bale]
[channels.news]
platform = "bale"
address = "@ministry_news"
"""


def test_a_post_loads_only_what_it_needs(root: Path, tmp_path: Path) -> None:
    config = tmp_path / "broadcaster.toml"
    config.write_text(OFFICE, encoding="utf-8")
    text = "**اطلاعیه:** ساعت کار از فردا ۸ صبح تا ۱۴ است."
    ran = subprocess.run(
        [sys.executable, "-c", POSTED, "--config", config, "post", text, "--to", "all"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said, *loaded = ran.stdout.splitlines()
    assert said == "post 1 goes out now to 1 channel"
    assert "broadcaster.store.sqlite.store" in loaded
    unneeded = NOT_FOR_A_POST - ({"sqlite3"} if "pysqlite3" not in loaded else set())
    assert unneeded & set(loaded) == set()


def test_the_command_line_starts_without_what_only_some_commands_need(root: Path) -> None:
    heavy = {"apscheduler", "broadcaster.config", "pathlib", "rich.table", "sqlite3"}
    assert loaded_with(root, "broadcaster.cli") & heavy == set()
