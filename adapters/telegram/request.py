"""How python-telegram-bot reaches the wire: through the kit, never its own HTTP client.

The library logs its address at DEBUG and shows its token in ``repr``, so it is given
:data:`NO_TOKEN`; the real one joins the method's name here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from broadcaster.errors import SendError
from broadcaster.kit.botapi import BotApi
from broadcaster.kit.http import PATIENCE_S, Part
from broadcaster.model import Json

NO_TOKEN = "0:kept-from-the-library"  # noqa: S105 (none at all)


@dataclass(slots=True)
class Said:
    """The ``result`` of a good answer, as Telegram gave it; None while there is none."""

    result: Json = None


_said: ContextVar[Said] = ContextVar("said")


@contextmanager
def listening() -> Iterator[Said]:
    """Hear what Telegram itself answers to the library's call inside."""
    token = _said.set(Said())
    try:
        yield _said.get()
    finally:
        _said.reset(token)


class Failed(TelegramError):
    """Carries our own classified error out through the library, which wraps all others."""

    def __init__(self, error: SendError) -> None:
        super().__init__("see .error")
        self.error = error


class KitRequest(BaseRequest):
    """Answers with good envelopes only; ``read_timeout`` is the time left to a call's deadline."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float:
        return PATIENCE_S

    async def initialize(self) -> None:
        """Nothing to do: the kit connects when it is first used."""

    async def shutdown(self) -> None:
        await self._api.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *_timeouts: Any,
        **_more_timeouts: Any,
    ) -> tuple[int, bytes]:
        left = read_timeout if isinstance(read_timeout, float) else PATIENCE_S
        files = request_data.multipart_data if request_data else {}
        failure: SendError
        try:
            answer, result = await self._api.answer(
                url.rpartition("/")[2],
                request_data.json_parameters if request_data else {},
                {name: Part(*field) for name, field in files.items()},
                deadline=time.monotonic() + left,
            )
        except SendError as error:
            failure = error
        else:
            _said.get().result = result
            return answer.status, answer.body
        raise Failed(failure)
