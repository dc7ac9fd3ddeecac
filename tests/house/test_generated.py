"""Files that are made by the program are as it would make them now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broadcaster.config.schema import schema_text
from broadcaster.discovery import Platforms


def test_the_schema_of_the_config_is_up_to_date(texts: Mapping[str, str], root: Path) -> None:
    """`make schema` writes it anew; what only outside adapters know is not in it."""
    built_in = {path.parent.name for path in root.glob("adapters/*/facts.py")}
    platforms = {name: facts for name, facts in Platforms().items() if name in built_in}
    assert texts["config/schema.json"] == schema_text(platforms)
