"""``status``: the whole queue on one screen."""

from __future__ import annotations

import click

from broadcaster.app.status import Status, StoreHealth, accounts, rate, status, status_json
from broadcaster.cli.options import json_option
from broadcaster.cli.output import Styled, echo, plural, print_json, print_table, state
from broadcaster.cli.run import Shell
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
        echo(f"{plural(len(found.drafts), 'draft')} not approved: broadcaster list --state draft")
    for name, problem in found.problems.items():
        echo(f"the schedule {name} made no post ({problem}): broadcaster schedule show {name}")


def _show(shell: Shell, found: Status) -> None:
    health, times = found.health, shell.times
    alive = [each for each in health.daemons if each.alive]
    daemon = ", ".join(
        f"pid {each.pid} on {each.host} since {times.short(each.started)}" for each in alive
    )
    counts = Styled(", ".join(f"{count:,} {state(key)}" for key, count in health.counts.items()))
    echo(f"daemon    {daemon or 'none is running: nothing is sent (broadcaster daemon)'}")
    echo("queue     ", counts or "empty")
    echo(f"next due  {times.show(found.next_due) if found.next_due else 'nothing'}")
    echo(f"store     {health.url} ({health.engine})")
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
            echo(f"{gate.name} is closed ({why}) since {times.short(gate.at)} by {gate.by}")
    for name, owners in health.contested.items():
        who = ", ".join(owners)
        echo(
            f"{name}: nothing is sent, the daemons work by different settings ({who});"
            " give each the same config"
        )
    if health.counts.get(State.UNKNOWN):
        echo("unknown deliveries need a decision: broadcaster list --state unknown")


def print_accounts(shell: Shell, health: StoreHealth) -> None:
    """One line for each account."""
    rows = []
    for each in accounts(shell.office, health):
        remarks = [each.closed, each.trouble]
        if each.quiet_until is not None:
            remarks.append(f"asked to wait until {shell.times.clock(each.quiet_until)}")
        rows.append(
            (
                each.settings.name,
                "on" if each.on else "off",
                each.breaker,
                rate(each.settings.rate),
                rate(each.settings.channel_rate),
                str(each.settings.senders),
                "; ".join(filter(None, remarks)),
            )
        )
    print_table(("account", "switch", "breaker", "pace", "per channel", "senders", "remark"), rows)
