"""What is wrong with an office, found before it matters: from its config to its channels."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from broadcaster import config
from broadcaster.adapter import Adapter, Audience, Countable, Probe
from broadcaster.app import schedules
from broadcaster.app.approvers import too_few
from broadcaster.app.clients import client
from broadcaster.app.office import Office
from broadcaster.app.schedule_views import flaws
from broadcaster.config import AccountSettings, AlertSettings, ChannelSettings
from broadcaster.daemon.alerts import messages
from broadcaster.daemon.alerts.notifier import Notifier
from broadcaster.engine.intake import contained
from broadcaster.errors import InputError, SendError
from broadcaster.files import look
from broadcaster.language import say
from broadcaster.model import Channel, Json
from broadcaster.outside import said
from broadcaster.store.live import Cause
from broadcaster.store.store import Store
from broadcaster.store.views import StoreHealth

NOT_OURS = say("its token is the daemon's to read, not yours: ask as the daemon's user")


@dataclass(frozen=True, slots=True)
class Probed:
    """The answer to one question; ``channel`` None: the account's token."""

    account: str
    channel: str | None
    probe: Probe | None
    error: str = ""

    @property
    def failed(self) -> bool:
        return self.probe is None or not self.probe.ok


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChecked:
    """What is wrong with the config, and with what it names."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    alerts_failed: tuple[str, ...]
    """Services through which the test alert did not leave."""
    alerts_sent: tuple[str, ...] = ()
    """Services that took the test alert."""
    not_ours: tuple[str, ...] = ()
    """Accounts whose tokens only the daemon's user may read: whoever posts needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChecked:
    """What is wrong with the store, the folders, and the schedules."""

    health: StoreHealth
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """What the platforms answered."""

    probed: tuple[Probed, ...] = ()
    not_asked: tuple[str, ...] = ()
    """Accounts and channels that are off or halted."""
    not_ours: tuple[str, ...] = ()
    """Accounts that are on, and whose tokens only the daemon's user may read."""


def check_config(office: Office, *, test_alerts: bool = False) -> ConfigChecked:
    """Read what the config names; ``test_alerts``: send one to each address of ``[alerts]``."""
    settings = office.settings
    found = config.config_flaws(settings.path)
    errors: list[str] = [*found.grave]
    warnings: list[str] = [*found.mild]
    not_ours = tuple(
        account.name for account in settings.accounts.values() if _for_another_user(account)
    )
    for account in settings.accounts.values():
        if account.name in not_ours:
            continue
        for secret in (config.token, config.proxy):
            try:
                secret(account, os.environ)
            except InputError as error:
                (errors if account.enabled else warnings).append(str(error))
    sent, failed = _check_alerts(settings.alerts, errors, warnings, test=test_alerts)
    if not settings.channels:
        warnings.append(say("there are no channels yet; add [channels.NAME] tables"))
    return ConfigChecked(
        errors=tuple(errors),
        warnings=tuple(warnings),
        alerts_failed=tuple(failed),
        alerts_sent=tuple(sent),
        not_ours=not_ours,
    )


def sending(office: Office, health: StoreHealth) -> int:
    """How many accounts are on, so that something can be sent through them."""
    return len(open_accounts(office, health))


def check_store(office: Office, store: Store, now: datetime) -> StoreChecked:
    """Look at the store, at the folders beside it, and at the next post of each schedule."""
    health = store.health(counted=False)
    errors: list[str] = []
    warnings: list[str] = []
    try:
        warnings += store.flaws()
    except InputError as error:
        errors.append(str(error))
    warnings += flaws(office, schedules.rows(office, store, now), now)
    if few := too_few(office, store):
        warnings.append(few)
    errors += [
        say("{folder} cannot be written by you: check its owner and rights", folder=folder)
        for folder in (office.settings.state_dir, office.media_folder)
        if look(folder) and not os.access(folder, os.W_OK)
    ]
    return StoreChecked(health=health, errors=tuple(errors), warnings=tuple(warnings))


async def ask_online(office: Office, health: StoreHealth) -> Online:
    """Ask every account and channel that is on; nothing is posted."""
    settings = office.settings
    accounts, channels = open_accounts(office, health), open_channels(office, health)
    not_ours = tuple(name for name in accounts if _for_another_user(settings.accounts[name]))
    ours = tuple(name for name in accounts if name not in not_ours)
    reached = tuple(name for name in channels if settings.channels[name].account in ours)
    probed = await probe(office, ours, reached)
    everything = (*settings.accounts, *settings.channels)
    return Online(
        probed=tuple(probed),
        not_asked=tuple(name for name in everything if name not in {*accounts, *channels}),
        not_ours=not_ours,
    )


