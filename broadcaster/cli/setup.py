"""``init`` and ``check``: a config to begin with, and what is wrong with the one there is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, note
from broadcaster.files import look

if TYPE_CHECKING:
    from broadcaster.app.office import Probed
    from broadcaster.config import AccountSettings, AlertSettings
    from broadcaster.model import Json
    from broadcaster.store.health import StoreHealth


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def init_command(folder: Path, as_json: bool) -> None:
    """Write a first config file, with comments, and a folder for tokens.

    \b
    broadcaster init
    broadcaster init روابط-عمومی
    """
    from broadcaster.cli.output import print_json
    from broadcaster.config.find import FILE
    from broadcaster.config.starter import starter
    from broadcaster.errors import InputError

    path, secrets = folder / "config" / FILE, folder / "config" / "secrets"
    try:
        for each, mode in ((path.parent, 0o755), (secrets, 0o700)):
            each.mkdir(mode=mode, parents=True, exist_ok=True)
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(starter(timezone="Asia/Tehran"))
    except FileExistsError as error:
        raise InputError(
            f"{error.filename} exists already and is left as it is; choose another folder"
        ) from None
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from None
    if as_json:
        print_json({"config": str(path), "secrets": str(secrets)})
        return
    echo(f"{path}: write your accounts and channels into it, it says how")
    echo(f"{secrets}: put each token into a file here")
    echo(f"then: broadcaster --config {path} check")


@click.command("check")
@click.option("--online", is_flag=True, help="Ask every account and channel; posts nothing.")
@click.option("--alerts", is_flag=True, help="Send a test alert to each address of [alerts].")
@json_option
@click.pass_obj
def check_command(shell: Shell, online: bool, alerts: bool, as_json: bool) -> int:
    """Find mistakes in config, store and tokens before they matter.

    Ends with 2 for a mistake; with --online, 1 where a token or channel cannot be used; with
    --alerts, 1 where an alert did not leave.

    \b
    broadcaster check
    broadcaster check --online --alerts
    """
    from broadcaster import config
    from broadcaster.app import schedule_views, schedules
    from broadcaster.cli.output import print_json
    from broadcaster.errors import InputError

    settings = shell.office.settings
    flaws = config.config_flaws(settings.path)
    errors: list[str] = [*flaws.grave]
    warnings: list[str] = [*flaws.mild]
    for account in settings.accounts.values():
        grave = account.enabled and not _for_another_user(account)
        for secret in (config.token, config.proxy):
            try:
                secret(account, os.environ)
            except InputError as error:
                (errors if grave else warnings).append(str(error))
    untold = _check_alerts(settings.alerts, errors, warnings, test=alerts)
    if not settings.channels:
        warnings.append("there are no channels yet; add [channels.NAME] tables")
    with shell.queue() as store:
        health = store.health(counted=False)
        try:
            warnings += store.flaws()
        except InputError as error:
            errors.append(str(error))
        now = shell.times.now()
        rows = schedules.rows(shell.office, store, now)
        warnings += schedule_views.flaws(shell.office, rows, now)
    errors += [
        f"{folder} cannot be written by you: check its owner and rights"
        for folder in (settings.state_dir, shell.office.media_folder)
        if look(folder) and not os.access(folder, os.W_OK)
    ]
    probed: list[Probed] = []
    silent: list[str] = []
    if online:
        accounts, channels = open_accounts(shell, health), open_channels(shell, health)
        probed = asyncio.run(shell.office.probe(accounts, channels))
        everything = (*settings.accounts, *settings.channels)
        silent = [name for name in everything if name not in {*accounts, *channels}]
    if as_json:
        print_json(
            {
                "config": str(settings.path),
                "store": {"url": health.url, "engine": health.engine, "schema": health.schema},
                "errors": errors,
                "warnings": warnings,
                "online": [_probed_json(each) for each in probed],
                "not_asked": silent,
                "alerts_failed": untold,
            }
        )
    else:
        echo(f"config  {settings.path}")
        echo(f"store   {health.url} ({health.engine})")
        for each in probed:
            echo(*_probed_line(each))
        for name in silent:
            echo(f"{name}: not asked: it is off or halted")
        for text in warnings:
            note(f"warning: {text}")
        for text in errors:
            note(f"error: {text}")
        for name in untold:
            note(f"error: the test alert did not leave through {name}")
        if not errors and not untold and not any(each.failed for each in probed):
            left = any(each.probe and each.probe.unverified for each in probed)
            echo("all is well" + ", as far as it can be asked" * left)
    if errors:
        return 2
    return 1 if untold or any(each.failed for each in probed) else 0


def _check_alerts(
    alerts: AlertSettings, errors: list[str], warnings: list[str], *, test: bool
) -> list[str]:
    """Whether Apprise understands the addresses; with ``test``, those no alert leaves through."""
    from broadcaster.config import alert_urls
    from broadcaster.daemon.alerts.outlet import Outlet
    from broadcaster.daemon.alerts.words import Alert
    from broadcaster.errors import InputError

    try:
        urls = alert_urls(alerts, os.environ)
        outlet = Outlet(urls) if urls else None
    except InputError as error:
        (warnings if _unreadable(alerts.urls_file) else errors).append(str(error))
        return []
    if not test:
        return []
    if outlet is None:
        warnings.append("there is nobody to alert: name a file of addresses in [alerts] urls_file")
        return []
    return outlet.try_now(Alert("test", "a test", "alerts arrive here; nothing needs you"))


def open_accounts(shell: Shell, health: StoreHealth) -> tuple[str, ...]:
    """The accounts that may be asked: off means that not even a question leaves."""
    shut = _shut(health)
    return tuple(
        name
        for name, account in shell.office.settings.accounts.items()
        if account.enabled and shut.isdisjoint({("all", "all"), ("account", name)})
    )


def open_channels(shell: Shell, health: StoreHealth) -> tuple[str, ...]:
    """The channels that may be asked, for they and their accounts are on."""
    shut, accounts = _shut(health), open_accounts(shell, health)
    return tuple(
        name
        for name, channel in shell.office.settings.channels.items()
        if channel.enabled and channel.account in accounts and ("channel", name) not in shut
    )


def _shut(health: StoreHealth) -> set[tuple[str, str]]:
    """Scope and name of what is closed; what the platform itself closed is the thing to ask about.

    A halt is of the scope "all", whatever its name.
    """
    from broadcaster.store.live import Cause

    return {
        (gate.scope, "all" if gate.scope == "all" else gate.name)
        for gate in health.gates
        if gate.cause != Cause.UNAUTHORIZED
    }


def _for_another_user(account: AccountSettings) -> bool:
    """Whether the token is there, but only for the daemon's user: who posts needs none."""
    return _unreadable(account.token_file)


def _unreadable(file: Path | None) -> bool:
    if file is None:
        return False
    return not os.access(file.parent, os.X_OK) or (
        look(file) is not None and not os.access(file, os.R_OK)
    )


def _probed_json(each: Probed) -> dict[str, Json]:
    probe = each.probe
    return {
        "account": each.account,
        "channel": each.channel,
        "ok": not each.failed,
        "verified": [*probe.verified] if probe else [],
        "unverified": [*probe.unverified] if probe else [],
        "advice": (probe.advice if probe else each.error) or None,
    }


def _probed_line(each: Probed) -> tuple[str, str, str]:
    from broadcaster.cli.output import state

    probe = each.probe
    said = [each.error]
    if probe and probe.verified:
        said.append(f"verified: {', '.join(probe.verified)}")
    if probe and probe.unverified:
        said.append(f"without a post the platform does not tell: {', '.join(probe.unverified)}")
    if probe and probe.advice:
        said.append(probe.advice)
    word = "ok" if probe and probe.verified else "not verified"
    if each.failed:
        word = state("failed")
    return f"{each.channel or each.account}: ", word, f": {'; '.join(filter(None, said))}"
