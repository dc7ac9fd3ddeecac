"""``init`` and ``check``: a config to begin with, and what is wrong with the one there is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from broadcaster.app import checks, setup
from broadcaster.app.office import Office
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, plural, print_json, state
from broadcaster.cli.run import Shell, note
from broadcaster.language import joined, say


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def init_command(folder: Path, as_json: bool) -> None:
    """Write a first config file, with comments, and a folder for tokens.

    \b
    broadcaster init
    broadcaster init روابط-عمومی
    """
    path, secrets = setup.begin(folder)
    if as_json:
        print_json({"config": str(path), "secrets": str(secrets)})
        return
    echo(say("{path}: write your accounts and channels into it, it says how", path=path))
    echo(say("{secrets}: put each token into a file here", secrets=secrets))
    echo(say("then: broadcaster --config {path} check", path=path))


@click.command("check")
@click.option("--online", is_flag=True, help="Also ask every platform; posts nothing.")
@click.option("--alerts", is_flag=True, help="Send a test alert to each address of [alerts].")
@json_option
@click.pass_obj
def check_command(shell: Shell, online: bool, alerts: bool, as_json: bool) -> int:
    """Check config, store and tokens for mistakes.

    Exit code 2: there is a mistake; with --online, 1: a token or channel cannot be used; with
    --alerts, 1: an alert could not be sent.

    \b
    broadcaster check
    broadcaster check --online --alerts
    """
    office = shell.office
    checked = checks.check_config(office, test_alerts=alerts)
    with shell.queue() as store:
        stored = checks.check_store(office, store, shell.times.now())
    answered = checks.Online()
    if online:
        answered = asyncio.run(checks.ask_online(office, stored.health))
    if as_json:
        print_json(checks.as_object(office, checked, stored, answered))
    else:
        _show(office, checked, stored, answered)
    if checked.errors or stored.errors:
        return 2
    return 1 if checked.alerts_failed or any(each.failed for each in answered.probed) else 0


def _show(
    office: Office,
    checked: checks.ConfigChecked,
    stored: checks.StoreChecked,
    answered: checks.Online,
) -> None:
    echo(say("config  {path}", path=office.settings.path))
    echo(say("store   {url} ({engine})", url=stored.health.url, engine=stored.health.engine))
    _show_probed(answered)
    if answered.not_asked:
        echo(
            say(
                "not asked, since they are off or halted: {not_asked}",
                not_asked=joined(", ", answered.not_asked),
            )
        )
    if checked.not_ours:
        names = joined(", ", checked.not_ours)
        echo(
            say(
                "not checked, since only the daemon's user may read them: the tokens of {names}",
                names=names,
            )
        )
    for name in checked.alerts_sent:
        echo(say("a test alert was sent to {name}", name=name))
    for text in (*checked.warnings, *stored.warnings):
        note(say("warning: {text}", text=text))
    errors = (*checked.errors, *stored.errors)
    shown = {each.error for each in answered.probed}
    for text in errors:
        if text not in shown:
            note(say("error: {text}", text=text))
    on, accounts = checks.sending(office, stored.health), len(office.settings.accounts)
    if not on:
        note(
            say(
                "warning: nothing can be sent: 0 of {accounts} are on",
                accounts=plural(accounts, "account"),
            )
        )
    for name in checked.alerts_failed:
        note(say("error: the test alert did not leave through {name}", name=name))
    failed = checked.alerts_failed or any(each.failed for each in answered.probed)
    if on and not errors and not failed:
        left = any(each.probe and each.probe.unverified for each in answered.probed)
        left = left or bool(answered.not_ours)
        echo(say("all is well") + say(", as far as it can be asked") * left)


def _show_probed(answered: checks.Online) -> None:
    """A line for each answer; what was answered to several questions is said once."""
    lines: dict[tuple[str, str], list[str]] = {}
    for each in answered.probed:
        lines.setdefault(_answer(each), []).append(each.channel or each.account)
    for (word, said), names in lines.items():
        echo(say("{names}: ", names=joined(", ", names)), word, say(": {text}", text=said))


def _answer(each: checks.Probed) -> tuple[str, str]:
    """In a word, and at length."""
    probe = each.probe
    said = [each.error.removeprefix(f"{each.account}: ")]
    if probe and probe.verified:
        said.append(say("verified: {verified}", verified=joined(", ", probe.verified)))
    if probe and probe.unverified:
        said.append(
            say(
                "without a post the platform does not tell: {unverified}",
                unverified=joined(", ", probe.unverified),
            )
        )
    if probe and probe.advice:
        said.append(probe.advice)
    word = "ok" if probe and probe.verified else say("not verified")
    if each.failed:
        word = state("failed")
    return word, joined("; ", filter(None, said))
