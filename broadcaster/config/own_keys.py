"""The keys that only one platform has, in ``[platforms.NAME]`` beside ours.

``Platform.config`` is a dataclass whose fields are bool, int or str; or a pydantic model, which
its adapter then brings along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from broadcaster.config import keys
from broadcaster.config.keys import Key
from broadcaster.config.values import FLAG, NUMBER, TEXT, Flaw, Form, given

# By a field's type, or its name where the module leaves types unevaluated.
_FORMS: Mapping[object, Form[Any]] = {
    bool: FLAG,
    int: NUMBER,
    str: TEXT,
    "bool": FLAG,
    "int": NUMBER,
    "str": TEXT,
}


def names(config: type[Any]) -> tuple[str, ...]:
    if is_dataclass(config):
        return tuple(each.name for each in fields(config))
    return tuple(config.model_fields)


def read(config: type[Any], raw: Mapping[str, object]) -> tuple[object | None, list[Flaw]]:
    """``raw`` as a ``config``, or None with what is wrong."""
    if is_dataclass(config):
        return keys.read(config, declared(config), raw)
    try:
        return config.model_validate(raw), []
    except ValueError as error:  # as pydantic's ValidationError is
        if not hasattr(error, "errors"):
            return None, [((), str(error))]
        return None, [(each["loc"], _words(each)) for each in error.errors(include_url=False)]


def plain(config: object) -> Mapping[str, object]:
    """Key -> value of one account's own keys."""
    if is_dataclass(config):
        return {each.name: getattr(config, each.name) for each in fields(config)}
    return dict(config.model_dump(mode="python"))  # type: ignore[attr-defined]


def declared(config: type[Any]) -> dict[str, Key[Any]]:
    """A dataclass's keys by name.

    :raises TypeError: a field is neither bool nor int nor str.
    """
    found: dict[str, Key[Any]] = {}
    for each in fields(config):
        if each.type not in _FORMS:
            raise TypeError(f"{config.__qualname__}.{each.name} is neither bool nor int nor str")
        needed = each.default is MISSING and each.default_factory is MISSING
        default = None if each.default is MISSING else each.default
        found[each.name] = Key(_FORMS[each.type], default=default, required=needed)
    return found


def _words(detail: Mapping[str, Any]) -> str:
    """pydantic's finding in the words of people who edit TOML."""
    match detail["type"]:
        case "value_error":
            return str(detail["ctx"]["error"])
        case "missing":
            return "is missing"
        case "bool_type" | "bool_parsing":
            right = "true or false, without quotes"
        case _ if detail["msg"].startswith("Input should be "):
            right = detail["msg"].removeprefix("Input should be ")
        case _:
            return str(detail["msg"])
    return f"must be {right}{given(detail['input'])}"
