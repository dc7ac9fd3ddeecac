"""The shape of the file: one class per table; ``None`` means "not said at this level"."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from broadcaster.config.keys import Table, inner, key, required
from broadcaster.config.values import (
    ADDRESS,
    ALBUM,
    APPROVALS,
    CALENDAR,
    CLOCK,
    DIGITS,
    DURATION,
    FLAG,
    HEADER,
    HOSTS,
    HOURS,
    JURISDICTION,
    LANGUAGE,
    LINK_PARAMETERS,
    LIST,
    LISTEN,
    LISTS,
    LOG_FORMAT,
    LOG_LEVEL,
    LOGIN,
    MISSED,
    NETWORKS,
    ON_UNKNOWN,
    PINNING,
    PROXY,
    RATE,
    SERVER,
    SPAN,
    STORE_URL,
    TEXT,
    TOKEN_FILE,
    VARIABLE,
    VARIABLES,
    WEEKDAYS,
    WHEN_BACK,
    WORDS,
    ZONE,
    whole,
)


class Levels(Table):
    """Keys that may stand at the top, in an account, a group or a channel; the nearest wins."""

    late_after = key(SPAN, "Not begun so long after its due time: missed. Of groups: the shortest.")
    give_up_after = key(
        SPAN, "Not through so long after its first attempt: failed. Of groups: the shortest."
    )
    settle = key(
        DURATION, "How long an unknown is looked for; its channel waits. Of groups: longest."
    )
    on_unknown = key(
        ON_UNKNOWN, "An unknown that was not found: ask a person, or resend at the channel's risk."
    )
    when_back = key(
        WHEN_BACK, "What becomes of held deliveries once their account or channel is on again."
    )
    max_attempts = key(whole(1, 1000), "Attempts that count, then failed. Of groups: the fewest.")
    require_approval = key(
        APPROVALS,
        "Posts wait until others approve them: true or 1, or 2. Of channel and groups: most.",
    )
    signature = key(
        TEXT, "Appended to each post. Groups that differ need one in the channel itself."
    )
    hashtags = key(LIST, "Last line of each post, likewise; spaces become _.")
    part_marks = key(FLAG, "Whether the parts of a long text say (۱/۳).")
    preview = key(FLAG, "Previews of links, where the platform has a switch for them.")
    convert = key(
        FLAG, "Whether pictures that the platform refuses are converted. Of groups: true."
    )
    album = key(
        ALBUM, "Several pictures where there are no albums: all, as messages, or the first alone."
    )
    link_hosts = key(
        HOSTS, "The office's own hosts, whose links get link_parameters; subdomains included."
    )
    link_parameters = key(
        LINK_PARAMETERS,
        "What these links get: {platform}, {account} and {channel} stand for names; of several"
        " levels, all hold together.",
    )
    variables = key(
        VARIABLES, "What {name} stands for in a text; of several levels, all hold together."
    )


class AccountTable(Levels):
    """``[platforms.NAME]``, without the platform's own keys."""

    adapter = key(WORDS, "The platform; default: the table's name.")
    enabled = key(FLAG, "Off means off: nothing leaves through a disabled account.", default=True)
    jurisdiction = key(
        JURISDICTION, "What the words foreign and domestic mean in --to; default: the platform's."
    )
    token_file = key(TOKEN_FILE, "File with the token, mode 0600, relative to this file.")
    token_env = key(VARIABLE, "Environment variable with the token, instead of a file.")
    base_url = key(SERVER, "The platform's API; default: the platform's own.")
    reader_url = key(SERVER, "The platform's public pages; default: the platform's own.")
    insecure_http = key(
        FLAG,
        "Allow http:// for these two to other machines, where the token can be read on the way.",
        default=False,
    )
    proxy = key(
        PROXY, "Used for this account only, with no silent fall-back to a direct connection."
    )
    proxy_file = key(
        WORDS, "File with the proxy's address, mode 0600, relative to this file; for a password."
    )
    senders = key(whole(1, 256), "Posting calls at once; default: the platform's.")
    rate = key(RATE, "Posting calls over all channels of the account; default: the platform's.")
    channel_rate = key(RATE, "Posting calls per channel; default: the platform's.")


