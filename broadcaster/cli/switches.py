"""``off``, ``on``, ``halt`` and ``resume``: what may leave this machine at all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from broadcaster.cli.options import json_option, names
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, did, note, person

if TYPE_CHECKING:
    from broadcaster.config import Settings
    from broadcaster.store.changing import Change, Changed
    from broadcaster.store.port import Store

ASK_S = 0.1
"""Between two looks whether every daemon has acknowledged a switch."""
PATIENT_S = 2.0
"""After so long it is said whom we wait for."""
TAKE_UP_S = 15.0
"""For the daemon to take up a changed config file: it looks every two seconds."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a NAME stands for at this moment: whole accounts, or single channels."""

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def tables(self) -> list[tuple[Literal["platforms", "channels"], str]]:
        """Where the config says ``enabled``."""
        return [
            *(("platforms", name) for name in self.accounts),
            *(("channels", name) for name in self.channels),
        ]


@click.command("off")
@click.argument("name", shell_complete=names)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is shown until it is on again.")
@json_option
@click.pass_obj
def off_command(shell: Shell, name: str, reason: str, as_json: bool) -> None:
    """Switch an account, channel or group off, or foreign, domestic, all.

    Nothing begins there any more once this returns; what waits is held. The config file is changed,
    too, its comments kept.

    \b
    broadcaster off telegram --reason "کوچ به پیام‌رسان‌های داخلی"
    broadcaster off foreign
    """
    from broadcaster.errors import InputError
    from broadcaster.store.changing import Close
    from broadcaster.store.live import Cause
    from broadcaster.text.intake import on_one_line

    meant = stands_for(shell.office.settings, name)
    close = Close(
        accounts=meant.accounts,
        channels=meant.channels,
        cause=Cause.OFF,
        reason=on_one_line(reason),
    )
    with shell.queue() as store:
        changed = _switch(store, close, f"{name} is off")
    try:
        _write(shell.office.settings, meant, enabled=False)
    except InputError as error:
        note(f"it is off in the queue, but the config file still says on: {error}")
    _tell(changed, f"{name} is off", as_json=as_json)


@click.command("on")
@click.argument("name", shell_complete=names)
@json_option
@click.pass_obj
def on_command(shell: Shell, name: str, as_json: bool) -> None:
    """Switch it on again.

    What is held stays so until `release`, unless the config says when_back = "send" or "drop".

    \b
    broadcaster on telegram
    broadcaster release telegram --last 1
    """
    from broadcaster.store.changing import Open
    from broadcaster.store.live import Cause

    settings = shell.office.settings
    meant = stands_for(settings, name)
    _write(settings, meant, enabled=True)
    did(f"the config file says that {name} is on", whole=False)
    lift = Open(
        accounts=meant.accounts,
        channels=meant.channels,
        cause=Cause.OFF,
        when_back={name: each.when_back for name, each in settings.channels.items()},
    )
    with shell.queue() as store:
        changed = _switch(store, lift, f"{name} is on")
        _taken_up(store, _now_on(settings, meant))
        gates = store.gates()
    for channel in meant.channels:
        account = settings.channels[channel].account
        if not settings.accounts[account].enabled or any(
            (gate.scope, gate.name) == ("account", account) for gate in gates
        ):
            note(f"{channel}: its account {account} is still off (broadcaster on {account})")
    _tell(changed, f"{name} is on", as_json=as_json)


@click.command("halt")
@click.option("--reason", required=True, metavar="TEXT", help="Why; every command shows it.")
@json_option
@click.pass_obj
def halt_command(shell: Shell, reason: str, as_json: bool) -> None:
    """Stop everything, at once: nothing begins on any platform until `resume`.

    \b
    broadcaster halt --reason "خطا در متن اطلاعیه"
    """
    from broadcaster.store.changing import Halt
    from broadcaster.text.intake import on_one_line

    with shell.queue() as store:
        changed = _switch(store, Halt(reason=on_one_line(reason)), "everything is halted")
    _tell(changed, "halted", as_json=as_json)


@click.command("resume")
@json_option
@click.pass_obj
def resume_command(shell: Shell, as_json: bool) -> None:
    """Go on after a halt: what it held waits again.

    \b
    broadcaster resume
    """
    from broadcaster.store.changing import Resume

    with shell.office.store() as store:
        changed = _switch(store, Resume(), "the halt is over")
    _tell(changed, "resumed", as_json=as_json)


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


def _write(settings: Settings, meant: Meant, *, enabled: bool) -> None:
    """Say it in the config file.  :raises InputError: it cannot be written."""
    from broadcaster import config

    for kind, name in meant.tables():
        table = settings.accounts[name] if kind == "platforms" else settings.channels[name]
        if table.enabled != enabled:
            config.set_enabled(settings.path, kind, name, enabled)


def _switch(store: Store, change: Change, done: str) -> Changed:
    """Apply it, and return once every live daemon has acknowledged it or its lease is over.

    ``done`` says it to people, should something fail after that.
    """
    changed = store.change(person(), change)
    did(done)
    health = store.health(counted=False)
    told = time.monotonic() + PATIENT_S
    while not store.acknowledged(health.generation):
        if time.monotonic() > told:
            alive = ", ".join(f"pid {each.pid}" for each in health.daemons if each.alive)
            note(f"waiting until the daemon ({alive}) has taken note of it")
            told = float("inf")
        time.sleep(ASK_S)
    return changed


def _now_on(settings: Settings, meant: Meant) -> frozenset[str]:
    """The channels that nothing in the config keeps off any more."""
    return frozenset(
        name
        for name, channel in settings.channels.items()
        if (name in meant.channels and settings.accounts[channel.account].enabled)
        or (channel.account in meant.accounts and channel.enabled)
    )


def _taken_up(store: Store, channels: frozenset[str]) -> None:
    """Return once a running daemon goes by the changed file, too: `release` needs it."""
    from broadcaster.store.live import Cause

    end = time.monotonic() + TAKE_UP_S
    while time.monotonic() < end:
        shut = {gate.name for gate in store.gates() if gate.cause is Cause.CONFIG}
        if channels.isdisjoint(shut) or not any(each.alive for each in store.daemons()):
            return
        time.sleep(ASK_S)
    note("the daemon has not taken up the changed config file yet; its log says why")


def _tell(changed: Changed, done: str, *, as_json: bool) -> None:
    from broadcaster.cli.output import print_json

    if as_json:
        print_json({"channels": list(changed.channels), "deliveries": list(changed.deliveries)})
    else:
        channels = [name for name in changed.channels if name != "*"]
        echo(f"{done}: {', '.join(channels)}" if channels else done)
