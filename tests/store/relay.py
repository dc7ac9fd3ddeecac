"""Stands between a program and its server, and fails at the moment that a test chooses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")
HOST = "127.0.0.1"


class Relay:
    """``with Relay(upstream) as relay:`` relays TCP to ``upstream``: a port of this machine, or
    the folder of a PostgreSQL's socket."""

    def __init__(self, upstream: Path | int = 0, *, host: str = HOST) -> None:
        self.upstream = upstream
        self.host = host
        self._before: bytes | None = None
        self._after: bytes | None = None
        self._cut_upstream = True
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._light())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dark()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def url(self, database: str) -> str:
        return f"postgresql://office@{self.host}:{self.port}/{database}"

    def dark(self) -> None:
        """Break every connection and refuse new ones."""
        self._do(self._dark())

    def light(self) -> None:
        self._do(self._light())

    def cut_before(self, words: bytes) -> None:
        """Break the connection instead of passing on the next request that holds ``words``."""
        self._before = words

    def lose_answer(self, words: bytes, *, cut_upstream: bool = True) -> None:
        """Pass on the next request that holds ``words``, and break the connection at its answer.

        ``cut_upstream`` False: break it at once, but let the server go on with the request.
        """
        self._after, self._cut_upstream = words, cut_upstream

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(30)

    async def _light(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, self.host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _dark(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, int):
            return await asyncio.open_connection(HOST, self.upstream)
        return await asyncio.open_unix_connection(str(self.upstream / ".s.PGSQL.5432"))

    async def _connected(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            from_server, to_server = await self._reach()
        except OSError:
            to_client.transport.abort()
            return
        self._open |= {to_client, to_server}
        doomed = asyncio.Event()

        def asked(data: bytes) -> bool:
            if self._before is not None and self._before in data:
                self._before = None
                return False
            if self._after is not None and self._after in data:
                self._after = None
                doomed.set()
                if not self._cut_upstream:
                    to_client.transport.abort()
            return True

        def answered(_: bytes) -> bool:
            return not doomed.is_set()

        await asyncio.gather(
            _pump(from_client, to_server, asked, close=lambda: not doomed.is_set()),
            _pump(from_server, to_client, answered),
        )
        for writer in (to_client, to_server):
            self._open.discard(writer)
            writer.transport.abort()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    passes: Callable[[bytes], bool],
    *,
    close: Callable[[], bool] = lambda: True,
) -> None:
    """Pass on what comes, until one side ends or ``passes`` says no."""
    with suppress(OSError):
        while data := await reader.read(65536):
            if not passes(data):
                break
            writer.write(data)
            await writer.drain()
    if close():
        writer.transport.abort()
