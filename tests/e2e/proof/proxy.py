"""A proxy of bad manners between the daemon and the sandbox: raw TCP, one fate per request.

It runs in a thread of the test, so that what it did can be counted there.  Each request is read
whole and noted before its fate is decided; the platform is the first part of its path.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.e2e.proof.faults import Fault, Weather

T = TypeVar("T")
HOST = "127.0.0.1"
HEAD_BYTES = 2**20
"""A long Persian text in a query is nine times its letters."""
FAIR = Weather(seed=0)

_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r?$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding: *chunked\r?$")
_GARBAGE = "<<کاراکترهای نامفهوم>>".encode()
_HASTE = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry later"%s}'
_NAMED = b',"parameters":{"retry_after":1}'


@dataclass(frozen=True, slots=True)
class Seen:
    """One request whose first bytes have arrived."""

    at: float
    """``time.monotonic()``."""
    platform: str
    method: str
    """The last part of its path: never the token."""
    posting: bool
    fate: Fault


class Proxy:
    """``with Proxy() as proxy:`` listens; requests go on to ``upstream``, a port of this host."""

    def __init__(self, upstream: int = 0, weather: Weather = FAIR, *, stall_s: float = 1.0) -> None:
        self.upstream = upstream
        self.weather = weather
        self.stall_s = stall_s
        """How long a stalled request waits for nothing."""
        self.pace_s = 0.0
        """How long every answer takes."""
        self.seen: list[Seen] = []
        self.port = 0
        self._held: set[str] = set()
        self._release = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    # --- for the test's thread ------------------------------------------------------------------

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
        self._do(self._dark(cut=True))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def doubts(self) -> int:
        """Faults that struck after a request had left."""
        return sum(each.fate.doubtful for each in self.seen)

    def dark(self, *, cut: bool = False) -> None:
        """Refuse connections; with ``cut`` also break those there are, as a server's death does."""
        self._do(self._dark(cut=cut))

    def light(self) -> None:
        """Listen again, at the same port."""
        self._do(self._light())

    @contextmanager
    def holding(self, platform: str) -> Iterator[None]:
        """Take every request of a platform and answer none, until the block ends."""
        self._held.add(platform)
        try:
            yield
        finally:
            self._held.discard(platform)
            self._loop.call_soon_threadsafe(self._let_go)

    def mark(self) -> int:
        """How many requests had begun by now, those included that only the kernel has seen."""
        self._do(self._settle())
        return len(self.seen)

    def since(self, mark: int, platform: str) -> list[Seen]:
        """The requests of a platform that began after ``mark``."""
        self._do(self._settle())
        return [each for each in self.seen[mark:] if each.platform == platform]

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(30)

    # --- in the proxy's own loop ----------------------------------------------------------------

    async def _light(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(
                self._connected, HOST, self.port, limit=HEAD_BYTES, backlog=512
            )
            self.port = self._server.sockets[0].getsockname()[1]

    async def _dark(self, *, cut: bool) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if cut:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)

    async def _settle(self) -> None:
        """Accept, read and note whatever is in the kernel's hands: a turn of the loop for each."""
        for _ in range(10):
            await asyncio.sleep(0)

    def _let_go(self) -> None:
        self._release.set()
        self._release = asyncio.Event()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while await self._one(reader, writer):
                pass
        except asyncio.CancelledError:
            _reset(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its fate; False: the connection is over."""
        head = await reader.readuntil(b"\r\n\r\n")
        seen = self._note(head)
        request = head + await _body(reader, head)
        while seen.platform in self._held:
            await self._release.wait()
        match seen.fate:
            case Fault.CLOSE_BEFORE:
                return self._gone(writer)
            case Fault.STALL_BEFORE:
                await asyncio.sleep(self.stall_s)
                return self._gone(writer)
            case Fault.TORN:
                await self._tear(request, len(head))
                return self._gone(writer)
            case Fault.ERROR_BEFORE:
                return await _say(writer, _answer(502, b"<html>Bad Gateway</html>"))
            case Fault.HASTE | Fault.HASTE_UNNAMED:
                named = seen.fate is Fault.HASTE
                headers = (b"Retry-After: 1",) if named else ()
                said = _HASTE % (_NAMED if named else b"")
                return await _say(writer, _answer(429, said, *headers))
        if self.pace_s:
            await asyncio.sleep(self.pace_s)
        answer = await self._forward(request)
        match seen.fate:
            case Fault.CLOSE_AFTER:
                return self._gone(writer)
            case Fault.STALL_AFTER:
                await asyncio.sleep(self.stall_s)
                return self._gone(writer)
            case Fault.HALF:
                await _say(writer, answer[: len(answer) - 20])
                return False
            case Fault.GARBAGE:
                return await _say(writer, _answer(200, _GARBAGE))
            case Fault.ERROR_AFTER:
                return await _say(writer, _answer(502, b"<html>Bad Gateway</html>"))
            case Fault.SLOW:
                await asyncio.sleep(self.weather.between(0.05, 0.5))
            case Fault.DRIBBLE:
                for start in range(0, len(answer), 16):
                    await _say(writer, answer[start : start + 16])
                    await asyncio.sleep(0.003)
                return True
        return await _say(writer, answer)

    def _note(self, head: bytes) -> Seen:
        verb, target, _ = head.split(b" ", 2)
        path = target.decode().partition("?")[0].strip("/").split("/")
        posting = verb == b"POST" and not path[-1].lower().startswith("get")
        fate = self.weather.next() if posting else Fault.NONE
        seen = Seen(time.monotonic(), path[0], path[-1], posting, fate)
        self.seen.append(seen)
        return seen

    async def _forward(self, request: bytes) -> bytes:
        """The sandbox's answer.  :raises OSError, IncompleteReadError: it is dead, or dies now."""
        reader, writer = await asyncio.open_connection(HOST, self.upstream, limit=HEAD_BYTES)
        try:
            writer.write(request)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            return head + await _body(reader, head)
        finally:
            writer.close()

    async def _tear(self, request: bytes, head: int) -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, self.upstream)
            writer.write(request[: (head + len(request)) // 2])
            await writer.drain()
            writer.close()

    def _gone(self, writer: asyncio.StreamWriter) -> bool:
        """Close in one of the two ways there are: politely, or with a reset."""
        if self.weather.between(0, 1) < 0.5:
            _reset(writer)
        return False


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if length := _LENGTH.search(head):
        return await reader.readexactly(int(length[1]))
    if not _CHUNKED.search(head):
        return b""
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        body += line + await reader.readexactly(int(line.partition(b";")[0], 16) + 2)
        if not int(line.partition(b";")[0], 16):
            return body


async def _say(writer: asyncio.StreamWriter, answer: bytes) -> bool:
    writer.write(answer)
    await writer.drain()
    return True


def _answer(status: int, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Let the close be an RST, as of a machine that has forgotten the connection."""
    found = writer.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Blackhole:
    """A port of this machine at which every connection waits for ever: a filtered platform.

    The queue of a listener that accepts nothing is filled; later ones get no answer at all.
    """

    def __enter__(self) -> Self:
        self._listener = socket.socket()
        self._listener.bind((HOST, 0))
        self._listener.listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._fill: list[socket.socket] = []
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect((HOST, self.port))
            self._fill.append(caller)
        return self

    @contextmanager
    def opened(self) -> Iterator[Callable[[], bytes]]:
        """Accept whoever waits and comes; yields what tells all that they have said so far."""
        heard: list[bytes] = []
        ended = threading.Event()

        def listen(caller: socket.socket) -> None:
            with caller, suppress(OSError):
                while said := caller.recv(2**16):
                    heard.append(said)

        def accept() -> None:
            self._listener.settimeout(0.1)
            while not ended.is_set():
                with suppress(TimeoutError):
                    caller, _ = self._listener.accept()
                    threading.Thread(target=listen, args=(caller,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield lambda: b"".join(heard)
        finally:
            ended.set()
            thread.join()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in (*self._fill, self._listener):
            each.close()
