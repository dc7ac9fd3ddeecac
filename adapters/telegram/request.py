"""How python-telegram-bot reaches the wire: through the kit, never its own HTTP client.

The library logs its address at DEBUG and shows its token in ``repr``, so it is given
:data:`NO_TOKEN`; the real one joins the method's name here.

The library's errors keep little of an answer.  So what was answered to a call is kept beside it, in
the :class:`Exchange` of the task that asked.
"""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from typing import Any, Self

from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from broadcaster.errors import SendError
from broadcaster.kit.botapi import BotApi, says_yes
from broadcaster.kit.http import PATIENCE_S, Answer, FilePart

NO_TOKEN = "0:kept-from-the-library"  # noqa: S105 (none at all)


class Exchange:
    """What one call of the library, made inside, has asked for and was told."""

    __slots__ = ("_token", "answer", "method")

    def __init__(self) -> None:
        self.method = ""
        self.answer: Answer | None = None

    def __enter__(self) -> Self:
        self._token: Token[Exchange] = _exchange.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _exchange.reset(self._token)
        self.answer = None  # timers of the event loop may hold on to this context for a while


_exchange: ContextVar[Exchange] = ContextVar("exchange")


class Unanswered(NetworkError):
    """Our own error of a call that no answer came to, classified; the library lets it pass."""

    def __init__(self, error: SendError) -> None:
        super().__init__("no answer")
        self.error = error


class KitRequest(BaseRequest):
    """``read_timeout`` is the time left to a call's deadline."""

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
        """:raises Unanswered: there is none."""
        left = read_timeout if isinstance(read_timeout, float) else PATIENCE_S
        files = request_data.multipart_data if request_data else {}
        current = _exchange.get()
        current.method = url.rpartition("/")[2]
        failure: SendError
        try:
            current.answer = answer = await self._api.relay(
                current.method,
                request_data.json_parameters if request_data else {},
                {name: FilePart(*field) for name, field in files.items()},
                deadline=time.monotonic() + left,
            )
        except SendError as error:
            failure = error
        else:
            return answer.status, answer.body
        raise Unanswered(failure)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The envelope of a good answer, read as everything from outside is.

        :raises TelegramError: it is no clear yes.
        """
        envelope = Answer(200, payload).json()
        if not isinstance(envelope, dict) or not says_yes(envelope):
            raise TelegramError("no clear yes")
        return envelope
