"""The keys that only one platform has, in ``[platforms.NAME]`` beside ours.

``Platform.config`` is a frozen dataclass whose fields are bool, int or str.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from broadcaster.config import keys
from broadcaster.config.keys import Key
from broadcaster.config.values import FLAG, NUMBER, TEXT, Flaw, Form

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
    return tuple(declared(config))


def read(config: type[Any], raw: Mapping[str, object]) -> tuple[object | None, list[Flaw]]:
    """``raw`` as a ``config``, or None with what is wrong."""
    return keys.read(config, declared(config), raw)


def plain(config: Any) -> Mapping[str, object]:
    """Key -> value of one account's own keys."""
    return {field.name: getattr(config, field.name) for field in fields(config)}


def declared(config: type[Any]) -> dict[str, Key[Any]]:
    """A dataclass's keys by name.

    :raises TypeError: it is no dataclass, or a field is neither bool nor int nor str.
    """
    if not is_dataclass(config):
        raise TypeError(f"{config.__qualname__} is no dataclass, as the config of a platform is")
    keys: dict[str, Key[Any]] = {}
    for field in fields(config):
        if field.type not in _FORMS:
            raise TypeError(f"{config.__qualname__}.{field.name} is neither bool nor int nor str")
        needed = field.default is MISSING and field.default_factory is MISSING
        default = None if field.default is MISSING else field.default
        keys[field.name] = Key(_FORMS[field.type], default=default, required=needed)
    return keys
