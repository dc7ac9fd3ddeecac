"""The pool for SOCKS proxies; imported only for accounts that have one."""

from __future__ import annotations

from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from broadcaster.kit.pool import Pool

SOCKS_FAILURES: tuple[type[Exception], ...] = (
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""Exceptions of its calls, in addition to aiohttp's own."""


class SocksPool(Pool, ProxyConnector):
    """Connects through the proxy only, never directly."""
