"""``status``: the whole queue on one screen."""

from __future__ import annotations

import click

from broadcaster.app.status import Status, StoreHealth, accounts, rate, status, status_json
from broadcaster.cli.options import json_option
from broadcaster.cli.output import Styled, echo, plural, print_json, print_table, state
from broadcaster.cli.run import Shell
from broadcaster.language import joined, say
from broadcaster.model import State


@click.command("status")
@json_option
@click.pass_obj
def status_command(shell: Shell, as_json: bool) -> None:
    """Show the daemon, the queue, each account, and what needs a decision.

    \b
    broadcaster status
    watch broadcaster status
    """
    with shell.queue() as store:
        found = status(store)
    if as_json:
        print_json(status_json(shell.office, found))
        return
    _show(shell, found)
    if found.drafts:
        echo(
            say(
                "{drafts} not approved: broadcaster list --state draft",
                drafts=plural(len(found.drafts), "draft"),
            )
        )
    for name, problem in found.problems.items():
        echo(
            say(
                "the schedule {name} made no post ({problem}): broadcaster schedule show {name}",
                name=name,
                problem=problem,
            )
        )


def _show(shell: Shell, found: Status) -> None:
    health, times = found.health, shell.times
    alive = [each for each in health.daemons if each.alive]
    daemon = joined(
        ", ",
        (
            say(
                "pid {pid} on {host} since {when}",
                pid=each.pid,
                host=each.host,
                when=times.short(each.started),
            )
            for each in alive
        ),
    )
    counts = Styled(
        joined(
            ", ",
            (
                say("{count:,} {state}", count=count, state=state(key))
                for key, count in health.counts.items()
            ),
        )
    )
    echo(
        say(
            "daemon    {daemon}",
            daemon=daemon or say("none is running: nothing is sent (broadcaster daemon)"),
        )
    )
    echo(say("queue     "), counts or say("empty"))
    echo(
        say(
            "next due  {when}",
            when=times.show(found.next_due) if found.next_due else say("nothing"),
        )
    )
    echo(say("store     {url} ({engine})", url=health.url, engine=health.engine))
    waiting = (State.WAITING, State.SENDING, State.HELD, State.UNKNOWN, State.FAILED, State.MISSED)
    if health.by_channel:
        echo()
        used = [key for key in waiting if any(each.get(key) for each in health.by_channel.values())]
        print_table(
            ("channel", *used),
            (
                (name, *(f"{each[key]:,}" if each.get(key) else "" for key in used))
                for name, each in sorted(health.by_channel.items())
            ),
        )
    echo()
    print_accounts(shell, health)
    for gate in health.gates:
        if gate.scope == "channel":
            why = f"{gate.cause}{': ' + gate.reason if gate.reason else ''}"
            echo(
                say(
                    "{gate} is closed ({why}) since {when} by {by}",
                    gate=gate.name,
                    why=why,
                    when=times.short(gate.at),
                    by=gate.by,
                )
            )
    for name, owners in health.contested.items():
        who = joined(", ", owners)
        echo(
            say(
                "{name}: nothing is sent, the daemons work by different settings "
                "({who}); give each the same config",
                name=name,
                who=who,
            )
        )
    if health.counts.get(State.UNKNOWN):
        echo(say("unknown deliveries need a decision: broadcaster list --state unknown"))


def print_accounts(shell: Shell, health: StoreHealth) -> None:
    """One line for each account."""
    rows = []
    for each in accounts(shell.office, health):
        remarks = [each.closed, each.trouble]
        if each.quiet_until is not None:
            remarks.append(
                say("asked to wait until {clock}", clock=shell.times.clock(each.quiet_until))
            )
        rows.append(
            (
                each.settings.name,
                "on" if each.on else "off",
                each.breaker,
                rate(each.settings.rate),
                rate(each.settings.channel_rate),
                str(each.settings.senders),
                joined("; ", filter(None, remarks)),
            )
        )
    print_table(
        ("account", "switch", "breaker", "pace", say("per channel"), "senders", "remark"), rows
    )
