"""What all handlers of the web process work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from aiohttp import web

from broadcaster.app.office import Office, Store
from broadcaster.web.headers import Client
from broadcaster.web.passwords import Passwords
from broadcaster.web.second_factor import SecondFactors

if TYPE_CHECKING:
    from broadcaster.store.background import BackgroundStore
    from broadcaster.web.callers import Caller  # which needs this module

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Console:
    """One office as the web process serves it."""

    office: Office
    opened: BackgroundStore
    passwords: Passwords
    factors: SecondFactors
    secret: bytes
    """Random, of this process."""

    @property
    def store(self) -> Store:
        """For :meth:`ask`: its verbs wait for the disk, or for a database."""
        return self.opened.store

    async def ask(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do ``verb`` in the store's thread."""
        return await self.opened(verb, *args, **kwargs)


CONSOLE = web.AppKey("console", Console)
REQUEST_ID = web.RequestKey("request_id", str)
CLIENT: web.RequestKey[Client] = web.RequestKey("client", Client)
CALLER: web.RequestKey[Caller | None] = web.RequestKey("caller", object)  # type: ignore[arg-type]
"""None: nobody that is known."""


def console(request: web.Request) -> Console:
    return request.app[CONSOLE]