def as_object(
    office: Office, checked: ConfigChecked, store: StoreChecked, online: Online
) -> dict[str, Json]:
    """The object that ``check --json`` prints."""
    health = store.health
    return {
        "config": str(office.settings.path),
        "store": {"url": health.url, "engine": health.engine, "schema": health.schema},
        "errors": [*checked.errors, *store.errors],
        "warnings": [*checked.warnings, *store.warnings],
        "online": [_probed_object(each) for each in online.probed],
        "not_asked": [*online.not_asked],
        "alerts_failed": [*checked.alerts_failed],
    }


def _check_alerts(
    alerts: AlertSettings, errors: list[str], warnings: list[str], *, test: bool
) -> tuple[Sequence[str], Sequence[str]]:
    """Whether Apprise understands the addresses; with ``test``, which take an alert, which not."""
    try:
        urls = config.alert_urls(alerts, os.environ)
        notifier = Notifier(urls) if urls else None
    except InputError as error:
        (warnings if _unreadable(alerts.urls_file) else errors).append(str(error))
        return (), ()
    if not test:
        return (), ()
    if notifier is None:
        warnings.append(
            say("there is nobody to alert: name a file of addresses in [alerts] urls_file")
        )
        return (), ()
    failed = notifier.try_now(messages.test())
    return [name for name in notifier.services if name not in failed], failed


def open_accounts(office: Office, health: StoreHealth) -> tuple[str, ...]:
    """The accounts that may be asked: off means that not even a question leaves."""
    shut = _shut(health)
    return tuple(
        name
        for name, account in office.settings.accounts.items()
        if account.enabled and shut.isdisjoint({("all", "all"), ("account", name)})
    )


def open_channels(office: Office, health: StoreHealth) -> tuple[str, ...]:
    """The channels that may be asked, for they and their accounts are on."""
    shut, accounts = _shut(health), open_accounts(office, health)
    return tuple(
        name
        for name, channel in office.settings.channels.items()
        if channel.enabled and channel.account in accounts and ("channel", name) not in shut
    )


def _shut(health: StoreHealth) -> set[tuple[str, str]]:
    """Scope and name of what is closed; what the platform itself closed is the thing to ask about.

    A halt is of the scope "all", whatever its name.
    """
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


def _probed_object(each: Probed) -> dict[str, Json]:
    probe = each.probe
    return {
        "account": each.account,
        "channel": each.channel,
        "ok": not each.failed,
        "verified": [*probe.verified] if probe else [],
        "unverified": [*probe.unverified] if probe else [],
        "advice": (probe.advice if probe else each.error) or None,
    }


async def probe(office: Office, accounts: Sequence[str], channels: Sequence[str]) -> list[Probed]:
    """Ask each account for its token, and each channel for our right to post there."""
    asked: dict[str, list[Channel | None]] = {name: [None] for name in accounts}
    for name in channels:
        settings = office.settings.channels[name]
        asked.setdefault(settings.account, []).append(settings.channel)
    found = await asyncio.gather(*(_asked(office, *each) for each in asked.items()))
    return [probed for each in found for probed in each]


async def _asked(office: Office, name: str, asked: Sequence[Channel | None]) -> list[Probed]:
    try:
        adapter = client(office, office.settings.accounts[name])
    except InputError as error:
        return [Probed(name, None, None, str(error))]
    await adapter.open()
    try:
        return [await _probed(name, adapter, each) for each in asked]
    finally:
        await adapter.close()


async def audience(
    office: Office, channels: Sequence[ChannelSettings]
) -> dict[str, Audience | str]:
    """Channel name -> how many follow it, or why that is not known."""
    counted: dict[str, Audience | str] = {}
    for settings in channels:
        if _for_another_user(office.settings.accounts[settings.account]):
            counted[settings.channel.name] = NOT_OURS
            continue
        adapter = client(office, office.settings.accounts[settings.account])
        if not isinstance(adapter, Countable):
            counted[settings.channel.name] = say("the platform does not tell")
            continue
        await adapter.open()
        try:
            with contained():
                found = await adapter.audience(settings.channel)
            counted[settings.channel.name] = replace(found, source=said(found.source))
        except SendError as error:
            counted[settings.channel.name] = said(error.detail)
        finally:
            await adapter.close()
    return counted


async def _probed(account: str, adapter: Adapter, channel: Channel | None) -> Probed:
    name = channel.name if channel else None
    try:
        with contained():
            probe = await adapter.probe(channel)
    except SendError as error:
        return Probed(account, name, None, said(error.detail))
    return Probed(account, name, replace(probe, advice=said(probe.advice)))
