"""What keeps a queued post from its channels: what is off, halted, refused or gone, since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broadcaster.app.office import Office
from broadcaster.language import joined, say
from broadcaster.model import Micros
from broadcaster.store.live import Cause, Gate

_WORDS = {
    Cause.OFF: say("is off"),
    Cause.CONFIG: say("is off in the config"),
    Cause.UNAUTHORIZED: say("is closed: the platform refuses our token or our right to post"),
    Cause.GONE: say("is no longer in the config"),
    Cause.HALT: say("is halted"),
}
_SAYS_NO_MORE = {Cause.CONFIG, Cause.GONE}
"""Their gates have a reason that only repeats the cause."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Channels that nothing is sent to now, and what they are closed by."""

    channels: tuple[str, ...]
    name: str
    """An account or channel; empty: everything."""
    cause: Cause
    reason: str = ""
    by: str = ""
    at: Micros | None = None
    """None: the config says so, and no daemon has taken it up yet."""


def closed(office: Office, gates: Iterable[Gate], channels: Sequence[str]) -> list[Closed]:
    """What ``channels`` are closed by, the widest first; each of them is named once."""
    found: list[Closed] = []
    left = dict.fromkeys(channels)
    by_cause = sorted(gates, key=lambda gate: (_WIDTH[gate.scope], gate.cause is Cause.CONFIG))
    for gate in by_cause:
        name, names = _concerned(office, gate, left)
        if names:
            found.append(Closed(names, name, gate.cause, gate.reason, gate.by, gate.at))
            left = {name: None for name in left if name not in names}
    settings = office.settings
    for account in settings.accounts:
        names = tuple(name for name in left if _off_in_config(office, name, account))
        whole = not settings.accounts[account].enabled
        if whole and names:
            found.append(Closed(names, account, Cause.CONFIG))
        elif names:
            found += [Closed((name,), name, Cause.CONFIG) for name in names]
    return found


_WIDTH = {"all": 0, "account": 1, "channel": 2}


def _concerned(office: Office, gate: Gate, channels: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """What ``gate`` is to be called, and the channels that it closes."""
    settings = office.settings
    if gate.scope == "all":
        return "", tuple(channels)
    known = {
        name: settings.channels[name].account for name in channels if name in settings.channels
    }
    if gate.scope == "account":
        return gate.name, tuple(name for name, account in known.items() if account == gate.name)
    if gate.name not in channels:
        return gate.name, ()
    account = known.get(gate.name)
    if gate.cause is Cause.CONFIG and account and not settings.accounts[account].enabled:
        # the config switches the account off; the store has a gate for each of its channels
        return account, tuple(name for name in known if known[name] == account)
    return gate.name, (gate.name,)


def _off_in_config(office: Office, channel: str, account: str) -> bool:
    settings = office.settings.channels.get(channel)
    if settings is None or settings.account != account:
        return False
    return not (settings.enabled and office.settings.accounts[account].enabled)


def why(office: Office, shut: Closed) -> str:
    """Such as "telegram is off since 1405/09/10 09:30 by admin: leaving"."""
    words = say(
        "{shut} {get}",
        shut=shut.name or say("everything"),
        get=_WORDS.get(shut.cause, say("is closed ({cause})", cause=shut.cause)),
    )
    if shut.at is not None:
        words += say(" since {when}", when=office.times.short(shut.at))
    if shut.by and shut.cause in (Cause.OFF, Cause.HALT):
        words += say(" by {by}", by=shut.by)
    told = shut.reason and shut.cause not in _SAYS_NO_MORE and shut.reason != shut.cause
    return say("{words}: {reason}", words=words, reason=shut.reason) if told else words


def way_out(office: Office, shut: Closed, post: int) -> str:
    """What sends ``post`` to these channels after all, and nothing else that is held there."""
    release = joined("; ", (f"broadcaster release {name} --post {post}" for name in shut.channels))
    if len(shut.channels) > 1 and shut.name:
        release = f"broadcaster release {shut.name} --post {post}"
    match shut.cause:
        case Cause.HALT:
            return "broadcaster resume"
        case Cause.UNAUTHORIZED:
            return say(
                "repair it; then it is sent by itself, or at once by: {release}", release=release
            )
        case Cause.GONE:
            return say(
                "put it back into {path}; then: {release}",
                path=office.settings.path,
                release=release,
            )
        case _:
            switch = f"broadcaster on {shut.name}"
            return (
                switch
                if _goes_on(office, shut)
                else say("{switch}; then: {release}", switch=switch, release=release)
            )


def _goes_on(office: Office, shut: Closed) -> bool:
    """Whether the config sends what was held as soon as these channels are on again."""
    channels = office.settings.channels
    return all(channels[name].when_back == "send" for name in shut.channels)
