"""What may leave this machine at all: accounts and channels switched off and on, a halt of all.

Each function yields what a front door has to say, in the order in which it happens.  What is
yielded as :class:`Changed` is committed by then; only a generator that is run to its end has waited
for the daemons.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from broadcaster import config
from broadcaster.app.changes import apply
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.language import joined
from broadcaster.model import Actor, Permission, State
from broadcaster.store.changes import Change, Changed, Close, Halt, Open, Resume
from broadcaster.store.live import Cause
from broadcaster.store.store import Store
from broadcaster.store.views import Query
from broadcaster.text.intake import on_one_line

__all__ = [
    "Changed",
    "Enabled",
    "FileUnchanged",
    "Meant",
    "NotTakenUp",
    "Step",
    "StillOff",
    "Stopped",
    "Waiting",
    "enable",
    "halt",
    "off",
    "on",
    "resume",
    "scheduled_for",
    "stands_for",
    "would_stop",
]

MOST = 100_000
"""More posts than any office has scheduled."""
ASK_S = 0.1
"""Between two looks whether every daemon has acknowledged a switch."""
TAKE_UP_S = 15.0
"""For the daemon to take up a changed config file: it looks every two seconds."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a NAME stands for at this moment: whole accounts, or single channels."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Whether more than one account or channel is meant."""
        return len(self.accounts) + len(self.channels) > 1

    def tables(self) -> list[tuple[Literal["platforms", "channels"], str]]:
        """Where the config says ``enabled``."""
        return [
            *(("platforms", name) for name in self.accounts),
            *(("channels", name) for name in self.channels),
        ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not every live daemon has acknowledged the change yet; comes again every :data:`ASK_S`."""

    pids: tuple[int, ...]
    """Of the live daemons when the change was made."""


@dataclass(frozen=True, slots=True)
class FileUnchanged:
    """It is off in the queue, but the config file could not be written and still says on."""

    why: str


@dataclass(frozen=True, slots=True)
class NotTakenUp:
    """A daemon runs, and has not taken up the changed config file in time."""


@dataclass(frozen=True, slots=True)
class StillOff:
    """A channel is on, but the account that it posts through is still off."""

    channel: str
    account: str


Step: TypeAlias = Changed | Waiting | FileUnchanged | NotTakenUp | StillOff


