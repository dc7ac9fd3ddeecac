"""What editors and the manual know of the file: a JSON schema, and the table of keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from broadcaster.adapter import Platform
from broadcaster.config import keys, own_keys
from broadcaster.config.tables import (
    DEFAULTS,
    AccountTable,
    AlertsTable,
    ChannelTable,
    GroupTable,
    LimitsTable,
    LogTable,
    MetricsTable,
    QuietHoursTable,
    RetentionTable,
    ScheduleTable,
    StoreTable,
    Top,
    WebTable,
)
from broadcaster.model import Json

Level: TypeAlias = Literal[
    "top",
    "store",
    "alerts",
    "metrics",
    "log",
    "retention",
    "limits",
    "web",
    "quiet_hours",
    "account",
    "group",
    "channel",
    "schedule",
]

_LEVELS: Mapping[Level, type[keys.Table]] = {
    "top": Top,
    "store": StoreTable,
    "alerts": AlertsTable,
    "metrics": MetricsTable,
    "log": LogTable,
    "retention": RetentionTable,
    "limits": LimitsTable,
    "web": WebTable,
    "quiet_hours": QuietHoursTable,
    "account": AccountTable,
    "group": GroupTable,
    "channel": ChannelTable,
    "schedule": ScheduleTable,
}
# The daemon holds its store open under a lock, its media folder beside it, and its port.
_AT_START = frozenset(
    {"state_dir", "url", "password_file", "port", *keys.of(WebTable)} - {"insecure_http"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """One key of the file."""

    name: str
    levels: tuple[Level, ...]
    """Where it may stand, from the widest to the nearest; the nearest wins."""
    default: str
    """As it would be written; empty: it has none, or the platform's facts give it."""
    live: bool
    """Taken over by a reload; otherwise by a restart of the daemon."""


def _keys() -> Iterator[KeyInfo]:
    levels = {level: keys.of(table) for level, table in _LEVELS.items()}
    names = dict.fromkeys(
        name for known in levels.values() for name in known if name not in _LEVELS
    )
    for name in names:
        where = tuple(level for level, known in levels.items() if name in known)
        default = getattr(DEFAULTS, name, None)
        if default is None:
            default = levels[where[0]][name].default
        yield KeyInfo(name=name, levels=where, default=_toml(default), live=name not in _AT_START)


def _toml(value: object) -> str:
    """``value`` as it stands in the file."""
    match value:
        case None | "" | keys.Table():
            return ""
        case bool() | int() | tuple() | dict():
            return json.dumps(value)
        case timedelta():
            seconds = round(value.total_seconds())
            whole = (unit for unit in _UNITS if seconds % unit == 0 and seconds != _DAY)
            unit = next(whole, 3600) if seconds else 1
            return f'"{seconds // unit}{_UNITS[unit]}"'
        case _:
            return f'"{value}"'


_DAY = 86400
_UNITS = {_DAY: "d", 3600: "h", 60: "min", 1: "s"}

KEYS: tuple[KeyInfo, ...] = tuple(_keys())
"""Every key but the platforms' own."""


def json_schema(platforms: Mapping[str, Platform]) -> dict[str, Any]:
    """Schema of the file with the own keys of ``platforms`` in their tables (draft 2020-12)."""
    top = _object(Top.__doc__, keys.of(Top))
    definitions: dict[str, Any] = {
        level: _object(table.__doc__, keys.of(table))
        for level, table in _LEVELS.items()
        if level not in {"top", "account"}
    }
    top["properties"] |= {
        **{name: _ref(name) for name in definitions if name in top["properties"]},
        "platforms": {
            "type": "object",
            "properties": {name: _ref(_definition(name)) for name in sorted(platforms)},
            "additionalProperties": {"anyOf": [_named(name) for name in sorted(platforms)]},
        },
        **{
            f"{name}s": {"type": "object", "additionalProperties": _ref(name)}
            for name in ("channel", "group", "schedule")
        },
    }
    for name in sorted(platforms):
        definitions[_definition(name)] = _account(platforms[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "broadcaster.toml",
        **top,
        "$defs": definitions,
    }


def schema_text(platforms: Mapping[str, Platform]) -> str:
    """The schema as config/schema.json holds it."""
    return json.dumps(json_schema(platforms), indent=2, ensure_ascii=False) + "\n"


def _account(platform: Platform) -> dict[str, Any]:
    """Our keys and the platform's own in one table."""
    account = _object(platform.title, keys.of(AccountTable))
    own = _object("", own_keys.declared(platform.config))
    required = {"required": own["required"]} if "required" in own else {}
    return {**account, "properties": account["properties"] | own["properties"], **required}


def _object(says: str | None, of: Mapping[str, keys.Key[Any]]) -> dict[str, Any]:
    """A table as an object."""
    required = [name for name, key in of.items() if key.required]
    return {
        "type": "object",
        "description": says,
        "additionalProperties": False,
        "properties": {name: _property(key) for name, key in of.items()},
        **({"required": required} if required else {}),
    }


def _property(key: keys.Key[Any]) -> dict[str, Json]:
    default = json.loads(_toml(key.default) or "null")
    return {
        **({"description": key.says} if key.says else {}),
        **key.form.schema,
        **({} if default in (None, []) else {"default": default}),
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
