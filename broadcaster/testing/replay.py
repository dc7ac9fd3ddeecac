"""A server that answers as a recording says, to try an adapter on what a platform once answered.

A recording is what ``broadcaster prove`` keeps: ``exchange.jsonl``.  Requests must come as they
were recorded and in their order; the first that differs is answered by 500, and so is every later
one, and :meth:`Replay.check` says what differed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from broadcaster.app.proving.recording import FORM
from broadcaster.secrecy import HIDDEN


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One line; see :mod:`broadcaster.app.proving.recording`."""

    trial: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    """None: no whole answer came."""


@dataclass(frozen=True, slots=True)
class ReplayScript:
    """A whole recording; ``head`` is its first line."""

    head: Mapping[str, Any]
    exchanges: Sequence[RecordedExchange]

    @classmethod
    def read(cls, path: Path) -> Self:
        """:raises ValueError: it is no recording, or one of another form."""
        first, *rest = path.read_text("utf-8").splitlines()
        head = json.loads(first)
        if not isinstance(head, dict) or head.get("form") != FORM:
            raise ValueError(f"{path} is no recording of form {FORM}")
        lines = [json.loads(line) for line in rest]
        return cls(
            head,
            [RecordedExchange(each["trial"], each["request"], each["answer"]) for each in lines],
        )


class Replay:
    """``async with`` it, then give :attr:`url` to an adapter as its ``base_url``.

    ``token``: what the adapter shows, which the recording hides.
    """

    def __init__(self, recorded: ReplayScript, *, token: str) -> None:
        self._waiting = list(recorded.exchanges)
        self._token = token
        self._differs = ""
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def check(self) -> None:
        """:raises AssertionError: a request differed, or did not come."""
        assert not self._differs, self._differs
        waiting = [f"{each.trial}: {each.request['url']}" for each in self._waiting]
        assert not waiting, f"these requests did not come: {waiting}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        came = await self._read(request)
        if not self._differs and not self._waiting:
            self._differs = f"one more request came than was recorded: {came}"
        if self._differs:
            return web.Response(status=500, text=self._differs)
        expected = self._waiting.pop(0)
        wanted = _comparable({name: expected.request.get(name) for name in came})
        if came != wanted:
            self._differs = f"{expected.trial}: {wanted} was recorded, {came} came"
            return web.Response(status=500, text=self._differs)
        return _said(request, expected.answer)

    async def _read(self, request: web.Request) -> dict[str, Any]:
        """A request in the words of a recording."""
        shown: dict[str, Any] = {
            "method": request.method,
            "url": request.path.replace(self._token, HIDDEN),
            "params": dict(request.query),
        }
        if request.content_type != "multipart/form-data":
            body = await request.read()
            return {**shown, "body": body.decode() if body else None}
        form: dict[str, str] = {}
        files: dict[str, Any] = {}
        for name, part in (await request.post()).items():
            if isinstance(part, web.FileField):
                files[name] = {"name": part.filename, "mime": part.content_type}
            else:
                form[name] = str(part)
        return {**shown, "form": form, "files": files}


def _comparable(request: dict[str, Any]) -> dict[str, Any]:
    """Without the sizes of files, which depend on the libraries that made them."""
    files = request.get("files")
    if not files:
        return request
    named = {part: {"name": each["name"], "mime": each["mime"]} for part, each in files.items()}
    return {**request, "files": named}


def _said(request: web.Request, answer: Mapping[str, Any] | None) -> web.StreamResponse:
    """The recorded answer; where there was none, the connection ends."""
    if answer is None:
        if request.transport:
            request.transport.close()
        return web.Response()
    headers = {"Content-Type": "application/json"}
    if answer["retry_after"] is not None:
        headers["Retry-After"] = f"{answer['retry_after']:g}"
    if answer["location"]:
        headers["Location"] = answer["location"]
    body = answer["body"]
    content = body.encode() if isinstance(body, str) else base64.b64decode(body["base64"])
    return web.Response(status=answer["status"], body=content, headers=headers)
