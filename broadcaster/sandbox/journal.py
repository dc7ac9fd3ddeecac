"""The ledger's file: a killed sandbox loses nothing that it has answered for.

One JSON object a line, written before the answer is sent: ``event`` (``posted``, ``edited``,
``deleted``, ``pinned``, ``unpinned``, ``moved``, ``reset``) and the whole message as it then
stands.  The files of the messages lie beside it in ``FILE.files``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from broadcaster.errors import InputError
from broadcaster.sandbox.ledger import Entry


class Journal:
    """The open file; appends are unbuffered, so that SIGKILL finds nothing to lose."""

    def __init__(self, path: Path) -> None:
        """:raises InputError: it cannot be written, or is no ledger."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("r+b" if path.exists() else "x+b", buffering=0)
        except OSError as error:
            raise InputError(
                f"the ledger {path} cannot be written ({error.strerror}); choose another --ledger"
            ) from None

    def entries(self) -> Iterator[tuple[str, Entry | None]]:
        """Event and message of each line; a line cut short by a kill is dropped.

        :raises InputError: a line is something else.
        """
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        self._file.truncate(whole)
        self._file.seek(0, os.SEEK_END)
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                said: dict[str, Any] = json.loads(line)
                event: str = said["event"]
                yield event, None if event == "reset" else Entry.from_json(said)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise InputError(
                    f"line {number} of {self._path} is no line of a sandbox's ledger;"
                    " choose another --ledger"
                ) from None

    def keep(self, event: str, entries: tuple[Entry, ...]) -> None:
        """Append; all messages of one call in one write."""
        said = [{"event": event, **entry.to_json()} for entry in entries] or [{"event": event}]
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in said)
        data = memoryview(lines.encode())
        while data:
            data = data[self._file.write(data) :]

    def close(self) -> None:
        self._file.close()
