"""A server that is not the bottleneck: answers every POST as the Bot API does, in its own process.

It does no more than find where a request ends.  ``GET /n`` tells how many POSTs there were, as soon
as there were ``n``.
"""

from __future__ import annotations

import asyncio
import math
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.outcome import PATIENCE_S

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_ASKED = re.compile(rb"GET /(\d*)")
_BODY = b'{"ok":true,"result":{"message_id":7,"date":1790000000,"chat":{"id":1,"type":"channel"}}}'


def _answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


_ANSWER = _answer(_BODY)


class _Answers(asyncio.Protocol):
    posts = 0
    awaited: tuple[float, asyncio.Transport | None] = math.inf, None
    """How many posts who wants to know of: the clock that runs asks for one number at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._data, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._data) < whole:
                return
            asked = _ASKED.match(self._data)
            self._data = self._data[whole:]
            if asked:
                _Answers.awaited = int(asked[1] or 0), self._transport
            else:
                _Answers.posts += 1
                self._transport.write(_ANSWER)
            if _Answers.posts >= _Answers.awaited[0]:
                _tell()


def _tell() -> None:
    _, who = _Answers.awaited
    _Answers.awaited = math.inf, None
    assert who is not None
    who.write(_answer(b"%d" % _Answers.posts))


@dataclass(frozen=True, slots=True)
class Server:
    """``url`` leads to it from this machine."""

    url: str

    def posts(self, at_least: int = 0) -> int:
        """How many it has answered so far; once there are ``at_least`` so many.

        :raises TimeoutError: there are not, after :data:`~benchmarks.outcome.PATIENCE_S`.
        """
        with urllib.request.urlopen(f"{self.url}/{at_least}", timeout=PATIENCE_S) as answer:
            return int(answer.read())


@contextmanager
def serving() -> Iterator[Server]:
    """A server; its process ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
