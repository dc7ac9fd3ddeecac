"""``off``, ``on``, ``halt`` and ``resume``: what may leave this machine at all."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from broadcaster.app import switches
from broadcaster.app.switches import Changed, FileUnchanged, NotTakenUp, Step, StillOff, Waiting
from broadcaster.cli.options import json_option, names
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.run import Shell, actor, did, note

PATIENT_S = 2.0
"""After so long it is said whom we wait for."""


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
    meant = switches.stands_for(shell.office.settings, name)
    with shell.queue() as store:
        steps = switches.off(shell.office, store, meant, reason=reason, actor=actor())
        changed = _follow(steps, f"{name} is off")
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
    meant = switches.stands_for(shell.office.settings, name)
    switches.enable(shell.office, meant, actor=actor())
    did(f"the config file says that {name} is on", whole=False)
    with shell.queue() as store:
        steps = switches.on(shell.office, store, meant, actor=actor())
        changed = _follow(steps, f"{name} is on")
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
    with shell.queue() as store:
        steps = switches.halt(store, reason=reason, actor=actor())
        changed = _follow(steps, "everything is halted")
    _tell(changed, "halted", as_json=as_json)


@click.command("resume")
@json_option
@click.pass_obj
def resume_command(shell: Shell, as_json: bool) -> None:
    """Go on after a halt: what it held waits again.

    \b
    broadcaster resume
    """
    with shell.office.store() as store:
        changed = _follow(switches.resume(store, actor=actor()), "the halt is over")
    _tell(changed, "resumed", as_json=as_json)


def _follow(steps: Iterator[Step], done: str) -> Changed:
    """Say each step that people have to know; ``done`` says the change itself.

    Returns what was changed.
    """
    changed = Changed()
    patient_until = float("inf")
    for step in steps:
        match step:
            case Changed():
                changed = step
                did(done)
                patient_until = time.monotonic() + PATIENT_S
            case Waiting(pids):
                if time.monotonic() > patient_until:
                    alive = ", ".join(f"pid {pid}" for pid in pids)
                    note(f"waiting for the daemon ({alive}) to acknowledge")
                    patient_until = float("inf")
            case FileUnchanged(why):
                note(f"it is off in the queue, but the config file still says on: {why}")
            case NotTakenUp():
                note("the daemon has not taken up the changed config file yet; its log says why")
            case StillOff(channel, account):
                note(f"{channel}: its account {account} is still off (broadcaster on {account})")
    return changed


def _tell(changed: Changed, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"channels": list(changed.channels), "deliveries": list(changed.deliveries)})
    else:
        channels = [name for name in changed.channels if name != "*"]
        echo(f"{done}: {', '.join(channels)}" if channels else done)
