"""How python-telegram-bot reaches the wire: through the kit, never its own HTTP client.

The library logs its address at DEBUG and shows its token in ``repr``, so it is given
:data:`NO_TOKEN`; the real one joins the method's name here.

It puts requests together, and reads no answers: it wants more of them than we do, and would take
two fifths of a call to build objects of which nothing is used (docs/benchmarks/history.md).
Whatever a call comes to leaves it as an exception of its own kind, which it lets pass.
"""

from __future__ import annotations

import time
from typing import Any, NoReturn

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from broadcaster.errors import SendError
from broadcaster.kit.botapi import BotApi
from broadcaster.kit.http import PATIENCE_S, Part
from broadcaster.model import Json

NO_TOKEN = "0:kept-from-the-library"  # noqa: S105 (none at all)


class Answered(TelegramError):
    """The ``result`` of a good answer, as Telegram gave it."""

    def __init__(self, result: Json) -> None:
        super().__init__("see .result")
        self.result = result


class Failed(TelegramError):
    """Our own classified error, for the library wraps all that are not its own."""

    def __init__(self, error: SendError) -> None:
        super().__init__("see .error")
        self.error = error


class KitRequest(BaseRequest):
    """Never returns; ``read_timeout`` is the time left to a call's deadline."""

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
    ) -> NoReturn:
        """:raises Answered: it was good.
        :raises Failed: it was not.
        """
        left = read_timeout if isinstance(read_timeout, float) else PATIENCE_S
        files = request_data.multipart_data if request_data else {}
        failure: SendError
        try:
            result = await self._api.relay(
                url.rpartition("/")[2],
                request_data.json_parameters if request_data else {},
                {name: Part(*field) for name, field in files.items()},
                deadline=time.monotonic() + left,
            )
        except SendError as error:
            failure = error
        else:
            raise Answered(result)  # by no name: it would hold itself by way of this frame
        raise Failed(failure)
