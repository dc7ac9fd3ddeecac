"""The ledger's file: a killed sandbox loses nothing that it has answered for.

One JSON object a line, written before the answer is sent: ``event`` (``posted``, ``edited``,
``deleted``, ``pinned``, ``unpinned``, ``moved``, ``reset``) and the whole message as it then
stands.  The files of the messages lie beside it in ``FILE.files``.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from broadcaster.errors import InputError
from broadcaster.sandbox.ledger import Entry

_BEGINNING = b'{"event": "'
"""Of every line."""


class Journal:
    """The open file; appends are unbuffered, so that SIGKILL finds nothing to lose."""

    def __init__(self, path: Path) -> None:
        """:raises InputError: it cannot be written, or another sandbox writes to it."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("r+b" if path.exists() else "x+b", buffering=0)
        except OSError as error:
            raise InputError(
                f"the ledger {path} cannot be written ({error.strerror}); choose another --ledger"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise InputError(
                f"another sandbox writes to the ledger {path}; stop it, or choose another --ledger"
            ) from None

    def entries(self) -> list[tuple[str, Entry | None]]:
        """Event and message of each line; a last line cut short by a kill is taken away.

        :raises InputError: a line is something else; the file is left as it was.
        """
        content = self._path.read_bytes()
        *lines, rest = content.split(b"\n")
        parsed = [self._entry(number, line) for number, line in enumerate(lines, start=1)]
        if rest[: len(_BEGINNING)] != _BEGINNING[: len(rest)]:
            raise self._strange(len(lines) + 1)
        self._file.truncate(len(content) - len(rest))
        self._file.seek(0, os.SEEK_END)
        return parsed

    def _entry(self, number: int, line: bytes) -> tuple[str, Entry | None]:
        try:
            values: dict[str, Any] = json.loads(line)
            event: str = values["event"]
            return event, None if event == "reset" else Entry.from_json(values)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._strange(number) from None

    def _strange(self, number: int) -> InputError:
        return InputError(
            f"line {number} of {self._path} is no line of a sandbox's ledger;"
            " choose another --ledger"
        )

    def keep(self, event: str, entries: tuple[Entry, ...]) -> None:
        """Append; all messages of one call in one write."""
        events = [{"event": event, **entry.to_json()} for entry in entries] or [{"event": event}]
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in events)
        data = memoryview(lines.encode())
        while data:
            data = data[self._file.write(data) :]

    def close(self) -> None:
        self._file.close()