class ChannelTable(Levels):
    """``[channels.NAME]``."""

    platform = required(WORDS, "Name of the account, as in [platforms.NAME].")
    address = required(ADDRESS, "Where the platform posts to: @username or its number.")
    username = key(
        WORDS, "Public name for links and verification; default: the address, if it is one."
    )
    title = key(TEXT, "As readers know the channel.", default="")
    enabled = key(FLAG, "Nothing leaves for a disabled channel.", default=True)
    groups = key(LIST, "Groups it belongs to; a group exists by being named here.", default=())
    channel_rate = key(RATE, "Posting calls to this channel; default: its account's.")


class GroupTable(Levels):
    """``[groups.NAME]``: keys for all channels of a group."""


class ScheduleTable(Table):
    """``[schedules.NAME]``."""

    every = key(
        WORDS, 'How often: "saturday 08:00", "monthly last 18:00", "۱۵ هر ماه ۹ صبح", "6h".'
    )
    cron = key(WORDS, 'Or as a cron line, weekdays by name: "0 8 * * sat".')
    file = key(WORDS, "Markdown file, read anew for each post, relative to this file.")
    text = key(WORDS, "Or the Markdown itself.")
    to = key(LIST, "Where to; default: as the file says, else default_to.", default=())
    media = key(LIST, "Files to attach, relative to this file.", default=())
    missed = key(
        MISSED,
        "What was due while no daemon ran: skip it, or post the last or all of it.",
        default="last",
    )
    enabled = key(FLAG, "Nothing comes of a disabled schedule.", default=True)
    silent = key(FLAG, "Notify no reader, where the platform can.", default=False)
    pin = key(
        PINNING,
        'Pin each post, where the platform can; "replace": and unpin the one before.',
        default=False,
    )
    allow_long = key(FLAG, "Allow more than ten messages per channel.", default=False)
    urgent = key(FLAG, "Goes out in quiet hours, too.", default=False)
    remove_after = key(SPAN, "Each post is removed so long after its hour, where that can be done.")


class StoreTable(Table):
    """``[store]``."""

    url = key(
        STORE_URL,
        "sqlite:///FILE, relative to state_dir, or postgresql://user@host/name.",
        default="sqlite:///broadcaster.db",
    )
    password_file = key(WORDS, "File with the database password, mode 0600, relative to this file.")


class AlertsTable(Table):
    """``[alerts]``."""

    urls_file = key(WORDS, "File with Apprise URLs, one a line, mode 0600, relative to this file.")
    urls_env = key(VARIABLE, "Environment variable with Apprise URLs, instead of a file.")
    daily_summary = key(CLOCK, "When, every day, to tell what went out and what waits: 08:00.")


class MetricsTable(Table):
    """``[metrics]``."""

    port = key(
        whole(0, 65535), "Serve /metrics, /healthz and /readyz on this port of 127.0.0.1; 0: any."
    )


class LogTable(Table):
    """``[log]``."""

    format = key(LOG_FORMAT, "Lines of text, or of JSON.", default="text")
    level = key(LOG_LEVEL, "The least that is logged.", default="info")


class RetentionTable(Table):
    """``[retention]``."""

    posts = key(
        SPAN, "How long settled posts stay out of the archive.", default=timedelta(days=180)
    )
    archive = key(SPAN, "How long texts, receipts and outcomes are kept then; default: for ever.")
    keys = key(SPAN, "How long the key of a post is known again.", default=timedelta(days=400))
    audit = key(SPAN, "How long rows of the audit log are kept.", default=timedelta(days=800))


class WebTable(Table):
    """``[web]``."""

    listen = key(
        LISTEN,
        "Where the console and API answer: HOST:PORT, or unix:PATH.",
        default="127.0.0.1:8790",
    )
    url = key(SERVER, "As people reach it; for links, cookies and the names it answers to.")
    trusted_proxies = key(
        NETWORKS, "Addresses of proxies whose X-Forwarded headers are believed.", default=()
    )
    session_hours = key(whole(1, 168), "How long somebody stays signed in.", default=12)
    login = key(
        LOGIN, "By password here, or by a header that a trusted proxy sets.", default="password"
    )
    login_header = key(
        HEADER, "Header in which that proxy names the person.", default="X-Remote-User"
    )
    insecure_http = key(
        FLAG, "Listen beyond this machine without TLS; passwords can be read then.", default=False
    )
    require_totp = key(LIST, "Roles that need a second factor to sign in.", default=())
    two_person = key(
        FLAG, "A new administrator or publishing token needs two administrators.", default=False
    )
    key_file = key(
        WORDS, "Key for second factors; default web/key in state_dir, made when first needed."
    )


