"""What is said about the file's keys: the table, the JSON schema, the example files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Platform
from broadcaster.config import load
from broadcaster.config.schema import KEYS, json_schema, schema_text

CONFIG = Path(__file__).parents[3] / "config"
SECTIONS = {"platforms": "account", "channels": "channel", "groups": "group"}


def test_levelled_keys_are_in_the_table_with_their_default() -> None:
    keys = {key.name: key for key in KEYS}
    assert keys["late_after"].levels == ("top", "account", "group", "channel")
    assert keys["late_after"].default == '"6h"'
    assert keys["give_up_after"].default == '"24h"'
    assert keys["channel_rate"].levels == ("account", "channel")
    assert {key.name for key in KEYS if not key.live} == {
        "state_dir",
        "url",
        "password_file",
        "port",
        *("listen", "trusted_proxies", "session_hours", "login", "login_header"),
        *("require_totp", "two_person", "key_file"),
    }


def test_every_key_of_the_table_stands_in_the_example() -> None:
    text = (CONFIG / "example.toml").read_text("utf-8")
    assert [key.name for key in KEYS if f"{key.name} = " not in text] == []


@pytest.mark.parametrize("name", ["example.toml", "sandbox.toml"])
def test_the_shipped_files_are_valid(name: str, platforms: Mapping[str, Platform]) -> None:
    settings = load(CONFIG / name, platforms)
    assert set(settings.accounts) == set(platforms)
    assert {channel.account for channel in settings.resolve(["news"])} == set(platforms)
    assert settings.test_channel not in settings.groups["news"]


def test_the_sandbox_file_leaves_this_machine_nowhere(platforms: Mapping[str, Platform]) -> None:
    for name, account in load(CONFIG / "sandbox.toml", platforms).accounts.items():
        assert account.base_url == f"http://127.0.0.1:8791/{name}"
        assert account.reader_url == f"http://127.0.0.1:8791/{name}/reader"


def resolve(schema: Mapping[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref", "").removeprefix("#/$defs/")
    return schema["$defs"][reference] if reference else part


@pytest.mark.parametrize("name", ["example.toml", "sandbox.toml"])
def test_the_schema_knows_every_key_of_the_shipped_files(
    name: str, platforms: Mapping[str, Platform]
) -> None:
    schema = json_schema(platforms)
    document = tomllib.loads((CONFIG / name).read_text("utf-8"))
    for section in SECTIONS:
        part = schema["properties"][section]
        for table, keys in document.pop(section, {}).items():
            known = part.get("properties", {}).get(table, part["additionalProperties"])
            assert keys.keys() <= resolve(schema, known)["properties"].keys()
    assert document.keys() <= schema["properties"].keys()


def test_the_schema_joins_a_platforms_own_keys_to_ours(platforms: Mapping[str, Platform]) -> None:
    igap = json_schema(platforms)["$defs"]["account-igap"]
    assert {"media", "enabled", "late_after"} <= igap["properties"].keys()
    assert igap["additionalProperties"] is False
    assert "media" not in json_schema(platforms)["$defs"]["account-bale"]["properties"]


def test_an_account_with_its_own_name_must_say_its_adapter(
    platforms: Mapping[str, Platform],
) -> None:
    choices = json_schema(platforms)["properties"]["platforms"]["additionalProperties"]["anyOf"]
    assert [choice["properties"]["adapter"]["const"] for choice in choices] == sorted(platforms)
    assert all(choice["required"] == ["adapter"] for choice in choices)


def test_the_schema_offers_nothing_toml_has_not(platforms: Mapping[str, Platform]) -> None:
    text = schema_text(platforms)
    assert "null" not in text
    assert text.endswith("}\n")


def test_the_manual_says_of_each_key_where_it_stands_and_when_it_counts() -> None:
    text = (CONFIG.parent / "docs" / "operations.md").read_text("utf-8")
    table = text.partition("| key | may stand |")[2].partition("\n\n")[0].splitlines()[2:]
    said = {}
    for row in table:
        names, levels, default, live = (cell.strip() for cell in row.strip("| ").split(" | "))
        for name in names.split(", "):
            value = default.split("`")[1] if default.startswith("`") else ""
            said[name.strip("`")] = tuple(levels.split(", ")), value, live == "at once"
    assert said == {key.name: (key.levels, key.default, key.live) for key in KEYS}
