"""Headers of every answer, and what is believed of those of a request."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aiohttp import web

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""Nothing inline, nothing of another host."""
ALWAYS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "Server": "broadcaster",
}
_AGENT_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    address: str
    """The peer's, or the one that a trusted proxy names; empty: a Unix socket."""
    secure: bool
    """Whether it came by TLS, at least as far as a trusted proxy."""
    trusted: bool
    """Whether the peer is a trusted proxy, so that its headers are believed."""

    @property
    def network(self) -> str:
        """The /24 or /64 of the address: what one person can have by asking for it."""
        try:
            found = ipaddress.ip_address(self.address)
        except ValueError:
            return "socket"
        prefix = 24 if found.version == 4 else 64
        return str(ipaddress.ip_network(f"{found}/{prefix}", strict=False))


def client_of(request: web.Request, trusted: Collection[str]) -> Client:
    """The peer; or, where that is a trusted proxy, the last address that none of them is of.

    :param trusted: networks of proxies, in the spelling of :mod:`ipaddress`.
    """
    peer = _peer(request)
    behind_socket = not peer
    if not behind_socket and not _within(peer, trusted):
        return Client(peer, secure=request.secure, trusted=False)
    if behind_socket and not trusted:
        return Client("", secure=request.secure, trusted=False)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    address = next((hop for hop in reversed(hops) if hop and not _within(hop, trusted)), peer)
    proto = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip()
    return Client(_clean(address), secure=request.secure or proto == "https", trusted=True)


def agent_of(request: web.Request) -> str:
    """The browser, for a list of sessions; bounded, without controls."""
    said = request.headers.get("User-Agent", "")
    return "".join(letter for letter in said if letter.isprintable())[:_AGENT_LETTERS]


def new_request_id() -> str:
    return secrets.token_hex(8)


def _peer(request: web.Request) -> str:
    found = request.transport.get_extra_info("peername") if request.transport else None
    return str(found[0]) if isinstance(found, tuple) and found else ""


def _within(address: str, networks: Iterable[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in networks)


def _clean(address: str) -> str:
    """An address that a header names: only a real one is kept."""
    return address if re.fullmatch(r"[0-9A-Fa-f:.]{2,45}", address) else ""
