"""The channels of the config as programs see them."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.app.office import Office
from broadcaster.model import Json
from broadcaster.store.views import StoreHealth


def channels_json(office: Office, health: StoreHealth, names: Collection[str]) -> list[Json]:
    """Each of ``names``: where it is, what it demands, and why it is closed, if it is."""
    settings = office.settings
    shut = {gate.name: gate.reason or gate.cause.value for gate in health.gates}
    return [
        {
            "channel": name,
            "title": each.channel.title,
            "account": each.account,
            "adapter": settings.accounts[each.account].adapter,
            "jurisdiction": settings.accounts[each.account].jurisdiction,
            "address": each.channel.address,
            "username": each.channel.username or None,
            "groups": list(each.groups),
            "enabled": each.enabled and settings.accounts[each.account].enabled,
            "require_approval": each.require_approval,
            "closed": shut.get(name) or shut.get(each.account),
            "waiting": {
                state.value: count for state, count in health.by_channel.get(name, {}).items()
            },
        }
        for name, each in settings.channels.items()
        if name in names
    ]
