"""The way through a SOCKS proxy; imported by the accounts that have one."""

from __future__ import annotations

from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from broadcaster.kit.pool import Pool

SOCKS_FAILURES: tuple[type[Exception], ...] = (
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""What its calls may end with, beside aiohttp's own."""


class SocksPool(Pool, ProxyConnector):
    """No falling back to a direct connection."""
