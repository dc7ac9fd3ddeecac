"""The log: lines of text or JSON on stderr in which no known secret can appear.

A secret is replaced in the finished line, so that tracebacks and what libraries log are covered,
too, and in the forms it takes in URLs and in JSON.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from broadcaster.model import Secret

log = logging.getLogger(__name__)

HIDDEN = "***"
_QUIET = {
    "aiohttp.access": logging.WARNING,
    "apprise": logging.CRITICAL,
    "apscheduler": logging.WARNING,
    "apscheduler.scheduler": logging.ERROR,
    "asyncio": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "requests": logging.ERROR,
    "telegram": logging.WARNING,
    "urllib3": logging.ERROR,
}
"""Libraries that log each call, some of them with a token in its URL: from this level up only.

apprise logs an address that it cannot parse, and urllib3 one that it tries again.
"""
_LONG = 8
"""Letters from which on a piece of a URL is taken for a secret: shorter ones are words."""

_known: set[str] = set()
_forms: tuple[str, ...] = ()


def conceal(secrets: Iterable[Secret]) -> None:
    """Let none of these appear from now on; those of before stay concealed as well."""
    global _forms
    for secret in secrets:
        if secret:
            _known.update(_all_forms(secret.reveal()))
    _forms = tuple(sorted(_known, key=len, reverse=True))


def conceal_urls(urls: Iterable[Secret]) -> None:
    """The same for addresses that hold secrets: whole, and the pieces that are secret in them."""
    for url in urls:
        conceal([url, *map(Secret, _pieces(url.reveal()))])


def clean(text: str) -> str:
    """``text`` without any known secret."""
    for form in _forms:
        text = text.replace(form, HIDDEN)
    return text


class TextLines(logging.Formatter):
    """For people: time, level, where from, what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class JsonLines(logging.Formatter):
    """For programs: an object a line, with an ISO-8601 time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = clean(self.formatException(record.exc_info))
        return clean(json.dumps(line, ensure_ascii=False))


def configure(level: str, form: Literal["text", "json"] = "text") -> None:
    """Log to stderr from ``level`` up; the libraries' own chatter only where it matters."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    quiet()
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_thread
    sys.unraisablehook = _log_unraisable


def quiet() -> None:
    """Silence the libraries that would show a secret, also where nothing is configured."""
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    log.critical("ended by a bug", exc_info=(kind, error, trace))


def _log_thread(bug: threading.ExceptHookArgs) -> None:
    if bug.exc_value is not None:
        name = bug.thread.name if bug.thread else "?"
        error = (bug.exc_type, bug.exc_value, bug.exc_traceback)
        log.critical("the thread %s ended by a bug", name, exc_info=error)


def _log_unraisable(bug: sys.UnraisableHookArgs) -> None:
    if bug.exc_value is not None:
        error = (bug.exc_type, bug.exc_value, bug.exc_traceback)
        log.error("an error that nobody could catch, in %r", bug.object, exc_info=error)


def _all_forms(secret: str) -> set[str]:
    """As it is, as a URL holds it, and as JSON or a Python literal shows it."""
    plain = {secret, unquote(secret)}
    quoted = {quote(each, safe=safe) for each in plain for safe in ("", "/", ":", "/:@")}
    literal = {
        json.dumps(each, ensure_ascii=bare)[1:-1] for each in plain for bare in (False, True)
    }
    return plain | quoted | literal


def _pieces(url: str) -> Iterable[str]:
    """Password, and what is long enough to be a secret: user, path, query, a host without a dot."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password:
        yield parts.password
    place = parts.netloc.rpartition("@")[2]  # of many services a token
    words = [parts.username or "", "" if "." in place else place, *parts.path.split("/")]
    words += [value for pair in parts.query.split("&") for value in pair.split("=")[1:]]
    yield from (word for word in words if len(word) >= _LONG)