def stands_for(settings: Settings, name: str) -> Meant:
    """What ``name`` means.  :raises InputError: nothing is called so."""
    if name in settings.accounts:
        return Meant(accounts=(name,))
    channels = tuple(each.channel.name for each in settings.resolve((name,)))
    if name in ("foreign", "domestic", "all"):
        return Meant(
            accounts=tuple(
                account.name
                for account in settings.accounts.values()
                if name in ("all", account.jurisdiction)
            )
        )
    return Meant(channels=channels)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a switch or a halt would stop."""

    channels: tuple[str, ...]
    waiting: int
    """Deliveries that wait there now, scheduled ones included."""
    scheduled: int
    """Posts among them whose hour has not come."""


def would_stop(office: Office, store: Store, meant: Meant | None) -> Stopped:
    """What :func:`off` of ``meant`` would stop; None: a halt."""
    health = store.health()
    channels = tuple(
        name
        for name, each in office.settings.channels.items()
        if meant is None or name in meant.channels or each.account in meant.accounts
    )
    waiting = sum(health.by_channel.get(name, {}).get(State.WAITING, 0) for name in channels)
    return Stopped(channels, waiting, len(scheduled_for(store, channels)))


def scheduled_for(store: Store, channels: Collection[str]) -> dict[int, tuple[str, ...]]:
    """Scheduled post -> those of ``channels`` that it goes to."""
    found: dict[int, tuple[str, ...]] = {}
    for row in store.posts(Query(state="scheduled", limit=MOST)):
        deliveries = (each.delivery for each in store.post(row.post.id).deliveries)
        names = (each.channel for each in deliveries if each.state is State.WAITING)
        if there := tuple(name for name in names if name in channels):
            found[row.post.id] = there
    return found


def off(office: Office, store: Store, meant: Meant, *, reason: str, actor: Actor) -> Iterator[Step]:
    """Switch off: first the queue, so that nothing begins there any more, then the config file."""
    close = Close(
        accounts=meant.accounts,
        channels=meant.channels,
        cause=Cause.OFF,
        reason=on_one_line(reason),
    )
    yield from _switch(store, close, actor, Permission.SWITCH)
    try:
        _write(office.settings, meant, enabled=False)
    except InputError as error:
        yield FileUnchanged(str(error))


@dataclass(frozen=True, slots=True)
class Enabled:
    """What the config file says is on now, and what it still says is off."""

    on: Meant
    left: Mapping[str, str]
    """Account or channel -> why the file could not be changed there."""


def enable(office: Office, meant: Meant, *, actor: Actor) -> Enabled:
    """Say in the config file that it is on, which comes before :func:`on`.

    :raises InputError: it can be written for nothing of what is meant.
    """
    require(actor, Permission.SWITCH)
    left: dict[str, str] = {}
    for kind, name in meant.tables():
        try:
            one = Meant((name,)) if kind == "platforms" else Meant(channels=(name,))
            _write(office.settings, one, enabled=True)
        except InputError as error:
            left[name] = str(error)
    on = Meant(
        accounts=tuple(name for name in meant.accounts if name not in left),
        channels=tuple(name for name in meant.channels if name not in left),
    )
    if left and on == Meant():
        raise InputError(joined("; ", dict.fromkeys(left.values())))
    return Enabled(on, left)


def on(office: Office, store: Store, meant: Meant, *, actor: Actor) -> Iterator[Step]:
    """Switch on in the queue what the config file says is on, and wait for a running daemon."""
    settings = office.settings
    lift = Open(
        accounts=meant.accounts,
        channels=meant.channels,
        cause=Cause.OFF,
        when_back={name: each.when_back for name, each in settings.channels.items()},
    )
    yield from _switch(store, lift, actor, Permission.SWITCH)
    if not _taken_up(store, _now_on(settings, meant)):
        yield NotTakenUp()
    gates = store.gates()
    for channel in meant.channels:
        account = settings.channels[channel].account
        if not settings.accounts[account].enabled or any(
            (gate.scope, gate.name) == ("account", account) for gate in gates
        ):
            yield StillOff(channel, account)


def halt(store: Store, *, reason: str, actor: Actor) -> Iterator[Step]:
    """Stop everything until :func:`resume`."""
    return _switch(store, Halt(reason=on_one_line(reason)), actor, Permission.HALT)


def resume(store: Store, *, actor: Actor) -> Iterator[Step]:
    """Go on after a halt.  :raises Refused: nothing is halted."""
    return _switch(store, Resume(), actor, Permission.RESUME)


def _write(settings: Settings, meant: Meant, *, enabled: bool) -> None:
    """Say it in the config file.  :raises InputError: it cannot be written."""
    for kind, name in meant.tables():
        table = settings.accounts[name] if kind == "platforms" else settings.channels[name]
        if table.enabled != enabled:
            config.set_enabled(settings.path, kind, name, enabled)


def _switch(store: Store, change: Change, actor: Actor, permission: Permission) -> Iterator[Step]:
    """Apply it; ends once every live daemon has acknowledged it or its lease is over."""
    yield apply(store, actor, permission, change)
    health = store.health(counted=False)
    while not store.acknowledged(health.generation):
        yield Waiting(tuple(each.pid for each in health.daemons if each.alive))
        time.sleep(ASK_S)


def _now_on(settings: Settings, meant: Meant) -> frozenset[str]:
    """The channels that nothing in the config keeps off any more."""
    return frozenset(
        name
        for name, channel in settings.channels.items()
        if (name in meant.channels and settings.accounts[channel.account].enabled)
        or (channel.account in meant.accounts and channel.enabled)
    )


def _taken_up(store: Store, channels: frozenset[str]) -> bool:
    """Wait until a running daemon goes by the changed file, too: `release` needs it.

    Returns whether it does, or none runs, within :data:`TAKE_UP_S`.
    """
    end = time.monotonic() + TAKE_UP_S
    while time.monotonic() < end:
        shut = {gate.name for gate in store.gates() if gate.cause is Cause.CONFIG}
        if channels.isdisjoint(shut) or not any(each.alive for each in store.daemons()):
            return True
        time.sleep(ASK_S)
    return False
