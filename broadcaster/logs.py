"""The daemon's log: text lines on stderr in which no known secret can appear."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

from broadcaster.model import Secret

_NOISY = ("httpx", "httpcore", "telegram", "apscheduler", "aiohttp.access", "asyncio")
"""Libraries that log each call, some of them with the token in its URL."""


class Redacting(logging.Formatter):
    """Replaces every known secret in the finished line, tracebacks included."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = tuple(secret.reveal() for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def configure(level: str, secrets: Iterable[Secret]) -> None:
    """Log to stderr from ``level`` up; the libraries' own chatter from WARNING up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
