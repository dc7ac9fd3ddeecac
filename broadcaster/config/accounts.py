"""``[platforms.NAME]``: our keys, the platform's own keys, and what the facts add."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broadcaster.adapter import Platform, Rate
from broadcaster.config import addresses, keys, own_keys
from broadcaster.config.mistakes import Mistakes
from broadcaster.config.names import nearest
from broadcaster.config.settings import AccountSettings
from broadcaster.config.tables import AccountTable
from broadcaster.config.values import UNLIMITED
from broadcaster.files import expanded
from broadcaster.language import say

_OTHER_NAME = say(' (an account with a name of its own says which: adapter = "…")')


def read(
    name: str, raw: object, platforms: Mapping[str, Platform], folder: Path, mistakes: Mistakes
) -> tuple[AccountTable, AccountSettings] | None:
    """One account, or None with its mistakes added; ``folder`` is where relative paths start."""
    where = ("platforms", name)
    if not isinstance(raw, dict):
        mistakes.table(AccountTable, raw, where)
        return None
    adapter = raw.get("adapter", name)
    platform = platforms.get(adapter) if isinstance(adapter, str) else None
    if platform is None and isinstance(adapter, str):
        path, hint = ((*where, "adapter"), "") if "adapter" in raw else (where, _OTHER_NAME)
        mistakes.add(
            path,
            say(
                '"{adapter}" is no platform{nearest}{hint}',
                adapter=adapter,
                nearest=nearest(adapter, platforms),
                hint=hint,
            ),
        )
    own_names = own_keys.names(platform.config) if platform else ()
    # Without its platform nobody can say whether a strange key is right: only ours are judged.
    shared = keys.of(AccountTable)
    judged = shared if platform is None else raw
    ours = {key: raw[key] for key in raw if key in judged and key not in own_names}
    own = {key: raw[key] for key in raw if key in own_names}
    known = (*shared, *sorted(own_names))
    table = mistakes.table(AccountTable, ours, where, known=known)
    config: object | None = None
    if platform:
        config, flaws = own_keys.read(platform.config, own)
        mistakes.take(where, flaws)
    if table and not table.insecure_http:
        for key in ("base_url", "reader_url"):
            if (address := getattr(table, key)) and addresses.is_in_clear(address):
                mistakes.add((*where, key), addresses.IN_CLEAR)
    if table and table.token_file and table.token_env:
        mistakes.add(where, say("has both token_file and token_env; keep one"))
    if table and table.proxy and table.proxy_file:
        mistakes.add(where, say("has both proxy and proxy_file; keep one"))
    if table is None or platform is None or config is None:
        return None
    return table, _settings(name, table, platform, config, folder)


def _settings(
    name: str, table: AccountTable, platform: Platform, config: object, folder: Path
) -> AccountSettings:
    limits = platform.narrow(platform.limits, config) if platform.narrow else platform.limits
    return AccountSettings(
        name=name,
        adapter=platform.name,
        enabled=table.enabled,
        jurisdiction=table.jurisdiction or platform.jurisdiction,
        token_file=folder / expanded(Path(table.token_file)) if table.token_file else None,
        token_env=table.token_env,
        base_url=table.base_url or platform.base_url,
        reader_url=table.reader_url or platform.reader_url,
        proxy=table.proxy,
        proxy_file=folder / Path(table.proxy_file).expanduser() if table.proxy_file else None,
        senders=table.senders or platform.senders,
        rate=rate(table.rate, limits.account_rate.value),
        channel_rate=rate(table.channel_rate, limits.channel_rate.value),
        config=config,
        limits=limits,
        needs_token=platform.needs_token,
    )


def rate(value: Rate | str | None, default: Rate | None) -> Rate | None:
    """The rate that holds: what was said, with "none" for no limit, else the default."""
    if value == UNLIMITED:
        return None
    return value if isinstance(value, Rate) else default