class QuietHoursTable(Table):
    """``[quiet_hours]``: when nothing is posted; a day's hours begin on it."""

    every_day = key(HOURS, 'Hours of every day without a key of its own: "23:00-7:00".')
    saturday = key(HOURS, 'Those that begin on a Saturday; "none": none.')
    sunday = key(HOURS, "Likewise.")
    monday = key(HOURS, "Likewise.")
    tuesday = key(HOURS, "Likewise.")
    wednesday = key(HOURS, "Likewise.")
    thursday = key(HOURS, "Likewise.")
    friday = key(HOURS, "Likewise.")


class LimitsTable(Table):
    """``[limits]``."""

    text_bytes = key(
        whole(1, 1_000_000), "Bytes of UTF-8 that the text of one post may have.", default=65_536
    )
    posts_per_hour = key(
        whole(1, 1_000_000), "Posts that one person may queue within an hour.", default=15_000
    )
    media_bytes = key(
        whole(1, 1 << 40),
        "Bytes of one attached file; default: what each platform takes.",
    )


class Top(Levels):
    """What stands above and beside the named tables."""

    timezone = key(
        ZONE, "Zone in which people type and read times.", default=ZoneInfo("Asia/Tehran")
    )
    calendar = key(CALENDAR, "Calendar in which dates are shown first.", default="jalali")
    language = key(LANGUAGE, "Language of dates.", default="fa")
    state_dir = key(
        WORDS, "Queue and media; default ../state, for a file in /etc /var/lib/broadcaster."
    )
    default_to = key(LIST, "Where a post without --to goes.", default=())
    test_channel = key(WORDS, "The only channel of post --test.")
    addresses = key(
        LIST,
        "Channels, groups or accounts of the address book, in its order, and of {addresses} in a"
        " text.",
        default=("domestic",),
    )
    grace = key(DURATION, "Undo window of a post that is due at once.", default=timedelta())
    normalise = key(
        FLAG,
        "Repair Arabic letters and stray marks in Persian text; it says how many.",
        default=True,
    )
    digits = key(
        DIGITS, "Numbers of Persian lines: as typed, or in Persian digits.", default="as-typed"
    )
    working_days = key(
        WEEKDAYS,
        'What "every working day" means, official holidays left out.',
        default=("saturday", "sunday", "monday", "tuesday", "wednesday"),
    )
    slots = key(
        LISTS,
        'When --at next-slot posts, by group, channel, account or all: ["8:00", "friday 10:00"].',
        default={},
    )
    quiet_hours = key(inner(QuietHoursTable), "", default=QuietHoursTable())
    store = key(inner(StoreTable), "", default=StoreTable())
    alerts = key(inner(AlertsTable), "", default=AlertsTable())
    metrics = key(inner(MetricsTable), "", default=MetricsTable())
    web = key(inner(WebTable), "", default=WebTable())
    log = key(inner(LogTable), "", default=LogTable())
    retention = key(inner(RetentionTable), "", default=RetentionTable())
    limits = key(inner(LimitsTable), "", default=LimitsTable())


DEFAULTS = Levels(
    late_after=timedelta(hours=6),
    give_up_after=timedelta(hours=24),
    settle=timedelta(minutes=3),
    on_unknown="ask",
    when_back="ask",
    max_attempts=8,
    require_approval=0,
    signature="",
    hashtags=(),
    part_marks=False,
    preview=True,
    convert=False,
    album="all",
    link_hosts=(),
    link_parameters={},
    variables={},
)
"""The level below the top."""

NAMED: dict[str, type[Table]] = {
    "platforms": AccountTable,
    "channels": ChannelTable,
    "groups": GroupTable,
}
"""Sections that hold one table per name."""
