"""What the program runs by: frozen, checked, with every default and level resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from broadcaster.adapter import Limits, Rate
from broadcaster.config.names import ALL, JURISDICTIONS, nearest
from broadcaster.errors import InputError
from broadcaster.files import NO_LARGER, Bound
from broadcaster.language import joined, say
from broadcaster.model import Channel, Pinning

OnUnknown: TypeAlias = Literal["ask", "resend"]
WhenBack: TypeAlias = Literal["ask", "drop", "send"]
Missed: TypeAlias = Literal["skip", "last", "all"]
Album: TypeAlias = Literal["all", "first"]
Calendar: TypeAlias = Literal["jalali", "gregorian"]
Language: TypeAlias = Literal["fa", "en"]
Digits: TypeAlias = Literal["as-typed", "persian"]
LogFormat: TypeAlias = Literal["text", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]
Jurisdiction: TypeAlias = Literal["foreign", "domestic"]
Login: TypeAlias = Literal["password", "header"]


class ConfigError(InputError):
    """The config file cannot be used; ``mistakes`` holds all that is wrong with it.

    ``str()`` is the file's name and then one mistake a line.
    """

    def __init__(self, path: Path | None, mistakes: Iterable[str]) -> None:
        self.path = path
        self.mistakes = tuple(mistakes)
        head = [f"{path}:"] if path else []
        indent = "  " if path else ""
        super().__init__("\n".join([*head, *(indent + mistake for mistake in self.mistakes)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """One ``[platforms.NAME]`` table."""

    name: str
    adapter: str
    """Name of its platform."""
    enabled: bool
    """As the file says; the store's switch comes on top."""
    jurisdiction: str
    """``foreign`` or ``domestic``."""
    token_file: Path | None = None
    token_env: str | None = None
    base_url: str
    reader_url: str | None = None
    proxy: str | None = field(default=None, repr=False)  # may hold a password
    proxy_file: Path | None = None
    senders: int
    """Posting calls at once."""
    rate: Rate | None
    """Over all its channels; None: no limit of ours."""
    channel_rate: Rate | None
    """Default of its channels, likewise."""
    config: object
    """Instance of ``Platform.config``: the platform's own keys."""
    limits: Limits
    """Those that hold with ``config``, after ``Platform.narrow``."""
    needs_token: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One ``[channels.NAME]`` table, with what it has from its groups, its account and the top."""

    channel: Channel
    account: str
    enabled: bool
    """Of the channel alone: what leaves needs its account enabled as well."""
    groups: tuple[str, ...] = ()
    late_after: timedelta
    """Not begun so long after its due time: missed."""
    give_up_after: timedelta
    """Not through so long after its first attempt: failed."""
    settle: timedelta
    """How long an unknown is looked for before it becomes a person's matter."""
    on_unknown: OnUnknown
    when_back: WhenBack
    max_attempts: int
    require_approval: int = 0
    """Posts to it wait as drafts until so many others than their author approve them."""
    rate: Rate | None
    """Posting calls to this channel; None: no limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """One ``[schedules.NAME]`` table: a recurring post."""

    name: str
    enabled: bool
    trigger: str
    """In the one spelling of :mod:`broadcaster.calendar.triggers`."""
    to: tuple[str, ...] = ()
    """Empty: as the file says, else ``default_to``."""
    text: str = ""
    file: Path | None = None
    """Read anew for each post; None: ``text`` is posted."""
    media: tuple[Path, ...] = ()
    missed: Missed = "last"
    silent: bool = False
    pin: Pinning = False
    allow_long: bool = False
    urgent: bool = False
    remove_after: timedelta | None = None
    """None: its posts stay."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing goes out; an ``end`` that is not later is the next day's."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """``[alerts]``: where people are told of what needs them; the addresses are secrets."""

    urls_file: Path | None = None
    urls_env: str | None = None
    daily_summary: time | None = None
    """In the configured zone; None: no summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """``[log]``."""

    format: LogFormat = "text"
    level: LogLevel = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """``[retention]``: how long what is settled is kept."""

    posts: timedelta
    keys: timedelta
    audit: timedelta
    archive: timedelta | None
    """None: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """``[web]``: the console and the HTTP API."""

    listen: str
    """``HOST:PORT``, or ``unix:`` and an absolute path."""
    url: str | None
    """As people reach it; None: by the address that it listens at."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose ``X-Forwarded-…`` headers are believed."""
    session_hours: int
    login: Login
    login_header: str
    """Of ``login = "header"``: where a trusted proxy names the person."""
    insecure_http: bool = False
    """Whether it may listen beyond this machine without TLS."""
    require_totp: tuple[str, ...] = ()
    """Roles that need a second factor."""
    two_person: bool = False
    """Whether sensitive acts need a second administrator."""
    key_file: Path
    """Key that second factors are encrypted with; made when it is first needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole config file."""

    path: Path
    timezone: ZoneInfo
    calendar: Calendar
    language: Language
    state_dir: Path
    """Absolute."""
    default_to: tuple[str, ...] = ()
    test_channel: str | None = None
    addresses: tuple[str, ...] = ("domestic",)
    """What the address book holds, in its order."""
    store_url: str
    """``sqlite:///`` and an absolute path (four slashes in all), or ``postgresql://…``."""
    store_password_file: Path | None = None
    accounts: Mapping[str, AccountSettings]
    channels: Mapping[str, ChannelSettings]
    groups: Mapping[str, tuple[str, ...]]
    """Group -> its channels, in the file's order."""
    grace: timedelta
    """Undo window of a post that is due at once."""
    text_bytes: int
    """Bytes of UTF-8 that the text of one post may have."""
    posts_per_hour: int
    """Of one person."""
    media_bytes: int | None
    """Of one attached file; None: each channel says what its platform takes."""
    normalise: bool
    digits: Digits
    schedules: Mapping[str, ScheduleSettings] = field(default_factory=dict)
    working_days: frozenset[int] = frozenset()
    """By ``date.weekday()``."""
    quiet_hours: Mapping[int, Quiet] = field(default_factory=dict)
    """``date.weekday()`` -> the hours that begin on it; a day without any is not in it."""
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Channel, group, account, ``foreign``, ``domestic`` or ``all`` -> when its slots are: rules in
    the one spelling of :mod:`broadcaster.calendar.triggers`."""
    alerts: AlertSettings
    metrics_port: int | None
    """On 127.0.0.1; 0: any free one; None: no metrics."""
    web: WebSettings
    log: LogSettings
    retention: RetentionSettings

    @property
    def largest_file(self) -> Bound:
        """How large a file may be that is read before it is planned.

        Accounts that are off count: posts for them are planned as well.
        """
        if self.media_bytes is not None:
            return Bound(self.media_bytes)
        limits = [
            NO_LARGER if fact.value is None else Bound(fact.value, account.adapter)
            for account in self.accounts.values()
            for fact in account.limits.media.values()
        ]
        return max(limits, key=lambda bound: bound.most, default=NO_LARGER)

    def resolve(self, names: Sequence[str]) -> tuple[ChannelSettings, ...]:
        """The channels that ``names`` mean, in the file's order, each once.

        A name is a channel, a group, an account, ``foreign``, ``domestic`` or ``all``; channels
        that are off are among them.

        :raises InputError: an unknown name; it shows the nearest ones.
        """
        chosen: set[str] = set()
        for name in names:
            chosen.update(self._expand(name))
        return tuple(self.channels[name] for name in self.channels if name in chosen)

    def recipients(self, names: Sequence[str]) -> tuple[ChannelSettings, ...]:
        """The channels that a post to ``names`` goes to: the test channel only where it is named.

        :raises InputError: an unknown name, or nothing but the test channel is left.
        """
        wide = (*JURISDICTIONS, ALL)
        named = {each.channel.name for each in self.resolve([n for n in names if n not in wide])}
        found = tuple(
            each
            for each in self.resolve(names)
            if each.channel.name != self.test_channel or each.channel.name in named
        )
        if names and not found:
            raise InputError(
                say(
                    "{names}: there is no channel but the test channel; name it, or say --test",
                    names=joined(", ", names),
                )
            )
        return found

    def _expand(self, name: str) -> Iterable[str]:
        if name in self.channels:
            return (name,)
        if name in self.groups:
            return self.groups[name]
        if name in self.accounts:
            return (n for n, channel in self.channels.items() if channel.account == name)
        if name in JURISDICTIONS:
            return (
                n
                for n, channel in self.channels.items()
                if self.accounts[channel.account].jurisdiction == name
            )
        if name == ALL:
            return self.channels
        known = (*self.channels, *self.groups, *self.accounts, *JURISDICTIONS, ALL)
        raise InputError(
            say(
                '"{name}" is no channel, group or account of {path}{nearest}',
                name=name,
                path=self.path,
                nearest=nearest(name, known),
            )
        )
