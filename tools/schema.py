"""Writes config/schema.json: what editors know of the config file."""

from pathlib import Path

from broadcaster.config.schema import schema_text
from broadcaster.discovery import Platforms

built_in = Path(__file__).parents[1] / "adapters"
platforms = {name: facts for name, facts in Platforms().items() if (built_in / name).is_dir()}
(built_in.parent / "config" / "schema.json").write_text(schema_text(platforms), "utf-8")
