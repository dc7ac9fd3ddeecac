"""A rehearsal: what goes wrong in a running sandbox, and how its platforms behave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from broadcaster.discovery import find_fakes
from broadcaster.errors import InputError
from broadcaster.sandbox import HOST, PORT
from broadcaster.sandbox.incidents import ALL, INCIDENTS
from broadcaster.sandbox.server import all_switches

__all__ = ["ALL", "INCIDENTS", "URL", "SwitchRow", "incident", "known_switches", "parsed", "switch"]

URL = f"http://{HOST}:{PORT}"
"""Of a sandbox that was started without ``--port``."""
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """One switch; ``values``: what it takes, ``value``: how it stands."""

    platform: str
    name: str
    value: str
    default: str
    values: str
    about: str


def incident(name: str, platform: str, *, url: str = URL) -> Mapping[str, str | None]:
    """Let a platform, or all, have an incident; returns platform -> the one that it has.

    :raises InputError: no sandbox is there, or it knows no such incident or platform.
    """
    found = _asked(url, "incidents", {"platform": platform, "name": name})
    return {str(of): what for of, what in found["now"].items()}


def switch(switches: Mapping[str, Mapping[str, str]], *, url: str = URL) -> list[SwitchRow]:
    """Set switches of a running sandbox; returns those that were set.

    :raises InputError: no sandbox is there, or it knows no such switch or value.
    """
    listing: Any = []
    for platform, chosen in switches.items():
        for name, value in chosen.items():
            body = {"platform": platform, "name": name, "value": value}
            listing = _asked(url, "switches", body)
    return [row for row in _rows(listing) if row.name in switches.get(row.platform, {})]


def known_switches(platform: str | None = None) -> list[SwitchRow]:
    """Every switch there is, with the value that it begins with.

    :raises InputError: there is no such platform.
    """
    fakes = find_fakes()
    if platform is not None and platform not in fakes:
        raise InputError(f'the sandbox fakes no "{platform}"; it fakes {", ".join(fakes)}')
    return [row for row in _rows(all_switches(fakes).listing()) if platform in (None, row.platform)]


def parsed(switches: Sequence[str], said: str) -> dict[str, dict[str, str]]:
    """``P.NAME=VALUE`` by platform and name; ``said``: what stands before it on the command line.

    :raises InputError: another form.
    """
    found: dict[str, dict[str, str]] = {}
    for each in switches:
        where, equals, value = each.partition("=")
        platform, dot, name = where.partition(".")
        if not (equals and dot and platform and name):
            raise InputError(f'{said} "{each}": write PLATFORM.NAME=VALUE')
        found.setdefault(platform, {})[name] = value
    return found


def _rows(listing: Any) -> list[SwitchRow]:
    return [
        SwitchRow(
            platform=each["platform"],
            name=each["name"],
            value=each["value"],
            default=each["default"],
            values=each["values"] if each["values"] == "number" else " | ".join(each["values"]),
            about=each["about"],
        )
        for each in listing
    ]


def _asked(url: str, what: str, body: Mapping[str, str]) -> Any:
    """The answer of a sandbox's control side."""
    if not url.startswith(("http://", "https://")):
        raise InputError(f'"{url}" is no address of a sandbox: write the one that it has printed')
    request = Request(f"{url.rstrip('/')}/_sandbox/{what}", json.dumps(body).encode())  # noqa: S310
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 (checked above)
            return json.load(answer)
    except HTTPError as error:
        why = ""
        with suppress(ValueError, KeyError, TypeError):
            why = str(json.loads(error.read())["error"])
        raise InputError(why or f"{url} is no sandbox: it answers HTTP {error.code}") from None
    except (URLError, OSError, ValueError):
        raise InputError(
            f"no sandbox answers at {url}: start one with `broadcaster sandbox`, or name its"
            " address with --url"
        ) from None
