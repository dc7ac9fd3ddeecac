"""The base class of clients with an HTTP API of their own."""

from __future__ import annotations

from broadcaster.adapter import Adapter
from broadcaster.kit.http import Http
from broadcaster.model import Account


class HttpAdapter(Adapter):
    """An adapter that makes all its calls through ``self.http``."""

    watched = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.http = Http(account.proxy)

    async def close(self) -> None:
        await self.http.close()
