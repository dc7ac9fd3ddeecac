"""Blocks that are cut off by one timer for all of them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from broadcaster.engine import process
from broadcaster.kit.cutoff import STOOD_STILL_S, cutoff


async def sleep_within(seconds: float, *, limit: float) -> str:
    try:
        with cutoff(time.monotonic() + limit):
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "cut off"
    return "done"


def run(work: Callable[[], Awaitable[object]]) -> object:
    async def main() -> object:
        return await asyncio.wait_for(work(), 20)

    return process.run(main())


def test_only_what_takes_too_long_is_cut_off() -> None:
    async def work() -> object:
        return [await sleep_within(0.02, limit=5.0), await sleep_within(30.0, limit=0.02)]

    assert run(work) == ["done", "cut off"]


def test_an_earlier_end_does_not_wait_for_a_later_one() -> None:
    ended: list[str] = []

    async def one(name: str, limit: float) -> None:
        await sleep_within(30.0, limit=limit)
        ended.append(name)

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            for name, limit in (("third", 0.3), ("first", 0.05), ("second", 0.15)):
                group.create_task(one(name, limit))

    run(work)
    assert ended == ["first", "second", "third"]


def test_a_time_that_is_over_already_cuts_off_at_the_first_wait() -> None:
    async def work() -> object:
        return await sleep_within(30.0, limit=-1.0)

    assert run(work) == "cut off"


def test_what_ended_in_time_is_not_cancelled_later() -> None:
    async def work() -> object:
        assert await sleep_within(0.0, limit=0.05) == "done"
        await asyncio.sleep(0.15)
        return "alive"

    assert run(work) == "alive"


@pytest.mark.parametrize(
    ("inner", "outer", "expected"), [(0.05, 5.0, "inner"), (5.0, 0.05, "outer")]
)
def test_of_nested_blocks_the_earlier_one_is_named(
    inner: float, outer: float, expected: str
) -> None:
    async def nested() -> str:
        try:
            with cutoff(time.monotonic() + outer):
                try:
                    with cutoff(time.monotonic() + inner):
                        await asyncio.sleep(30)
                except TimeoutError:
                    return "inner"
        except TimeoutError:
            return "outer"
        return "none"

    assert run(nested) == expected


def test_a_cancellation_from_outside_stays_one() -> None:
    async def work() -> object:
        task = asyncio.create_task(sleep_within(30.0, limit=20.0))
        await asyncio.sleep(0.02)
        task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return "cancelled"

    assert run(work) == "cancelled"


def test_cancelled_and_over_at_once_counts_as_cancelled() -> None:
    async def work() -> object:
        task = asyncio.create_task(sleep_within(30.0, limit=0.05))
        await asyncio.sleep(0.02)
        time.sleep(0.1)  # noqa: ASYNC251 (both happen before the task can react)
        task.cancel()
        await asyncio.sleep(0)
        try:
            return await task
        except asyncio.CancelledError:
            return "cancelled"

    assert run(work) == "cancelled"


def test_another_error_comes_through_as_it_is() -> None:
    async def work() -> object:
        with cutoff(time.monotonic() + 5.0):
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        run(work)


def test_what_arrived_while_the_process_stood_still_is_read_and_not_cut_off() -> None:
    async def work() -> object:
        said: list[str] = []
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)

        async def asked() -> None:
            with cutoff(time.monotonic() + 0.5):
                said.append((await reader.read(1)).decode())

        calls = asyncio.gather(asked(), sleep_within(30.0, limit=0.5), return_exceptions=True)
        await asyncio.sleep(0.1)
        answer = threading.Timer(0.1, theirs.sendall, [b"1"])
        answer.start()
        time.sleep(0.5 + STOOD_STILL_S)  # noqa: ASYNC251 (so the loop stands still)
        said += [str(each) for each in await calls if each is not None]
        answer.join()
        writer.close()
        theirs.close()
        return said

    assert run(work) == ["1", "cut off"]
