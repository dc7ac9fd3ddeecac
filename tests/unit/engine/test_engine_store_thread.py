"""What the store's thread does, and what the loop may do in its place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from broadcaster.engine.store_thread import StoreThread
from broadcaster.store.store import StoreBusy


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


async def test_the_loop_does_it_itself(thread: StoreThread) -> None:
    assert await thread.in_loop(_who) == threading.get_ident()


async def test_the_loop_waits_for_the_thread(thread: StoreThread) -> None:
    done: list[int] = []
    go = threading.Event()
    waiting = asyncio.create_task(thread(go.wait))
    by_loop = [asyncio.create_task(thread.in_loop(lambda: _later(done, 1)))]
    await asyncio.sleep(0.05)
    waiting.cancel()  # whoever asked has gone; the thread is at work all the same
    by_loop.append(asyncio.create_task(thread.in_loop(lambda: _later(done, 2))))
    await asyncio.sleep(0.05)
    assert done == []
    go.set()
    await asyncio.gather(*by_loop)
    assert done == [1, 2]


async def test_the_thread_waits_for_the_loop(thread: StoreThread) -> None:
    done: list[int] = []
    by_loop = asyncio.create_task(thread.in_loop(lambda: _later(done, 1)))
    await asyncio.sleep(0)
    await thread(_note, done, 2)
    await by_loop
    assert done == [1, 2]


async def test_what_fails_bars_nobody(thread: StoreThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await thread(lambda: 1 // 0)
    with pytest.raises(StoreBusy):
        await thread.in_loop(_busy)
    assert await thread(threading.get_ident) != threading.get_ident()


async def _who() -> int:
    return threading.get_ident()


async def _busy() -> None:
    raise StoreBusy("not now")


async def _later(done: list[int], number: int) -> None:
    await asyncio.sleep(0.1)
    done.append(number)


def _note(done: list[int], number: int) -> int:
    done.append(number)
    return threading.get_ident()
