"""What changed between two configs, in words; no value is shown, it may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from broadcaster.config.settings import Settings

AT_START: Mapping[str, str] = {
    "state_dir": "state_dir",
    "store_url": "store.url",
    "store_password_file": "store.password_file",
    "metrics_port": "metrics.port",
    "web": "web",
}
"""Settings that only a new start takes up -> their keys."""

_NAMED = {"accounts": "account", "channels": "channel", "schedules": "schedule"}
_DERIVED = ("path", "groups")


def changes(old: Settings, new: Settings) -> Iterator[str]:
    """One line for each key, account, channel or schedule that differs."""
    for field in fields(Settings):
        name, before, after = field.name, getattr(old, field.name), getattr(new, field.name)
        if before == after or name in _DERIVED:
            continue
        if name in _NAMED:
            yield from _tables(_NAMED[name], before, after)
        elif name in AT_START:
            what = "`broadcaster web`" if name == "web" else "the daemon"
            yield f"{AT_START[name]} has changed: it takes effect when {what} is restarted"
        elif is_dataclass(before):
            yield _have(name, _differing(before, after))
        else:
            yield f"{name} has changed"


def running(old: Settings, new: Settings) -> Settings:
    """``new`` with what only a new start takes up left as it is."""
    return replace(new, **{name: getattr(old, name) for name in AT_START})


def _tables(word: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{word} {name} is gone"
        elif name not in before:
            yield f"{word} {name} is new"
        elif before[name] != after[name]:
            keys = _differing(before[name], after[name])
            if "enabled" in keys:
                yield f"{word} {name} is {'on' if after[name].enabled else 'off'}"
                keys.remove("enabled")
            if keys:
                yield _have(f"{word} {name}", keys)


def _differing(before: Any, after: Any) -> list[str]:
    return [
        field.name
        for field in fields(before)
        if getattr(before, field.name) != getattr(after, field.name)
    ]


def _have(what: str, keys: list[str]) -> str:
    return f"{what}: {', '.join(keys)} {'has' if len(keys) == 1 else 'have'} changed"
