"""What the store's thread does, and what the loop may do in its place."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from broadcaster.engine import store_thread
from broadcaster.engine.store_thread import StoreThread
from broadcaster.store.port import StoreBusy


@pytest_asyncio.fixture
async def thread() -> AsyncIterator[StoreThread]:
    thread = StoreThread()
    yield thread
    thread.close()


async def test_verbs_are_done_in_their_order_by_one_thread(thread: StoreThread) -> None:
    done: list[int] = []
    who = await asyncio.gather(*(thread(_note, done, number) for number in range(20)))
    assert done == [*range(20)]
    assert len(set(who)) == 1
    assert who[0] != threading.get_ident()


async def test_the_loop_does_it_itself_if_the_thread_rests(thread: StoreThread) -> None:
    await thread(time.sleep, 0)
    assert thread.at_once(threading.get_ident) == threading.get_ident()


async def test_nothing_is_done_beside_the_thread(thread: StoreThread) -> None:
    done: list[int] = []
    go = threading.Event()
    waiting = asyncio.create_task(thread(go.wait))
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        thread.at_once(lambda: _note(done, 1))
    waiting.cancel()  # whoever asked has gone; the thread is at work all the same
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        thread.at_once(lambda: _note(done, 2))
    go.set()
    await thread(time.sleep, 0)
    thread.at_once(lambda: _note(done, 3))
    assert done == [3]


async def test_a_slow_store_is_kept_away_from_the_loop(
    thread: StoreThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_thread, "SLOW_FOR_S", 0.2)
    thread.at_once(lambda: time.sleep(store_thread.SLOW_S * 1.2))
    with pytest.raises(StoreBusy):
        thread.at_once(threading.get_ident)
    await asyncio.sleep(0.2)
    assert thread.at_once(threading.get_ident) == threading.get_ident()


def _note(done: list[int], number: int) -> int:
    done.append(number)
    return threading.get_ident()
