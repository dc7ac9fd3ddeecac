"""What a server must prove before it gets the password, wherever the address does not say."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

from psycopg import pq

from broadcaster.language import say


class Way(IntEnum):
    """How a server is reached, the most exposed last."""

    SOCKET = 0
    """A file of this machine, in a folder that only its server may write to."""
    LOOPBACK = 1
    """While the server is down, any user of this machine may listen in its place."""
    NETWORK = 2


_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "require_auth": "PGREQUIREAUTH",
    "channel_binding": "PGCHANNELBINDING",
}
_REQUIRE_AUTH = 160000
"""The libpq that knows ``require_auth``, and ``sslrootcert=system``."""


def way(parts: Mapping[str, Any], environ: Mapping[str, str]) -> Way:
    """Of several hosts, the most exposed one."""
    hosts = (
        parts.get("hostaddr")
        or environ.get("PGHOSTADDR")
        or parts.get("host")
        or environ.get("PGHOST")
    )
    if not hosts:
        service = parts.get("service") or environ.get("PGSERVICE")
        return Way.NETWORK if service else Way.SOCKET
    return max(_way(host.strip()) for host in str(hosts).split(","))


def _way(host: str) -> Way:
    if not host or host.startswith(("/", "@")):
        return Way.SOCKET
    if host.lower().rstrip(".") == "localhost":
        return Way.LOOPBACK
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return Way.NETWORK
    mapped = getattr(address, "ipv4_mapped", None) or address
    return Way.LOOPBACK if mapped.is_loopback else Way.NETWORK


def guards(parts: Mapping[str, Any], environ: Mapping[str, str], home: Path) -> Mapping[str, str]:
    """Parameters for libpq: where the address, or a variable of libpq, says another, that holds.

    Over a network the certificate is verified, by ``~/.postgresql/root.crt`` or else by the
    authorities that the system knows, and only SCRAM is answered, which does not give the password
    away.  On this machine a password is not sent in clear.
    """
    found = way(parts, environ)
    wanted: dict[str, str] = {}
    if found is Way.NETWORK:
        wanted = {
            "sslmode": "verify-full",
            "require_auth": "scram-sha-256",
            "channel_binding": "prefer",
        }
        if not (home / ".postgresql" / "root.crt").exists():
            wanted["sslrootcert"] = "system"
    elif found is Way.LOOPBACK:
        wanted = {"require_auth": "!password"}
    if pq.version() < _REQUIRE_AUTH:
        wanted = {name: value for name, value in wanted.items() if name == "sslmode"}
    given = {name for name in wanted if parts.get(name) or environ.get(_VARIABLES[name])}
    if "sslmode" in given and "sslrootcert" in wanted:
        given.add("sslrootcert")  # `system` goes with verify-full only
    return {name: value for name, value in wanted.items() if name not in given}


def weak(parts: Mapping[str, Any], environ: Mapping[str, str]) -> Iterable[str]:
    """What was said otherwise, and what that means, for people."""
    if way(parts, environ) is not Way.NETWORK:
        return
    mode = parts.get("sslmode") or environ.get("PGSSLMODE") or "verify-full"
    if mode != "verify-full":
        yield (
            say(
                "[store] url says sslmode={mode}: whoever is between this machine and "
                "the server may read the queue, and answer in the server's place; "
                "leave it out, or say verify-full",
                mode=mode,
            )
        )
    auth = parts.get("require_auth") or environ.get("PGREQUIREAUTH") or "scram-sha-256"
    if auth != "scram-sha-256":
        yield (
            say(
                "[store] url says require_auth={auth}: the password may be given away "
                "to whoever answers; leave it out, or say scram-sha-256",
                auth=auth,
            )
        )
