"""Calls to servers that talk as a test wants, and what a failed one must never show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from broadcaster.errors import SendError
from broadcaster.kit.http import Answer
from broadcaster.kit.wire import Wire, watch

SECRET = "123456:AAsecretAAsecretAAsecretAAsecretAA"
PATH = f"/bot{SECRET}/sendMessage"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(talk: Talk) -> AsyncIterator[int]:
    """The port of a server that talks so."""
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await talk(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    for writer in writers:  # no talk has to; else a later test is blamed for the open sockets
        writer.close()
    await asyncio.sleep(0)


async def failed(
    calling: Callable[[], Awaitable[Answer]], kind: type[SendError], *, touched: bool
) -> SendError:
    """The error of a call, which must be of this kind, leave this wire and show no secret."""
    with watch(Wire()) as wire, pytest.raises(kind) as raised:
        await calling()
    assert wire.touched is touched
    assert (wire.begun_at is not None) is touched
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for shown in (str(error), repr(error), error.detail):
        assert SECRET not in shown
        assert "127.0.0.1" not in shown
    return error
