"""The fingerprint of an account's settings, by which daemons notice that theirs differ."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from typing import Any

from broadcaster.config import AccountSettings, ChannelSettings, own_keys

OF_THE_MACHINE = frozenset({"token_file", "token_env", "proxy", "proxy_file", "senders"})
"""Keys that may differ between machines, because they do not change what is posted."""


def fingerprint(account: AccountSettings, channels: Mapping[str, ChannelSettings]) -> str:
    """A digest of the settings of ``account`` and its channels, the same on every machine."""
    own = {name: channel for name, channel in channels.items() if channel.account == account.name}
    plain = [_plain(account, without=OF_THE_MACHINE), _plain(own)]
    return sha256(repr(plain).encode()).hexdigest()[:16]


def _plain(value: Any, *, without: Set[str] = frozenset()) -> object:
    """``value`` in a form whose ``repr`` is the same in every process."""
    if isinstance(value, AccountSettings):
        value = replace(value, config=own_keys.plain(value.config))
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.name not in without]
        return [(name, _plain(getattr(value, name))) for name in names]
    if isinstance(value, Mapping):
        return sorted((_plain(key), _plain(member)) for key, member in value.items())
    if isinstance(value, Set):
        return sorted(repr(_plain(member)) for member in value)
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    return value.value if isinstance(value, Enum) else str(value)
