"""``off``, ``on``, ``halt`` and ``resume``: what may leave this machine at all."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from broadcaster.app import switches
from broadcaster.app.office import Store
from broadcaster.app.switches import (
    Changed,
    FileUnchanged,
    Meant,
    NotTakenUp,
    Step,
    StillOff,
    Waiting,
)
from broadcaster.cli.asking import confirm
from broadcaster.cli.options import dry_run_option, json_option, names, sure_option, yes_option
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, actor, did, interactive, note
from broadcaster.language import joined, say

SOME = 3
"""Exit code: some of it could not be switched on."""
PATIENT_S = 2.0
"""After so long it is said whom we wait for."""


@click.command("off")
@click.argument("name", shell_complete=names)
@click.option("--reason", default="", metavar="TEXT", help="Why; shown until it is on again.")
@sure_option
@dry_run_option
@json_option
@click.pass_obj
def off_command(
    shell: Shell, name: str, reason: str, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Switch off an account, channel or group, or: foreign, domestic, all.

    Once this returns, nothing more is sent there; what waits is held. The config file is changed
    as well and keeps its comments. Switching off several things asks first; without a terminal it
    needs --yes.

    \b
    broadcaster off telegram --reason "کوچ به پیام‌رسان‌های داخلی"
    broadcaster off foreign --yes
    """
    meant = switches.stands_for(shell.office.settings, name)
    with shell.queue() as store:
        if dry_run:
            _try(shell, store, meant, as_json=as_json)
            return
        if meant.several and not yes:
            confirm(lambda: _stop_lines(shell, store, meant), say("switch {name} off?", name=name))
        steps = switches.off(shell.office, store, meant, reason=reason, actor=actor())
        changed = _follow(steps, say("{name} is off", name=name))
        left = switches.would_stop(shell.office, store, meant).scheduled
    _tell(changed, say("{name} is off", name=name), as_json=as_json)
    if left:
        note(
            say(
                "{posts} will be held there at their hour; to drop what is queued for "
                "{name}: broadcaster release {name} --drop --scheduled",
                posts=plural(left, say("scheduled post")),
                name=name,
            )
        )


@click.command("on")
@click.argument("name", shell_complete=names)
@json_option
@click.pass_obj
def on_command(shell: Shell, name: str, as_json: bool) -> int:
    """Switch an account, channel or group on again, or: foreign, domestic, all.

    What is held stays held until `release`, unless the config says when_back = "send" or "drop".
    Exit code 3: some of it stays off, since the config file says so and cannot be changed.

    \b
    broadcaster on telegram
    broadcaster release telegram --last 1
    """
    meant = switches.stands_for(shell.office.settings, name)
    enabled = switches.enable(shell.office, meant, actor=actor())
    did(say("the config file says that {name} is on", name=name), whole=False)
    with shell.queue() as store:
        steps = switches.on(shell.office, store, enabled.on, actor=actor())
        changed = _follow(steps, say("{name} is on", name=name))
    _tell(changed, say("{name} is on", name=name), as_json=as_json)
    for off, reason in enabled.left.items():
        note(say("{off} is still off: {reason}", off=off, reason=reason))
    return SOME if enabled.left else 0


@click.command("halt")
@click.option("--reason", required=True, metavar="TEXT", help="Why; shown by every command.")
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def halt_command(shell: Shell, reason: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Stop everything at once: nothing is sent to any platform until `resume`.

    It asks on a terminal, and never in a script.

    \b
    broadcaster halt --reason "خطا در متن اطلاعیه"
    """
    with shell.queue() as store:
        if dry_run:
            _try(shell, store, None, as_json=as_json)
            return
        if interactive() and not yes:
            confirm(lambda: _stop_lines(shell, store, None), say("stop everything?"))
        steps = switches.halt(store, reason=reason, actor=actor())
        changed = _follow(steps, say("everything is halted"))
    _tell(changed, "halted", as_json=as_json)


@click.command("resume")
@json_option
@click.pass_obj
def resume_command(shell: Shell, as_json: bool) -> None:
    """Lift a halt: what it held is sent.

    \b
    broadcaster resume
    """
    with shell.office.store() as store:
        changed = _follow(switches.resume(store, actor=actor()), say("the halt is over"))
    _tell(changed, "resumed", as_json=as_json)


def _try(shell: Shell, store: Store, meant: Meant | None, *, as_json: bool) -> None:
    """Say what would be stopped."""
    if as_json:
        stopped = switches.would_stop(shell.office, store, meant)
        print_json(
            {
                "channels": [*stopped.channels],
                "waiting": stopped.waiting,
                "scheduled": stopped.scheduled,
            }
        )
        return
    echo("\n".join(_stop_lines(shell, store, meant)))
    echo(say("nothing was changed"))


def _stop_lines(shell: Shell, store: Store, meant: Meant | None) -> Iterator[str]:
    """What a switch or a halt would stop."""
    stopped = switches.would_stop(shell.office, store, meant)
    yield (
        say(
            "nothing would be sent any more to {channels}: {channels2}",
            channels=plural(len(stopped.channels), "channel"),
            channels2=joined(", ", stopped.channels),
        )
    )
    waiting = plural(stopped.waiting, say("delivery waits"), say("deliveries wait"))
    scheduled = plural(stopped.scheduled, say("post is"), say("posts are"))
    yield say(
        "{waiting} there; {scheduled} scheduled for a later hour",
        waiting=waiting,
        scheduled=scheduled,
    )


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
                    alive = joined(", ", (say("pid {pid}", pid=pid) for pid in pids))
                    note(say("waiting for the daemon ({alive}) to acknowledge", alive=alive))
                    patient_until = float("inf")
            case FileUnchanged(why):
                note(
                    say("it is off in the queue, but the config file still says on: {why}", why=why)
                )
            case NotTakenUp():
                note(
                    say("the daemon has not taken up the changed config file yet; its log says why")
                )
            case StillOff(channel, account):
                note(
                    say(
                        "{channel}: its account {account} is still off (broadcaster on {account})",
                        channel=channel,
                        account=account,
                    )
                )
    return changed


def _tell(changed: Changed, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"channels": list(changed.channels), "deliveries": list(changed.deliveries)})
    else:
        channels = [name for name in changed.channels if name != "*"]
        echo(
            say("{done}: {channels}", done=done, channels=joined(", ", channels))
            if channels
            else done
        )
