"""A command on a terminal of its own, with somebody who types."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import Any, NamedTuple

COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Typed(NamedTuple):
    """How it ended, and what stood on the terminal."""

    code: int
    screen: str


def on_a_terminal(desk: Any, *args: str, types: str = "") -> Typed:
    """Run a command; ``types``: what is typed ahead."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", *args],
        cwd=desk.folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, types.encode())
    written = b""
    while more := _read(ours):
        written += more
    os.close(ours)
    code = process.wait(timeout=60)
    return Typed(code, COLOURS.sub("", written.decode().replace("\r\n", "\n")))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""
