"""Who writes next: no order in SQLite's own lock, so a queue gives one."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.store.sqlite import write_queue
from broadcaster.store.sqlite.connection import Connection
from broadcaster.store.sqlite.migrate import migrate
from broadcaster.store.sqlite.write_queue import WriteQueue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "broadcaster.db"


@pytest.fixture
def greedy(path: Path) -> Iterator[list[int]]:
    """A connection that writes without a pause; grows by one with each transaction."""
    written: list[int] = []
    ended = threading.Event()

    def write() -> None:
        cx = Connection(path)
        migrate(cx)
        while not ended.is_set():
            with cx.write():
                cx.run("update meta set value = value + 1 where key = 'age'")
                ended.wait(0.005)
            written.append(1)
        cx.close()

    thread = threading.Thread(target=write)
    thread.start()
    yield written
    ended.set()
    thread.join()


def test_whoever_asks_is_next(path: Path, greedy: list[int]) -> None:
    end = time.monotonic() + 60
    while not greedy and time.monotonic() < end:
        time.sleep(0.01)
    cx = Connection(path)
    waited = []
    for _ in range(21):
        before = len(greedy)
        with cx.write():
            waited.append(len(greedy) - before)
            cx.run("update meta set value = value + 1 where key = 'age'")
    cx.close()
    assert sorted(waited)[10] <= 2, "the machine may have looked away, but not every second time"


def test_whoever_keeps_it_for_ever_holds_nobody_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE_S", 0.05)
    cx = Connection(path)
    migrate(cx)
    frozen = os.open(path.with_name("broadcaster.db.turn"), os.O_RDWR)
    fcntl.flock(frozen, fcntl.LOCK_EX)
    for _ in range(2):
        with cx.write():
            cx.run("update meta set value = value + 1 where key = 'age'")
    os.close(frozen)
    assert cx.scalar("select value from meta where key = 'age'") == 2
    cx.close()


def test_where_there_can_be_no_file_it_is_done_without(tmp_path: Path) -> None:
    queue = WriteQueue(tmp_path / "nowhere" / "broadcaster.db")
    queue.take()
    queue.leave()
    queue.close()
