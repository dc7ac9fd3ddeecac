"""The log: lines of text or JSON on stderr in which no known secret can appear.

A secret is replaced in the finished line, so that tracebacks and what libraries log are covered,
too, and in the forms it takes in URLs and in JSON.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from broadcaster.secrecy import clean, conceal, conceal_urls
from broadcaster.visible import json_escaped, visible

__all__ = ["JsonLines", "TextLines", "clean", "conceal", "conceal_urls", "configure", "quiet"]

log = logging.getLogger(__name__)

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


class TextLines(logging.Formatter):
    """For people: time, level, where from, what.

    What goes on is indented, so that no word from outside looks like a line of its own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = visible(clean(super().format(record))).split("\n")
        return "\n".join([first, *(f"  {line}" for line in rest)])


class Printed(io.TextIOBase):
    """A stdout whose lines go to the log: what libraries and adapters print may hold a secret."""

    def __init__(self) -> None:
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            log.info("printed: %s", line)
        return len(text)


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
        return json_escaped(clean(json.dumps(line, ensure_ascii=False)))


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
