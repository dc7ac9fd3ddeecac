"""``status``: the whole queue on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell

if TYPE_CHECKING:
    from broadcaster.adapter import Rate
    from broadcaster.model import Json
    from broadcaster.store.health import StoreHealth

DRAFTS = 100_000
"""More than any office keeps back."""
_SPANS = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "d"}


@click.command("status")
@json_option
@click.pass_obj
def status_command(shell: Shell, as_json: bool) -> None:
    """The daemon, the queue, what is held or unknown, each account, and what needs somebody.

    \b
    broadcaster status
    watch broadcaster status
    """
    from broadcaster.app.schedule_views import flaw
    from broadcaster.cli.output import plural, print_json
    from broadcaster.store.reading import Query

    with shell.queue() as store:
        health = store.health()
        drafts = [row.post.id for row in store.posts(Query(state="draft", limit=DRAFTS))]
        problems = {row.name: why for row in store.schedules() if (why := row.problem or flaw(row))}
    if as_json:
        shown = status_json(shell, health)
        print_json({**shown, "drafts": [*drafts], "schedules_failed": {**problems}})
        return
    _show(shell, health)
    if drafts:
        echo(f"{plural(len(drafts), 'draft')} not approved: broadcaster list --state draft")
    for name, problem in problems.items():
        echo(f"the schedule {name} made no post ({problem}): broadcaster schedule show {name}")


def status_json(shell: Shell, health: StoreHealth) -> dict[str, Json]:
    """The object that ``status --json`` prints."""
    iso = shell.times.iso
    halt = next((gate for gate in health.gates if gate.scope == "all"), None)
    return {
        "now": iso(health.now),
        "daemons": [
            {
                "pid": each.pid,
                "host": each.host,
                "alive": each.alive,
                "started": iso(each.started),
                "seen": iso(each.seen),
            }
            for each in health.daemons
        ],
        "halted": {"reason": halt.reason, "by": halt.by, "at": iso(halt.at)} if halt else None,
        "deliveries": {state.value: count for state, count in health.counts.items()},
        "next_due": iso(health.next_due),
        "channels": {
            name: {state.value: count for state, count in counts.items()}
            for name, counts in health.by_channel.items()
        },
        "accounts": accounts_json(shell, health),
        "contested": {name: list(owners) for name, owners in health.contested.items()},
        "closed": [
            {
                "scope": gate.scope,
                "name": gate.name,
                "cause": gate.cause.value,
                "reason": gate.reason,
                "by": gate.by,
                "at": iso(gate.at),
            }
            for gate in health.gates
            if gate.scope != "all"
        ],
        "store": {
            "url": health.url,
            "engine": health.engine,
            "schema": health.schema,
            "epoch": health.epoch,
        },
    }


def accounts_json(shell: Shell, health: StoreHealth) -> list[Json]:
    """Each account of the config: its switch, breaker and pace."""
    breakers = {each.account: each for each in health.accounts}
    iso = shell.times.iso
    rows: list[Json] = []
    for account in shell.office.settings.accounts.values():
        breaker = breakers.get(account.name)
        rows.append(
            {
                "account": account.name,
                "adapter": account.adapter,
                "jurisdiction": account.jurisdiction,
                "enabled": account.enabled,
                "closed": closed(health, account.name) or None,
                "breaker": breaker.breaker if breaker else "closed",
                "failures": breaker.failures if breaker else 0,
                "retry_at": iso(breaker.retry_at) if breaker else None,
                "reason": breaker.reason or None if breaker else None,
                "quiet_until": iso(health.quiet.get(account.name)),
                "rate": rate(account.rate),
                "channel_rate": rate(account.channel_rate),
                "senders": account.senders,
            }
        )
    return rows


def closed(health: StoreHealth, account: str) -> str:
    """Why nothing leaves through an account; empty: it may."""
    gates = [gate for gate in health.gates if (gate.scope, gate.name) == ("account", account)]
    return "; ".join(gate.reason or gate.cause.value for gate in gates)


def rate(of: Rate | None) -> str:
    """As the config says it."""
    if of is None:
        return "none"
    return f"{of.count}/{_SPANS.get(of.per_s, f'{of.per_s:g}s')}"


def _show(shell: Shell, health: StoreHealth) -> None:
    from broadcaster.cli.output import Styled, print_table, state
    from broadcaster.model import State

    times = shell.times
    alive = [each for each in health.daemons if each.alive]
    daemon = ", ".join(
        f"pid {each.pid} on {each.host} since {times.short(each.started)}" for each in alive
    )
    counts = Styled(", ".join(f"{count:,} {state(key)}" for key, count in health.counts.items()))
    echo(f"daemon    {daemon or 'none is running: nothing is sent (broadcaster daemon)'}")
    echo("queue     ", counts or "empty")
    echo(f"next due  {times.show(health.next_due) if health.next_due else 'nothing'}")
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
        echo("unknown ones wait for your word: broadcaster list --state unknown")


def print_accounts(shell: Shell, health: StoreHealth) -> None:
    """One line for each account."""
    from broadcaster.cli.output import print_table

    quiet, breakers = health.quiet, {each.account: each for each in health.accounts}
    rows = []
    for account in shell.office.settings.accounts.values():
        breaker, shut = breakers.get(account.name), closed(health, account.name)
        remarks = [shut, breaker.reason if breaker and breaker.breaker != "closed" else ""]
        if account.name in quiet:
            remarks.append(f"asked to wait until {shell.times.clock(quiet[account.name])}")
        rows.append(
            (
                account.name,
                "on" if account.enabled and not shut else "off",
                breaker.breaker if breaker else "closed",
                rate(account.rate),
                rate(account.channel_rate),
                str(account.senders),
                "; ".join(filter(None, remarks)),
            )
        )
    print_table(("account", "switch", "breaker", "pace", "per channel", "senders", "remark"), rows)
