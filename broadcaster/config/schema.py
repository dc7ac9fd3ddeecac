"""What editors and the manual know of the file: a JSON schema, and the table of keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from broadcaster.adapter import Platform
from broadcaster.config.tables import (
    DEFAULTS,
    AccountTable,
    AlertsTable,
    ChannelTable,
    GroupTable,
    LogTable,
    MetricsTable,
    RetentionTable,
    ScheduleTable,
    StoreTable,
    Top,
)

Level: TypeAlias = Literal[
    "top",
    "store",
    "alerts",
    "metrics",
    "log",
    "retention",
    "account",
    "group",
    "channel",
    "schedule",
]

_LEVELS: Mapping[Level, type[BaseModel]] = {
    "top": Top,
    "store": StoreTable,
    "alerts": AlertsTable,
    "metrics": MetricsTable,
    "log": LogTable,
    "retention": RetentionTable,
    "account": AccountTable,
    "group": GroupTable,
    "channel": ChannelTable,
    "schedule": ScheduleTable,
}
# The daemon holds its store open under a lock, its media folder beside it, and its port.
_AT_START = frozenset({"state_dir", "url", "password_file", "port"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the file."""

    name: str
    levels: tuple[Level, ...]
    """Where it may stand, from the widest to the nearest; the nearest wins."""
    default: str
    """As it would be written; empty: it has none, or the platform's facts give it."""
    live: bool
    """Taken over by a reload; otherwise by a restart of the daemon."""


def _keys() -> Iterator[Key]:
    names = dict.fromkeys(
        name for model in _LEVELS.values() for name in model.model_fields if name not in _LEVELS
    )
    for name in names:
        levels = tuple(level for level, model in _LEVELS.items() if name in model.model_fields)
        field = _LEVELS[levels[0]].model_fields[name]
        default = getattr(DEFAULTS, name, None)
        if default is None:
            default = field.get_default(call_default_factory=True)
        yield Key(name=name, levels=levels, default=_toml(default), live=name not in _AT_START)


def _toml(value: object) -> str:
    """``value`` as it stands in the file."""
    match value:
        case None | "":
            return ""
        case bool() | int() | list() | dict():
            return json.dumps(value)
        case timedelta():
            seconds = round(value.total_seconds())
            whole = (unit for unit in _UNITS if seconds % unit == 0 and seconds != _DAY)
            unit = next(whole, 3600) if seconds else 1
            return f'"{seconds // unit}{_UNITS[unit]}"'
        case _:
            return "" if value is PydanticUndefined else f'"{value}"'


_DAY = 86400
_UNITS = {_DAY: "d", 3600: "h", 60: "min", 1: "s"}

KEYS: tuple[Key, ...] = tuple(_keys())
"""Every key but the platforms' own."""


def json_schema(platforms: Mapping[str, Platform]) -> dict[str, Any]:
    """Schema of the file with the own keys of ``platforms`` in their tables (draft 2020-12)."""
    definitions: dict[str, Any] = {
        "channel": ChannelTable.model_json_schema(),
        "group": GroupTable.model_json_schema(),
        "schedule": ScheduleTable.model_json_schema(),
        **{_definition(name): _account(platforms[name]) for name in sorted(platforms)},
    }
    top = Top.model_json_schema()
    top["properties"] |= {
        "platforms": {
            "type": "object",
            "properties": {name: _ref(_definition(name)) for name in sorted(platforms)},
            "additionalProperties": {"anyOf": [_named(name) for name in sorted(platforms)]},
        },
        "channels": {"type": "object", "additionalProperties": _ref("channel")},
        "groups": {"type": "object", "additionalProperties": _ref("group")},
        "schedules": {"type": "object", "additionalProperties": _ref("schedule")},
    }
    shared = {**top.pop("$defs", {}), **definitions}
    for schema in definitions.values():
        shared |= schema.pop("$defs", {})
    whole = _tidy({**top, "$defs": shared})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "broadcaster.toml",
        **whole,
    }


def schema_text(platforms: Mapping[str, Platform]) -> str:
    """The schema as config/schema.json holds it."""
    return json.dumps(json_schema(platforms), indent=2, ensure_ascii=False) + "\n"


def _account(platform: Platform) -> dict[str, Any]:
    """Our keys and the platform's own in one table."""
    account, own = AccountTable.model_json_schema(), platform.config.model_json_schema()
    account["properties"] |= own.get("properties", {})
    inner = {**account.pop("$defs", {}), **own.pop("$defs", {})}
    required = [*account.get("required", ()), *own.get("required", ())]
    return {
        **account,
        "description": platform.title,
        **({"required": required} if required else {}),
        **({"$defs": inner} if inner else {}),
    }


def _named(adapter: str) -> dict[str, Any]:
    """An account with a name of its own, which says its adapter."""
    return {
        **_ref(_definition(adapter)),
        "properties": {"adapter": {"const": adapter}},
        "required": ["adapter"],
    }


def _definition(adapter: str) -> str:
    return f"account-{adapter}"


def _ref(definition: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{definition}"}


def _tidy(schema: Any) -> Any:
    """Without what pydantic says and TOML has not: null, and titles that repeat the key."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _tidy(value)
        for key, value in schema.items()
        if not (value is None or (key == "title" and isinstance(value, str)))
    }
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept
