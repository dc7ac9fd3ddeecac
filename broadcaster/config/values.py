"""How single values stand in the file: durations, rates, addresses of servers.

Each is a pydantic type whose refusal says what a right value looks like, and never repeats a
value that may hold a password.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, WithJsonSchema

from broadcaster.adapter import Rate
from broadcaster.calendar import WhenError
from broadcaster.calendar.digits import fold
from broadcaster.config.names import nearest

UNLIMITED: Final = "none"
"""In place of a rate: lifts the platform's default."""

_PER_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_RATE = re.compile(r"([1-9]\d{0,8}) ?/ ?([1-9]\d{0,5})? ?(s|min|h|d)")
# Tokens of all kinds: digits, a colon and letters; or forty letters and digits without a break.
_TOKEN = re.compile(r"(bot)?\d{4,}:\S+|[A-Za-z0-9_-]{40,}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_VARIABLE = re.compile(r"[A-Za-z_]\w{0,38}", re.ASCII)
_PROXIES = ("http", "https", "socks5", "socks5h", "socks4")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('must be text in quotes, "…"')
    return value.strip()


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f'needs a unit, such as "{value}s" or "{value}min"')
    from broadcaster.calendar.durations import duration  # many a config has none

    try:
        return duration(_text(value))
    except WhenError as error:
        raise ValueError(str(error)) from None


def _positive(value: object) -> timedelta:
    length = _duration(value)
    if not length:
        raise ValueError("must be longer than nothing")
    return length


def _clock(value: object) -> time:
    match = _CLOCK.fullmatch(fold(_text(value)))
    if match is None:
        raise ValueError('must be an hour of the day, such as "08:00"')
    return time(int(match[1]), int(match[2]))


def _rate(value: object) -> Rate | Literal["none"]:
    text = _text(value)
    if text == UNLIMITED:
        return UNLIMITED
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no rate: write "30/s", "20/min", "100/h" or "none"')
    return Rate(count=int(match[1]), per_s=int(match[2] or 1) * _PER_S[match[3]])


def _split(text: str, schemes: tuple[str, ...]) -> SplitResult:
    """:raises ValueError: no such address; says nothing of ``text``, which may hold a password."""
    try:
        parts = urlsplit(text)
        well = parts.scheme in schemes and parts.hostname and (parts.port or True)
    except ValueError:
        well = False
    if not well:
        raise ValueError(f"must be {' or '.join(f'{scheme}://' for scheme in schemes)} and a host")
    return parts


def _server(value: object) -> str:
    text = _text(value)
    parts = _split(text, ("https", "http"))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be the bare address: no user, password, ? or #")
    return text.rstrip("/")


def _token_file(value: object) -> str:
    text = _text(value)
    if not text or "\n" in text:
        raise ValueError("must be the path of a file")
    if _TOKEN.fullmatch(text):
        raise ValueError("looks like the token itself; put it into a file and name the file here")
    return text


def _variable(value: object) -> str:
    text = _text(value)
    if not _VARIABLE.fullmatch(text):
        raise ValueError("must be the name of an environment variable, such as BALE_TOKEN")
    return text


def _proxy(value: object) -> str:
    text = _text(value)
    _split(text, _PROXIES)
    return text


def _store(value: object) -> str:
    text = _text(value)
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    wrong = ValueError(
        'must be "sqlite:///broadcaster.db" (beside the state) or "postgresql://user@host/name"'
    )
    try:
        parts = urlsplit(text)
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"postgresql", "postgres"} or parts.path in {"", "/"}:
        raise wrong  # the host may be absent: the server's socket on this machine
    if parts.password is not None or "password" in parts.query:
        raise ValueError("holds a password: put it into a file of its own, named by password_file")
    return text


def _zone(value: object) -> ZoneInfo:
    text = _text(value)
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        pass
    zones = sorted(available_timezones())
    city = text.rpartition("/")[2].replace(" ", "_").casefold()
    same = [zone for zone in zones if zone.rpartition("/")[2].casefold() == city]
    hint = f"; did you mean {same[0]}?" if same else nearest(text, zones)
    raise ValueError(f'"{text}" is no time zone{hint}')


def _address(value: object) -> str:
    """Channels that are known by number may stand in the file as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


_LENGTH = WithJsonSchema({"type": "string", "examples": ["6h"]})
Duration: TypeAlias = Annotated[timedelta, BeforeValidator(_duration), _LENGTH]
Span: TypeAlias = Annotated[timedelta, BeforeValidator(_positive), _LENGTH]
"""A duration that is longer than nothing."""
Clock: TypeAlias = Annotated[time, BeforeValidator(_clock), _schema(r"^\d\d?:\d\d$", "08:00")]
RateText: TypeAlias = Annotated[
    Rate | Literal["none"],
    BeforeValidator(_rate),
    _schema(r"^(\d+ ?/ ?\d* ?(s|min|h|d)|none)$", "20/min"),
]
Server: TypeAlias = Annotated[str, BeforeValidator(_server), _schema("^https?://", "https://t.me")]
Proxy: TypeAlias = Annotated[
    str,
    BeforeValidator(_proxy),
    _schema(f"^({'|'.join(_PROXIES)})://", "socks5://127.0.0.1:1080"),
]
TokenFile: TypeAlias = Annotated[str, BeforeValidator(_token_file), _schema(r"^\S", "secrets/bale")]
Variable: TypeAlias = Annotated[
    str, BeforeValidator(_variable), _schema(r"^[A-Za-z_]\w*$", "BALE_TOKEN")
]
StoreUrl: TypeAlias = Annotated[
    str,
    BeforeValidator(_store),
    _schema("^(sqlite:///|postgres(ql)?://)", "sqlite:///broadcaster.db"),
]
Address: TypeAlias = Annotated[
    str, BeforeValidator(_address), WithJsonSchema({"type": ["string", "integer"]})
]
Zone: TypeAlias = Annotated[ZoneInfo, BeforeValidator(_zone), _schema(r"^\w+", "Asia/Tehran")]
