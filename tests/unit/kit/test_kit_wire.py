"""The wire of a call: whether a byte of it may have left."""

from __future__ import annotations

import asyncio

from broadcaster.kit.wire import Wire, current, watch


def test_only_the_first_byte_counts() -> None:
    wire = Wire()
    assert (wire.touched, wire.begun_at) == (False, None)
    wire.touch()
    begun_at = wire.begun_at
    wire.touch()
    assert wire.touched
    assert wire.begun_at == begun_at is not None


def test_a_call_that_nobody_watches_may_touch_too() -> None:
    current().touch()
    assert not current().touched


async def test_calls_at_once_have_wires_of_their_own() -> None:
    both_inside = asyncio.Barrier(2)

    async def one(*, touching: bool) -> Wire:
        with watch(Wire()) as wire:
            await both_inside.wait()
            if touching:
                await asyncio.create_task(asyncio.to_thread(current().touch))
        return wire

    first, second = await asyncio.gather(one(touching=True), one(touching=False))
    assert first.touched
    assert not second.touched


def test_watching_ends_with_its_block() -> None:
    with watch(Wire()) as outer:
        with watch(Wire()) as inner:
            current().touch()
        assert current() is outer
    assert inner.touched
    assert not outer.touched
