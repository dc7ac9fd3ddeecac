"""A store with a thread of its own, as processes with an event loop use it."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from broadcaster.errors import Refused
from broadcaster.store.background import BackgroundStore
from broadcaster.store.changes import Halt, Resume
from broadcaster.store.sqlite.store import SqliteStore


async def test_verbs_run_one_after_another_in_a_thread_beside_the_loop(tmp_path: Path) -> None:
    with BackgroundStore(closing(SqliteStore(tmp_path / "broadcaster.db"))) as background:
        threads = {await background(threading.get_ident) for _ in range(3)}
        assert len(threads) == 1
        assert threading.get_ident() not in threads
        await background(background.store.change, "سارا", Halt(reason="کوچ"))
        (gate,) = await background(background.store.gates)
        assert (gate.scope, gate.by) == ("all", "سارا")


async def test_what_a_verb_raises_reaches_its_caller(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "broadcaster.db")
    with (
        BackgroundStore(closing(store)) as background,
        pytest.raises(Refused, match="nothing is halted"),
    ):
        await background(store.change, "سارا", Resume())
