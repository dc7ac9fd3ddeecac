"""The shape of the file: one model per table; ``None`` means "not said at this level"."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.config.settings import (
    Calendar,
    Digits,
    Jurisdiction,
    Language,
    LogFormat,
    LogLevel,
    Missed,
    OnUnknown,
    WhenBack,
)
from broadcaster.config.values import (
    Address,
    Clock,
    Duration,
    Proxy,
    RateText,
    Server,
    Span,
    StoreUrl,
    TokenFile,
    Variable,
    Zone,
)

Words = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^\w+$")]


class Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        defer_build=True,  # only the tables that a file has are built
    )


class Levels(Table):
    """Keys that may stand at the top, in an account, a group or a channel; the nearest wins."""

    late_after: Span | None = Field(
        default=None,
        description="Not begun so long after its due time: missed. Of groups: the shortest.",
    )
    give_up_after: Span | None = Field(
        default=None,
        description="Not through so long after its first attempt: failed. Of groups: the shortest.",
    )
    settle: Duration | None = Field(
        default=None,
        description="How long an unknown is looked for; its channel waits. Of groups: longest.",
    )
    on_unknown: OnUnknown | None = Field(
        default=None,
        description="An unknown that was not found: ask a person, or resend at the channel's risk.",
    )
    when_back: WhenBack | None = Field(
        default=None,
        description="What becomes of held deliveries once their account or channel is on again.",
    )
    max_attempts: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Attempts that count, then failed. Of groups: the fewest."
    )
    require_approval: bool | None = Field(
        default=None,
        description="Posts wait until somebody else approves them. Of channel and groups: true.",
    )
    signature: str | None = Field(
        default=None,
        description="Appended to each post. Groups that differ need one in the channel itself.",
    )
    hashtags: list[Words] | None = Field(
        default=None, description="Last line of each post, likewise; spaces become _."
    )
    part_marks: bool | None = Field(
        default=None, description="Whether the parts of a long text say (۱/۳)."
    )
    preview: bool | None = Field(
        default=None, description="Previews of links, where the platform has a switch for them."
    )
    variables: dict[Name, str] | None = Field(
        default=None,
        description="What {name} stands for in a text; of several levels, all hold together.",
    )


class AccountTable(Levels):
    """``[platforms.NAME]``, without the platform's own keys."""

    adapter: Words | None = Field(
        default=None, description="The platform; default: the table's name."
    )
    enabled: bool = Field(
        default=True, description="Off means off: nothing leaves through a disabled account."
    )
    jurisdiction: Jurisdiction | None = Field(
        default=None,
        description="What the words foreign and domestic mean in --to; default: the platform's.",
    )
    token_file: TokenFile | None = Field(
        default=None,
        description="File with the token, mode 0600, relative to this file.",
    )
    token_env: Variable | None = Field(
        default=None, description="Environment variable with the token, instead of a file."
    )
    base_url: Server | None = Field(
        default=None, description="The platform's API; default: the platform's own."
    )
    reader_url: Server | None = Field(
        default=None, description="The platform's public pages; default: the platform's own."
    )
    proxy: Proxy | None = Field(
        default=None,
        description="Used for this account only, with no silent fall-back to a direct connection.",
    )
    senders: Annotated[int, Field(ge=1, le=256)] | None = Field(
        default=None, description="Posting calls at once; default: the platform's."
    )
    rate: RateText | None = Field(
        default=None,
        description="Posting calls over all channels of the account; default: the platform's.",
    )
    channel_rate: RateText | None = Field(
        default=None, description="Posting calls per channel; default: the platform's."
    )


class ChannelTable(Levels):
    """``[channels.NAME]``."""

    platform: Words = Field(description="Name of the account, as in [platforms.NAME].")
    address: Address = Field(description="Where the platform posts to: @username or its number.")
    username: Words | None = Field(
        default=None,
        description="Public name for links and verification; default: the address, if it is one.",
    )
    title: str = Field(default="", description="As readers know the channel.")
    enabled: bool = Field(default=True, description="Nothing leaves for a disabled channel.")
    groups: list[Words] = Field(
        default_factory=list,
        description="Groups it belongs to; a group exists by being named here.",
    )
    channel_rate: RateText | None = Field(
        default=None, description="Posting calls to this channel; default: its account's."
    )


class GroupTable(Levels):
    """``[groups.NAME]``: keys for all channels of a group."""


