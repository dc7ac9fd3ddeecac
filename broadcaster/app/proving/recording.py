"""What was asked and answered, without secrets, as JSON lines that a replaying server can read."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from broadcaster.kit.wire import WireExchange
from broadcaster.model import Json
from broadcaster.secrecy import clean

FORM = 1
"""Of the lines; a reader refuses another."""
_KEPT = ("content-type", "accept")
"""Headers of a request that are kept: others hold tokens, or say nothing."""


class Recording:
    """Appends each exchange to ``file`` as it happens, so that nothing is lost by an end."""

    def __init__(self, file: TextIO, head: Mapping[str, Json], base_url: str) -> None:
        self._file = file
        self._base = base_url.rstrip("/")
        self.trial = ""
        """Key of the trial that is running."""
        self._write({"form": FORM, **head})

    def __call__(self, exchange: WireExchange) -> None:
        """Note one exchange."""
        self._write(
            {
                "trial": self.trial,
                "request": self._request(exchange),
                "answer": _answer(exchange),
                "failure": exchange.failure,
            }
        )

    def _request(self, exchange: WireExchange) -> dict[str, Json]:
        url = exchange.url
        if url.startswith(f"{self._base}/"):  # whatever server it is replayed from
            url = url.removeprefix(self._base)
        shown: dict[str, Json] = {
            "method": exchange.method,
            "url": url,
            "headers": {
                name: value for name, value in exchange.headers.items() if name.lower() in _KEPT
            },
            "params": dict(exchange.params),
        }
        if exchange.form or exchange.files:
            shown["form"] = dict(exchange.form)
            shown["files"] = {
                part: {"name": name, "mime": mime, "size": size}
                for part, (name, mime, size) in exchange.files.items()
            }
        elif exchange.body:
            shown["body"] = _shown(exchange.body)
        return shown

    def _write(self, line: Mapping[str, Json]) -> None:
        self._file.write(clean(json.dumps(line, ensure_ascii=False)) + "\n")
        self._file.flush()


def opened(path: Path) -> TextIOWrapper:
    """A new file for a recording.  :raises OSError: it is there, or cannot be made."""
    return path.open("x", encoding="utf-8")


def _answer(exchange: WireExchange) -> Json:
    if exchange.status is None:
        return None
    return {
        "status": exchange.status,
        "retry_after": exchange.retry_after,
        "location": exchange.location,
        "body": _shown(exchange.answer),
    }


def _shown(content: bytes) -> Json:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}
