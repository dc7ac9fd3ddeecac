"""What every client of a wire of its own begins with."""

from __future__ import annotations

from broadcaster.adapter import Adapter
from broadcaster.kit.http import Http
from broadcaster.model import Account


class HttpAdapter(Adapter):
    """An adapter all of whose bytes leave through ``self.http``."""

    watched = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.http = Http(account.proxy)

    async def close(self) -> None:
        await self.http.close()