class ScheduleTable(Table):
    """``[schedules.NAME]``."""

    every: Words | None = Field(
        default=None,
        description='How often: "saturday 08:00", "monthly last 18:00", "۱۵ هر ماه ۹ صبح", "6h".',
    )
    cron: Words | None = Field(
        default=None, description='Or as a cron line, weekdays by name: "0 8 * * sat".'
    )
    file: Words | None = Field(
        default=None,
        description="Markdown file, read anew for each post, relative to this file.",
    )
    text: Words | None = Field(default=None, description="Or the Markdown itself.")
    to: list[Words] = Field(
        default_factory=list, description="Where to; default: as the file says, else default_to."
    )
    media: list[Words] = Field(
        default_factory=list, description="Files to attach, relative to this file."
    )
    missed: Missed = Field(
        default="last",
        description="What was due while no daemon ran: skip it, or post the last or all of it.",
    )
    enabled: bool = Field(default=True, description="Nothing comes of a disabled schedule.")
    silent: bool = Field(default=False, description="Notify no reader, where the platform can.")
    pin: bool = Field(default=False, description="Pin each post, where the platform can.")
    allow_long: bool = Field(default=False, description="Allow more than ten messages per channel.")


class StoreTable(Table):
    """``[store]``."""

    url: StoreUrl = Field(
        default="sqlite:///broadcaster.db",
        description="sqlite:///FILE, relative to state_dir, or postgresql://user@host/name.",
    )
    password_file: Words | None = Field(
        default=None,
        description="File with the database password, mode 0600, relative to this file.",
    )


class AlertsTable(Table):
    """``[alerts]``."""

    urls_file: Words | None = Field(
        default=None,
        description="File with Apprise URLs, one a line, mode 0600, relative to this file.",
    )
    urls_env: Variable | None = Field(
        default=None, description="Environment variable with Apprise URLs, instead of a file."
    )
    daily_summary: Clock | None = Field(
        default=None, description="When, every day, to tell what went out and what waits: 08:00."
    )


class MetricsTable(Table):
    """``[metrics]``."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None,
        description="Serve /metrics, /healthz and /readyz on this port of 127.0.0.1; 0: any.",
    )


class LogTable(Table):
    """``[log]``."""

    format: LogFormat = Field(default="text", description="Lines of text, or of JSON.")
    level: LogLevel = Field(default="info", description="The least that is logged.")


class RetentionTable(Table):
    """``[retention]``."""

    posts: Span = Field(
        default=timedelta(days=180), description="How long posts are kept once they are settled."
    )
    keys: Span = Field(
        default=timedelta(days=400), description="How long the key of a post is known again."
    )
    audit: Span = Field(
        default=timedelta(days=800), description="How long rows of the audit log are kept."
    )


class Top(Levels):
    """What stands above and beside the named tables."""

    timezone: Zone = Field(
        default=ZoneInfo("Asia/Tehran"), description="Zone in which people type and read times."
    )
    calendar: Calendar = Field(
        default="jalali", description="Calendar in which dates are shown first."
    )
    language: Language = Field(default="fa", description="Language of dates.")
    state_dir: Words | None = Field(
        default=None,
        description="Queue and media; default ../state, for a file in /etc /var/lib/broadcaster.",
    )
    default_to: list[Words] = Field(
        default_factory=list, description="Where a post without --to goes."
    )
    test_channel: Words | None = Field(default=None, description="The only channel of post --test.")
    grace: Duration = Field(
        default=timedelta(), description="Undo window of a post that is due at once."
    )
    normalise: bool = Field(
        default=True,
        description="Repair Arabic letters and stray marks in Persian text; it says how many.",
    )
    digits: Digits = Field(
        default="as-typed", description="Numbers of Persian lines: as typed, or in Persian digits."
    )
    store: StoreTable = StoreTable.model_construct()
    alerts: AlertsTable = AlertsTable.model_construct()
    metrics: MetricsTable = MetricsTable.model_construct()
    log: LogTable = LogTable.model_construct()
    retention: RetentionTable = RetentionTable.model_construct()


DEFAULTS = Levels.model_construct(
    late_after=timedelta(hours=6),
    give_up_after=timedelta(hours=24),
    settle=timedelta(minutes=3),
    on_unknown="ask",
    when_back="ask",
    max_attempts=8,
    require_approval=False,
    signature="",
    hashtags=[],
    part_marks=False,
    preview=True,
    variables={},
)
"""The level below the top."""

NAMED: dict[str, type[Table]] = {
    "platforms": AccountTable,
    "channels": ChannelTable,
    "groups": GroupTable,
}
"""Sections that hold one table per name."""
