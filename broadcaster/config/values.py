"""What single values of the file may be: durations, rates, addresses of servers.

A refusal says what a right value looks like, and never repeats one that may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, get_args
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from broadcaster.adapter import Rate
from broadcaster.calendar import WhenError
from broadcaster.calendar.digits import fold
from broadcaster.config import addresses
from broadcaster.config.names import nearest
from broadcaster.config.settings import (
    Album,
    Calendar,
    Digits,
    Jurisdiction,
    Language,
    LogFormat,
    Login,
    LogLevel,
    Missed,
    OnUnknown,
    Quiet,
    WhenBack,
)
from broadcaster.language import joined, say
from broadcaster.model import Json, Pinning
from broadcaster.text.intake import control_in

T = TypeVar("T")
Step: TypeAlias = str | int
Flaw: TypeAlias = tuple[tuple[Step, ...], str]
"""The path elements from a value to the flaw in it, and the flaw."""

UNLIMITED: Final = "none"
"""In place of a rate: lifts the platform's default."""

_PER_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_RATE = re.compile(r"([1-9]\d{0,8}) ?/ ?([1-9]\d{0,5})? ?(s|min|h|d)")
# Tokens of all kinds: digits, a colon and letters; or forty letters and digits without a break.
_TOKEN = re.compile(r"(bot)?\d{4,}:\S+|[A-Za-z0-9_-]{40,}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_HOURS = re.compile(r"(?P<start>[\d:]+) ?(?:-|to|تا) ?(?P<end>[\d:]+)")
_VARIABLE = re.compile(r"[A-Za-z_]\w{0,38}", re.ASCII)
_NAME = re.compile(r"\w+")
_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
IN_LINKS: Final = ("platform", "account", "channel")
"""What may stand in braces in the value of a link's parameter."""
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """What a value may be."""

    read: Callable[[object], T]
    """From TOML's value; its ValueError says what is right, :class:`Flawed` all that is wrong."""
    schema: dict[str, Json]
    """The same for editors, as a JSON schema."""


class Flawed(ValueError):
    """A list or a table in which something is wrong."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        super().__init__()
        self.flaws = tuple(flaws)


def read_all(
    values: Iterable[tuple[Step, Form[Any], object]],
) -> tuple[dict[Any, Any], list[Flaw]]:
    """Step -> value of all that is right, and what is wrong with the others."""
    good: dict[Step, Any] = {}
    flaws: list[Flaw] = []
    for element, form, value in values:
        try:
            good[element] = form.read(value)
        except Flawed as error:
            flaws += [((element, *elements), what) for elements, what in error.flaws]
        except ValueError as error:
            flaws.append(((element,), str(error)))
    return good, flaws


# --- of any form ---------------------------------------------------------------------------------


def given(value: object) -> str:
    """A plain value as a reminder; tables and long texts would only hide the advice."""
    if isinstance(value, str) and len(value) <= 40:
        return say(', not "{value}"', value=value)
    if isinstance(value, bool):
        return say(", not {lower}", lower=str(value).lower())
    return say(", not {value}", value=value) if isinstance(value, int | float) else ""


def _string(value: object) -> str:
    """What was written instead is not shown: a number may be a password."""
    if not isinstance(value, str):
        raise ValueError(say('must be text in quotes, "…"'))
    if control := control_in(value):
        raise ValueError(say("holds {control}; remove it", control=control))
    return value


def _words(value: object) -> str:
    if not _string(value):
        raise ValueError(say("must not be empty"))
    return _string(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(say("must be true or false, without quotes{given}", given=given(value)))
    return value


def _approvals(value: object) -> int:
    """How many people."""
    if isinstance(value, int) and value in (0, 1, 2):
        return int(value)
    raise ValueError(
        f"must be true, false, or how many people approve a post, 1 or 2{given(value)}"
    )


def _pinning(value: object) -> Pinning:
    if value == "replace":
        return "replace"
    if not isinstance(value, bool):
        raise ValueError(say('must be true, false or "replace"{given}', given=given(value)))
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(say("must be a whole number, without quotes{given}", given=given(value)))
    return value


def whole(least: int, most: int) -> Form[int]:
    """A whole number between two, both included."""

    def read(value: object) -> int:
        if not least <= _number(value) <= most:
            raise ValueError(
                say(
                    "must be from {least} to {most}{given}",
                    least=least,
                    most=most,
                    given=given(value),
                )
            )
        return _number(value)

    return Form(read, {"type": "integer", "minimum": least, "maximum": most})


def _choice(of: Any) -> Form[Any]:
    """One of the words of a ``Literal``."""
    words: tuple[str, ...] = get_args(of)

    def read(value: object) -> str:
        if value not in words:
            *others, last = (f'"{word}"' for word in words)
            raise ValueError(
                say(
                    "must be {others} or {last}{given}",
                    others=joined(", ", others),
                    last=last,
                    given=given(value),
                )
            )
        return str(value)

    return Form(read, {"type": "string", "enum": [*words]})


def _list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(say('must be a list, such as ["news"]{given}', given=given(value)))
    good, flaws = read_all((number, WORDS, word) for number, word in enumerate(value))
    if flaws:
        raise Flawed(flaws)
    return tuple(good.values())


def _variables(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError(say("must be a table"))
    good, flaws = read_all((name, TEXT, text) for name, text in value.items())
    wrong = say('cannot be the name of a variable: use letters, digits and "_"')
    flaws += [((name,), wrong) for name in value if not _NAME.fullmatch(name)]
    if flaws:
        raise Flawed(flaws)
    return good


def _host(value: object) -> str:
    text = _text(value).rstrip(".")
    if not _HOST.fullmatch(text):
        raise ValueError(
            say("is no host: write the name alone, such as mrud.ir{given}", given=given(value))
        )
    return text


def _hosts(value: object) -> Sequence[str]:
    if not isinstance(value, list):
        raise ValueError(say('must be a list: ["…"]{given}', given=given(value)))
    good, flaws = read_all((at, HOST, each) for at, each in enumerate(value))
    if flaws:
        raise Flawed(flaws)
    return tuple(good.values())


def _link_parameters(value: object) -> Mapping[str, str]:
    good = _variables(value)
    wrong = say(
        "knows {in_links}, and no other name in braces",
        in_links=joined(", ", (f"{{{name}}}" for name in IN_LINKS)),
    )
    flaws: list[Flaw] = [
        ((name,), wrong)
        for name, said in good.items()
        if any(word not in IN_LINKS for word in _BRACES.findall(said))
    ]
    if flaws:
        raise Flawed(flaws)
    return good


# --- of our own ----------------------------------------------------------------------------------


def _text(value: object) -> str:
    return _string(value).strip()


def _duration(value: object) -> timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(say('needs a unit, such as "{value}s" or "{value}min"', value=value))
    from broadcaster.calendar.durations import duration  # many a config has none

    try:
        return duration(_text(value))
    except WhenError as error:
        raise ValueError(str(error)) from None


def _positive(value: object) -> timedelta:
    length = _duration(value)
    if not length:
        raise ValueError(say("must be longer than nothing"))
    return length


def _clock(value: object) -> time:
    match = _CLOCK.fullmatch(fold(_text(value)))
    if match is None:
        raise ValueError(say('must be an hour of the day, such as "08:00"'))
    return time(int(match[1]), int(match[2]))


def _hours(value: object) -> Quiet | Literal["none"]:
    text = fold(_text(value))
    if text == UNLIMITED:
        return UNLIMITED
    wrong = say('must be two hours of the day, such as "23:00-7:00", or "none"')
    match = _HOURS.fullmatch(text)
    if match is None:
        raise ValueError(wrong)
    try:
        hours = Quiet(_clock(match["start"]), _clock(match["end"]))
    except ValueError:
        raise ValueError(wrong) from None
    if hours.start == hours.end:
        raise ValueError("begins and ends at the same hour: nothing would ever go out")
    return hours


def _weekday(value: object) -> str:
    """Its English name."""
    from broadcaster.calendar.words import WEEKDAY_NUMBERS, WEEKDAYS  # few configs name any

    number = WEEKDAY_NUMBERS.get(fold(_text(value)))
    if number is None:
        raise ValueError(
            say('must be a weekday, such as "saturday" or "شنبه"{given}', given=given(value))
        )
    return WEEKDAYS["en"][number].lower()


def _weekdays(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(say('must be a list of weekdays, such as ["saturday", "sunday"]'))
    good, flaws = read_all((number, WEEKDAY, each) for number, each in enumerate(value))
    if flaws:
        raise Flawed(flaws)
    return tuple(dict.fromkeys(good.values()))


def _lists(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise ValueError(say("must be a table"))
    good, flaws = read_all((name, LIST, each) for name, each in value.items())
    if flaws:
        raise Flawed(flaws)
    return good


def _rate(value: object) -> Rate | Literal["none"]:
    text = _text(value)
    if text == UNLIMITED:
        return UNLIMITED
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(
            say('"{text}" is no rate: write "30/s", "20/min", "100/h" or "none"', text=text)
        )
    return Rate(count=int(match[1]), per_s=int(match[2] or 1) * _PER_S[match[3]])


def _server(value: object) -> str:
    return addresses.server(_text(value))


def _token_file(value: object) -> str:
    text = _text(value)
    if not text or "\n" in text:
        raise ValueError(say("must be the path of a file"))
    if _TOKEN.fullmatch(text):
        raise ValueError(
            say("looks like the token itself; put it into a file and name the file here")
        )
    return text


def _variable(value: object) -> str:
    text = _text(value)
    if not _VARIABLE.fullmatch(text):
        raise ValueError(say("must be the name of an environment variable, such as BALE_TOKEN"))
    return text


def _proxy(value: object) -> str:
    return addresses.proxy(_text(value))


def _store(value: object) -> str:
    text = _text(value)
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    wrong = ValueError(
        say(
            'must be "sqlite:///broadcaster.db" (beside the state) or "postgresql://user@host/name"'
        )
    )
    try:
        parts = urlsplit(text)
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"postgresql", "postgres"} or parts.path in {"", "/"}:
        raise wrong  # the host may be absent: the server's socket on this machine
    # as libpq reads it: percent signs count in names, too, and # begins no fragment
    if parts.password is not None or "password" in unquote(text.partition("?")[2]).lower():
        raise ValueError(
            say("holds a password: put it into a file of its own, named by password_file")
        )
    return text


def _listen(value: object) -> str:
    return addresses.listen(_text(value))


def _networks(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(say('must be a list, such as ["127.0.0.1"]{given}', given=given(value)))
    good, flaws = read_all((number, NETWORK, each) for number, each in enumerate(value))
    if flaws:
        raise Flawed(flaws)
    return tuple(good.values())


def _network(value: object) -> str:
    return addresses.network(_text(value))


def _header(value: object) -> str:
    text = _text(value)
    if not _HEADER.fullmatch(text):
        raise ValueError(say("must be the name of a header, such as X-Remote-User"))
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
    hint = say("; did you mean {same}?", same=same[0]) if same else nearest(text, zones)
    raise ValueError(say('"{text}" is no time zone{hint}', text=text, hint=hint))


def _address(value: object) -> str:
    """Channels that are known by number may stand in the file as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _pattern(read: Callable[[object], T], pattern: str, example: str) -> Form[T]:
    return Form(read, {"type": "string", "pattern": pattern, "examples": [example]})


TEXT: Final = Form(_string, {"type": "string"})
WORDS: Final = Form(_words, {"type": "string", "minLength": 1})
"""Text that is not empty."""
FLAG: Final = Form(_flag, {"type": "boolean"})
PINNING: Final = Form(_pinning, {"enum": [True, False, "replace"]})
APPROVALS: Final = Form(_approvals, {"enum": [True, False, 0, 1, 2]})
NUMBER: Final = Form(_number, {"type": "integer"})
LIST: Final = Form(_list, {"type": "array", "items": WORDS.schema})
LISTS: Final = Form(_lists, {"type": "object", "additionalProperties": LIST.schema})
VARIABLES: Final = Form(
    _variables, {"type": "object", "patternProperties": {r"^\w+$": TEXT.schema}}
)

HOST: Final = _pattern(_host, r"^[^/:@\s]+$", "mrud.ir")
HOSTS: Final = Form(_hosts, {"type": "array", "items": HOST.schema})
LINK_PARAMETERS: Final = Form(_link_parameters, VARIABLES.schema)

ON_UNKNOWN: Final[Form[OnUnknown]] = _choice(OnUnknown)
WHEN_BACK: Final[Form[WhenBack]] = _choice(WhenBack)
ALBUM: Final[Form[Album]] = _choice(Album)
MISSED: Final[Form[Missed]] = _choice(Missed)
CALENDAR: Final[Form[Calendar]] = _choice(Calendar)
LANGUAGE: Final[Form[Language]] = _choice(Language)
DIGITS: Final[Form[Digits]] = _choice(Digits)
LOG_FORMAT: Final[Form[LogFormat]] = _choice(LogFormat)
LOG_LEVEL: Final[Form[LogLevel]] = _choice(LogLevel)
JURISDICTION: Final[Form[Jurisdiction]] = _choice(Jurisdiction)
LOGIN: Final[Form[Login]] = _choice(Login)

_LENGTH: dict[str, Json] = {"type": "string", "examples": ["6h"]}
DURATION: Final = Form(_duration, _LENGTH)
SPAN: Final = Form(_positive, _LENGTH)
"""A duration that is longer than nothing."""
CLOCK: Final = _pattern(_clock, r"^\d\d?:\d\d$", "08:00")
HOURS: Final = _pattern(_hours, r"^(\d\d?:\d\d ?(-|to) ?\d\d?:\d\d|none)$", "23:00-7:00")
WEEKDAY: Final = Form(_weekday, {"type": "string", "minLength": 1})
WEEKDAYS: Final = Form(_weekdays, {"type": "array", "items": WEEKDAY.schema, "minItems": 1})
RATE: Final = _pattern(_rate, r"^(\d+ ?/ ?\d* ?(s|min|h|d)|none)$", "20/min")
SERVER: Final = _pattern(_server, "^https?://", "https://t.me")
PROXY: Final = _pattern(_proxy, f"^({'|'.join(addresses.PROXIES)})://", "socks5://127.0.0.1:1080")
TOKEN_FILE: Final = _pattern(_token_file, r"^\S", "secrets/bale")
VARIABLE: Final = _pattern(_variable, r"^[A-Za-z_]\w*$", "BALE_TOKEN")
STORE_URL: Final = _pattern(_store, "^(sqlite:///|postgres(ql)?://)", "sqlite:///broadcaster.db")
LISTEN: Final = _pattern(_listen, r"^(unix:/|.+:\d+$)", "127.0.0.1:8790")
NETWORK: Final = _pattern(_network, r"^[0-9a-fA-F.:]+(/\d+)?$", "127.0.0.1")
NETWORKS: Final = Form(_networks, {"type": "array", "items": NETWORK.schema})
HEADER: Final = _pattern(_header, r"^[A-Za-z][A-Za-z0-9-]*$", "X-Remote-User")
ADDRESS: Final = Form(_address, {"type": ["string", "integer"]})
ZONE: Final = _pattern(_zone, r"^\w+", "Asia/Tehran")
