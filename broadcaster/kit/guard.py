"""Decides which addresses that a platform names may be called.

A platform that names the address of an upload, or an impostor in its place, must not make us call
into our own network.  The address is checked before the call, and the resolved IP address when the
connection is made.  The connection uses exactly the checked IP address, so that a second answer of
a name server has no effect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from broadcaster.language import say

PUBLIC = "public"
LOOPBACK = "loopback"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
""":source: RFC 6052; the last 32 bits are the IPv4 address behind it."""


class InnerAddressError(OSError):
    """A name that resolves to this machine or a private network."""


def misfit(url: str, *, base_url: str, domains: Collection[str] = ()) -> str:
    """Why ``url`` does not belong to the owner of ``base_url``; empty: it does.

    ``domains``: further domains of that owner, with their subdomains.  If ``base_url`` is on this
    machine, ``url`` must be, too.
    """
    try:
        target, base = URL(url), URL(base_url)
        host, own = _host(target), _host(base)
    except ValueError:
        return say("it is none")
    if target.scheme != base.scheme:
        return say("it does not begin with {scheme}://", scheme=base.scheme)
    if "@" in re.split(r"[/?#\\]", url.partition("//")[2], maxsplit=1)[0]:
        return say("it holds a user")
    if reach(own) == LOOPBACK:
        return "" if reach(host) == LOOPBACK else say("it is not of this machine")
    if host != own and not any(host == domain or host.endswith(f".{domain}") for domain in domains):
        return say("it is of another server")
    return ""


def reach(host: str) -> str:
    """The reach of an IP address: ``public``, ``loopback``, ``private`` …; else ``name``."""
    if host == "localhost":
        return LOOPBACK
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "name"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.teredo:
            return "mapped"
        if address in _NAT64:
            return reach(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
        if address.sixtofour:
            return reach(str(address.sixtofour))
    if address.is_loopback:
        return LOOPBACK
    if address.is_link_local:
        return "link-local"
    return PUBLIC if address.is_global and not address.is_multicast else "private"


class Guard(AbstractResolver):
    """Resolves names only to public addresses, or to those with the reach of ``base_url``."""

    def __init__(self, base_url: str, names: AbstractResolver | None = None) -> None:
        self._base = _host(URL(base_url))
        self._given = names
        self._own: AbstractResolver | None = None

    @property
    def _names(self) -> AbstractResolver:
        """Created at its first use, because it needs a running loop."""
        self._own = self._own or self._given or DefaultResolver()
        return self._own

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See :class:`AbstractResolver`.

        :raises InnerAddressError: the name has no allowed address.
        """
        resolved = await self._names.resolve(host, port, family)
        fit = [address for address in resolved if reach(address["host"]) == PUBLIC]
        if not fit:
            own = await self._names.resolve(self._base, port, family)
            like = {reach(address["host"]) for address in own}
            fit = [address for address in resolved if reach(address["host"]) in like]
        if not fit:
            raise InnerAddressError
        return fit

    async def close(self) -> None:
        if self._own is not None:
            await self._own.close()
            self._own = None


def _host(url: URL) -> str:
    """:raises ValueError: there is none."""
    host = (url.raw_host or "").casefold().rstrip(".")
    if not host:
        raise ValueError(say("no host"))
    return host
