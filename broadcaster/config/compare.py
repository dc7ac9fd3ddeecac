"""What changed between two configs, in words; no value is shown, it may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from broadcaster.config.settings import Settings
from broadcaster.language import joined, say

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
            what = say("`broadcaster web`") if name == "web" else say("the daemon")
            yield say(
                "{at_start} has changed: it takes effect when {what} is restarted",
                at_start=AT_START[name],
                what=what,
            )
        elif is_dataclass(before):
            yield _have(name, _differing(before, after))
        else:
            yield say("{name} has changed", name=name)


def running(old: Settings, new: Settings) -> Settings:
    """``new`` with what only a new start takes up left as it is."""
    return replace(new, **{name: getattr(old, name) for name in AT_START})


def _tables(word: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield say("{word} {name} is gone", word=word, name=name)
        elif name not in before:
            yield say("{word} {name} is new", word=word, name=name)
        elif before[name] != after[name]:
            keys = _differing(before[name], after[name])
            if "enabled" in keys:
                yield say(
                    "{word} {name} is {more}",
                    word=word,
                    name=name,
                    more="on" if after[name].enabled else "off",
                )
                keys.remove("enabled")
            if keys:
                yield _have(say("{word} {name}", word=word, name=name), keys)


def _differing(before: Any, after: Any) -> list[str]:
    return [
        field.name
        for field in fields(before)
        if getattr(before, field.name) != getattr(after, field.name)
    ]


def _have(what: str, keys: list[str]) -> str:
    return say(
        "{what}: {keys} {more} changed",
        what=what,
        keys=joined(", ", keys),
        more="has" if len(keys) == 1 else "have",
    )
