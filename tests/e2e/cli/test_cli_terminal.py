"""On a real terminal: what stands in the queue is shown there, and never obeyed."""

from __future__ import annotations

import csv
import io
import os
import pty
import re
import subprocess
import sys
from typing import Any

import pytest

from broadcaster.model import State
from broadcaster.store import open_store
from broadcaster.store.changes import Halt
from broadcaster.store.exchange import Capacity, Verdict
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import LATE_AFTER, rendering

HIDES = "سلام \x1b[8mپنهان\x1b[28m \x1b]0;x\x07\x1b]52;c;cm0gLXJmIH4=\x07 \x9b31m \u202egpj.exe"
OURS = re.compile(rb"\x1b\[[0-9;]*m")
"""Colours of states and headings."""
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]")


@pytest.fixture
def queued(desk: Any) -> Any:
    """A desk whose queue holds what no command of today would take."""
    desk.run("status")
    store = open_store(f"sqlite:///{desk.store}")
    target = Target(
        channel="desk",
        account="bale",
        rendering=rendering(HIDES),
        deadline=store.health().now + LATE_AFTER,
    )
    store.enqueue([NewPost(source=HIDES, targets=(target,), author="a\x1b[31m")])
    store.open("daemon", exclusive=True)
    (claim,) = store.tick("daemon", [], [], [Capacity(account="bale", count=1)], 60).claims
    failed = Verdict(state=State.FAILED, reason=HIDES, code="\x1b[1m", outcome="Rejected")
    store.tick("daemon", [claim.ended(failed)], [], [], 60)
    store.change("somebody", Halt(reason=HIDES))
    store.close("daemon")
    return desk


def on_a_terminal(desk: Any, *args: str) -> bytes:
    """What a command writes to a terminal that it has for its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", *args],
        cwd=desk.folder,
        env={**os.environ, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            more = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        written += more
    os.close(ours)
    process.wait(timeout=60)
    return written


@pytest.mark.parametrize(
    "command", [("list",), ("show", "1"), ("report",), ("status",), ("audit",)]
)
def test_no_text_acts_on_the_terminal(queued: Any, command: tuple[str, ...]) -> None:
    written = on_a_terminal(queued, *command)
    text = OURS.sub(b"", written.replace(b"\r\n", b"\n")).decode()
    assert not OBEYED.search(text), text
    assert "\\x1b[8mپنهان" in text, "it is shown, and not left out"
    assert b"\x1b[8m" not in written


@pytest.mark.parametrize("command", [("list",), ("show", "1"), ("report",), ("audit",)])
def test_nor_does_its_json(queued: Any, command: tuple[str, ...]) -> None:
    ran = queued.run(*command, "--json")
    assert not OBEYED.search(ran.out)
    assert any(HIDES in each for each in _strings(ran.json))


def _strings(value: Any) -> Any:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def test_csv_holds_no_formula(desk: Any) -> None:
    for text in ("- مورد یک", "=1+1", "+98 21", "@SUM(1)"):
        desk.run("post", "--file", "-", stdin=text.encode())
    out = desk.run("report", "--csv").out.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 8
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert any(row["متنی که در کانال است"].endswith("=1+1") for row in rows)
