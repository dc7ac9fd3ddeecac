"""From the file's text to :class:`Settings`: every mistake is found before any is reported."""

from __future__ import annotations

import os.path
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from broadcaster.adapter import Platform
from broadcaster.config import accounts, addresses, channels, hours, keys, schedules
from broadcaster.config.mistakes import Mistakes
from broadcaster.config.names import ALL, JURISDICTIONS, ROLES, dotted, flaw, nearest
from broadcaster.config.settings import (
    AccountSettings,
    AlertSettings,
    ChannelSettings,
    ConfigError,
    LogSettings,
    RetentionSettings,
    Settings,
    WebSettings,
)
from broadcaster.config.tables import NAMED, ChannelTable, GroupTable, Top, WebTable
from broadcaster.files import expanded
from broadcaster.language import say
from broadcaster.text import toml

_SECTION = {"platforms": "account", "channels": "channel", "groups": "group"}


def load(path: Path, platforms: Mapping[str, Platform]) -> Settings:
    """Read and check the file; opens no other file and no connection.

    :raises ConfigError: with every mistake, each at its dotted path.
    """
    path = path.absolute()
    raw = _parsed(path)
    mistakes = Mistakes()
    named = {section: _tables(raw.pop(section, {}), section, mistakes) for section in NAMED}
    recurring = _tables(raw.pop("schedules", {}), "schedules", mistakes)
    top = mistakes.table(Top, raw, known=(*keys.of(Top), *NAMED, "schedules")) or Top()

    read = {
        name: accounts.read(name, table, platforms, path.parent, mistakes)
        for name, table in named["platforms"].items()
    }
    tables = {
        name: mistakes.table(ChannelTable, table, ("channels", name))
        for name, table in named["channels"].items()
    }
    members = _members({name: table for name, table in tables.items() if table})
    groups = {
        name: mistakes.table(GroupTable, table, ("groups", name)) or GroupTable()
        for name, table in named["groups"].items()
    }
    _check_groups(groups, members, mistakes)
    _check_names(named, members, mistakes)

    settings: dict[str, ChannelSettings] = {}
    for name, table in tables.items():
        if table is None or not _known_account(name, table, read, mistakes):
            continue
        account = read[table.platform]
        if account is None:
            continue  # its own mistakes are said already
        level = channels.levels(
            name,
            table,
            {group: groups[group] for group in table.groups if group in groups},
            account[0],
            top,
            mistakes,
        )
        adapter = platforms[account[1].adapter]
        channel = channels.settings(name, table, level, account[1], adapter, top, mistakes)
        if channel:
            settings[name] = channel
    good = {name: account[1] for name, account in read.items() if account}
    _check_doubles(settings, good, mistakes)
    names = {*named["platforms"], *named["channels"], *members, *JURISDICTIONS, ALL}
    if top.alerts.urls_file and top.alerts.urls_env:
        mistakes.add(("alerts",), say("has both urls_file and urls_env; keep one"))
    _check_references(top, names, named["channels"], mistakes)
    _check_web(top.web, mistakes)
    planned = schedules.read(recurring, top, names, path.parent, mistakes)
    slots = hours.slots(top, names, mistakes)
    if mistakes:
        raise ConfigError(path, mistakes)
    loaded = _settings(path, top, good, settings, members)
    return replace(loaded, schedules=planned, slots=slots)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return toml.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(path, [f"{error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            path, [say("not UTF-8 text (byte {start}); save it as UTF-8", start=error.start)]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [say("broken TOML: {reason}", reason=error)]) from None
    except RecursionError:
        raise ConfigError(path, [say("broken TOML: it is nested too deeply")]) from None


def _tables(section: object, name: str, mistakes: Mistakes) -> dict[str, Any]:
    if isinstance(section, dict):
        return section
    mistakes.add((name,), say("must be tables of their own: [{name}.NAME]", name=name))
    return {}


def _members(tables: Mapping[str, ChannelTable]) -> dict[str, tuple[str, ...]]:
    members: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        for group in dict.fromkeys(table.groups):
            members[group] = (*members.get(group, ()), name)
    return members


def _check_groups(
    groups: Mapping[str, GroupTable], members: Mapping[str, object], mistakes: Mistakes
) -> None:
    """A group's table without channels is nearly always a name typed in two ways."""
    if any(mistake.startswith("channels.") for mistake in mistakes):
        return  # the channels that were left out may be its members
    for name in groups:
        if name not in members:
            mistakes.add(
                ("groups", name),
                say(
                    'no channel says groups = ["{name}"]{nearest}',
                    name=name,
                    nearest=nearest(name, members),
                ),
            )


def _check_names(
    named: Mapping[str, Mapping[str, object]], members: Mapping[str, object], mistakes: Mistakes
) -> None:
    taken: dict[str, str] = {}
    for section, names in (*named.items(), ("groups", members)):
        for name in names:
            path, first = (section, name), taken.setdefault(name, section)
            if first != section:
                mistakes.add(
                    path,
                    say(
                        'the name "{name}" is already that of {more} {section} ([{dotted}]); '
                        "choose another",
                        name=name,
                        more="an" if first[0] == "p" else "a",
                        section=_SECTION[first],
                        dotted=dotted(first, name),
                    ),
                )
            elif (section != "groups" or names is members) and (reason := flaw(name)):
                mistakes.add(path, reason)


def _known_account(
    name: str, table: ChannelTable, read: Mapping[str, object], mistakes: Mistakes
) -> bool:
    if table.platform in read:
        return True
    hint = nearest(table.platform, read) or say(
        "; there is no [{dotted}] table", dotted=dotted("platforms", table.platform)
    )
    mistakes.add(
        ("channels", name, "platform"),
        say('"{platform}" is no account{hint}', platform=table.platform, hint=hint),
    )
    return False


def _check_doubles(
    channels: Mapping[str, ChannelSettings],
    good: Mapping[str, AccountSettings],
    mistakes: Mistakes,
) -> None:
    """Two names for one channel would post everything there twice."""
    first: dict[tuple[str, str, str], str] = {}
    for name, channel in channels.items():
        account = good[channel.account]
        place = (account.adapter, account.base_url, channel.channel.address.casefold())
        other = first.setdefault(place, name)
        if other != name:
            mistakes.add(
                ("channels", name, "address"),
                say(
                    "is that of {dotted}, too: a post to both would appear twice",
                    dotted=dotted("channels", other),
                ),
            )


def _check_references(
    top: Top, names: set[str], channel_names: Mapping[str, object], mistakes: Mistakes
) -> None:
    for key, said in (("default_to", top.default_to), ("addresses", top.addresses)):
        for name in said:
            if name not in names:
                hint = nearest(name, sorted(names))
                mistakes.add(
                    (key,),
                    say('"{name}" is no channel, group or account{hint}', name=name, hint=hint),
                )
    if top.test_channel is not None and top.test_channel not in channel_names:
        hint = nearest(top.test_channel, channel_names)
        mistakes.add(
            ("test_channel",),
            say('"{test_channel}" is no channel{hint}', test_channel=top.test_channel, hint=hint),
        )


def _check_web(table: WebTable, mistakes: Mistakes) -> None:
    """What its keys need of each other."""
    host, _, _ = table.listen.rpartition(":")
    by_socket = table.listen.startswith("unix:")
    here = by_socket or addresses.is_loopback(host.strip("[]"))
    if not here and not table.insecure_http:
        mistakes.add(
            ("web", "listen"),
            say(
                "is beyond this machine, where passwords could be read on the way: "
                "listen at 127.0.0.1 behind a proxy with TLS (docs/web.md), or say "
                "insecure_http = true"
            ),
        )
    if table.login == "header" and not by_socket and not table.trusted_proxies:
        mistakes.add(
            ("web", "login"),
            say('is "header", which anybody could send: name the proxy in trusted_proxies'),
        )
    for role in table.require_totp:
        if role not in ROLES:
            mistakes.add(
                ("web", "require_totp"),
                say('"{role}" is no role{nearest}', role=role, nearest=nearest(role, ROLES)),
            )


def _settings(
    path: Path,
    top: Top,
    good: Mapping[str, AccountSettings],
    channels: Mapping[str, ChannelSettings],
    members: Mapping[str, tuple[str, ...]],
) -> Settings:
    state_dir = _below(path.parent, top.state_dir or _state_dir(path))
    scheme, _, file = top.store.url.partition(":///")
    password = top.store.password_file
    return Settings(
        path=path,
        timezone=top.timezone,
        calendar=top.calendar,
        language=top.language,
        state_dir=state_dir,
        default_to=tuple(top.default_to),
        test_channel=top.test_channel,
        addresses=tuple(top.addresses),
        store_url=f"sqlite:///{_below(state_dir, file)}" if scheme == "sqlite" else top.store.url,
        store_password_file=_below(path.parent, password) if password else None,
        accounts=good,
        channels=channels,
        groups=members,
        grace=top.grace,
        text_bytes=top.limits.text_bytes,
        posts_per_hour=top.limits.posts_per_hour,
        media_bytes=top.limits.media_bytes,
        normalise=top.normalise,
        digits=top.digits,
        working_days=hours.working_days(top),
        quiet_hours=hours.quiet_hours(top.quiet_hours),
        alerts=AlertSettings(
            urls_file=_below(path.parent, top.alerts.urls_file) if top.alerts.urls_file else None,
            urls_env=top.alerts.urls_env,
            daily_summary=top.alerts.daily_summary,
        ),
        metrics_port=top.metrics.port,
        web=_web(top.web, state_dir),
        log=LogSettings(format=top.log.format, level=top.log.level),
        retention=RetentionSettings(
            posts=top.retention.posts,
            keys=top.retention.keys,
            audit=top.retention.audit,
            archive=top.retention.archive,
        ),
    )


def _web(table: WebTable, state_dir: Path) -> WebSettings:
    return WebSettings(
        listen=table.listen,
        url=table.url,
        trusted_proxies=tuple(table.trusted_proxies),
        session_hours=table.session_hours,
        login=table.login,
        login_header=table.login_header,
        insecure_http=table.insecure_http,
        require_totp=tuple(table.require_totp),
        two_person=table.two_person,
        key_file=_below(state_dir, table.key_file or "web/key"),
    )


def _state_dir(path: Path) -> str:
    """:source: Filesystem Hierarchy Standard 3.0: /etc holds no data that programs change."""
    return "/var/lib/broadcaster" if path.is_relative_to("/etc") else "../state"


def _below(folder: Path, path: str) -> Path:
    """``path`` from ``folder``, with ``..`` folded away as text: links are left alone."""
    return Path(os.path.normpath(folder / expanded(Path(path))))
