"""``[channels.NAME]``: its address at the platform, and the levels its keys come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from broadcaster.adapter import Platform
from broadcaster.config import accounts, keys
from broadcaster.config.mistakes import Mistakes
from broadcaster.config.settings import AccountSettings, ChannelSettings
from broadcaster.config.tables import DEFAULTS, ChannelTable, Levels, Top
from broadcaster.language import joined, say
from broadcaster.model import Channel

_WORDS = ("signature", "hashtags", "part_marks", "preview", "convert", "album", "variables")
"""Levelled keys that concern what is shown alone."""
_JOINED = ("variables", "link_parameters")
"""Levelled keys whose tables hold together."""
# Most careful first: where groups differ, the first of these that one of them says holds.
_CAREFUL = {"on_unknown": ("ask", "resend"), "when_back": ("ask", "drop", "send")}
# The channel itself does not undo what one of its groups demands.
_ANYWHERE = frozenset({"require_approval"})
# A user name without "@"; longer words are the platforms' internal ids (Rubika's have 32 letters).
_USERNAME = re.compile(r"@?([A-Za-z][A-Za-z0-9_.]{2,30})")


def settings(
    name: str,
    table: ChannelTable,
    levels: Mapping[str, Any],
    account: AccountSettings,
    platform: Platform,
    top: Top,
    mistakes: Mistakes,
) -> ChannelSettings | None:
    """One channel with its resolved ``levels``, or None with its mistakes added."""
    try:
        address = platform.address(table.address)
    except ValueError as error:
        mistakes.add(("channels", name, "address"), str(error))
        return None
    channel = Channel(
        name=name,
        account=account.name,
        address=address,
        username=_username(table.username, table.address, address),
        title=table.title,
    )
    options = {
        **{key: levels[key] for key in _WORDS},
        "hashtags": [*levels["hashtags"]],
        "language": top.language,
        "calendar": top.calendar,
        "zone": top.timezone.key,
        "link": platform.page(channel) or "",
        **_links(levels, {"platform": platform.name, "account": account.name, "channel": name}),
    }
    return ChannelSettings(
        channel=replace(channel, options=options),
        account=account.name,
        enabled=table.enabled,
        groups=tuple(dict.fromkeys(table.groups)),
        late_after=levels["late_after"],
        give_up_after=levels["give_up_after"],
        settle=levels["settle"],
        on_unknown=levels["on_unknown"],
        when_back=levels["when_back"],
        max_attempts=levels["max_attempts"],
        require_approval=levels["require_approval"],
        rate=accounts.rate(table.channel_rate, account.channel_rate),
    )


def _links(levels: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What links to the office's own hosts get; nothing where it has named none."""
    hosts, parameters = levels["link_hosts"], levels["link_parameters"]
    if not (hosts and parameters):
        return {}
    filled = {
        key: re.sub(r"\{(\w+)\}", lambda found: names[found[1]], value)
        for key, value in parameters.items()
    }
    return {"link_hosts": [*hosts], "link_parameters": filled}


def _username(given: str | None, *addresses: str) -> str:
    if given is not None:
        return given.removeprefix("@")
    names = (_USERNAME.fullmatch(address) for address in addresses)
    return next((name[1] for name in names if name), "")


def levels(
    name: str,
    table: ChannelTable,
    groups: Mapping[str, Levels],
    account: Levels,
    top: Levels,
    mistakes: Mistakes,
) -> dict[str, Any]:
    """Each levelled key's value for a channel: its own, else its groups', its account's, the top's.

    ``groups`` are the channel's, by name.
    """
    resolved: dict[str, Any] = {}
    for key in keys.of(Levels):
        if key in _JOINED:
            nearest_last = (DEFAULTS, top, account, *groups.values(), table)
            resolved[key] = _joined(getattr(level, key) or {} for level in nearest_last)
            continue
        values = [(group, getattr(level, key)) for group, level in groups.items()]
        values = [(group, value) for group, value in values if value is not None]
        own = getattr(table, key)
        if key in _ANYWHERE and own is not None and values:
            own = max(own, *(value for _, value in values))
        elif own is None and values:
            own = _strictest(key, [value for _, value in values])
            if own is None:
                mistakes.add(
                    ("channels", name),
                    say(
                        "its groups {values} say different things for {key}; put {key} into "
                        "the channel itself",
                        values=joined(" and ", (group for group, _ in values)),
                        key=key,
                    ),
                )
        candidates = (own, *(getattr(level, key) for level in (account, top, DEFAULTS)))
        resolved[key] = next(value for value in candidates if value is not None)
    return resolved


def _joined(variables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """All of them; of one name, the last."""
    return {name: words for level in variables for name, words in level.items()}


def _strictest(key: str, values: Sequence[Any]) -> Any:
    """What holds of several groups' values; None where neither is stricter."""
    match key:
        case "late_after" | "give_up_after" | "max_attempts":
            return min(values)
        case "settle" | "require_approval":
            return max(values)  # the longer look is the more careful one, and more people
        case "preview":
            return all(values)
        case "part_marks" | "convert":
            return any(values)
        case "signature" | "hashtags" | "album" | "link_hosts":
            return values[0] if all(value == values[0] for value in values) else None
        case _:
            return min(values, key=_CAREFUL[key].index)
