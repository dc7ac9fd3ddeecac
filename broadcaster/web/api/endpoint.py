"""An address of the API: what it needs, takes and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ParamSpec, TypeAlias, TypeVar

from aiohttp import web
from pydantic import BaseModel

from broadcaster.app.office import Office, Store
from broadcaster.errors import NotFound
from broadcaster.model import Actor, Json
from broadcaster.web.callers import Caller, required
from broadcaster.web.routes import Need
from broadcaster.web.state import Console, console

P = ParamSpec("P")
R = TypeVar("R")

_LARGEST = 2**63 - 1
"""Of a number that a store keeps."""


class Sends(StrEnum):
    """What a body, or an answer, is made of."""

    JSON = "application/json"
    PROBLEM = "application/problem+json"
    FILE = "application/octet-stream"
    FORM = "multipart/form-data"
    CSV = "text/csv"
    EVENTS = "text/event-stream"
    PAGE = "text/html"


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer."""

    value: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request that was let in, with its checked body and parameters."""

    request: web.Request
    body: BaseModel | None = None
    query: BaseModel | None = None

    @property
    def console(self) -> Console:
        return console(self.request)

    @property
    def office(self) -> Office:
        return self.console.office

    @property
    def store(self) -> Store:
        return self.console.store

    @property
    def caller(self) -> Caller:
        return required(self.request)

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    @property
    def number(self) -> int:
        """The ``id`` of the address.  :raises NotFound: nothing can have it."""
        said = self.request.match_info["id"]
        if said.isascii() and said.isdigit() and 0 < int(said[:20]) <= _LARGEST:
            return int(said[:20])
        raise NotFound("there is nothing of that number")

    @property
    def name(self) -> str:
        return self.request.match_info["name"]

    async def ask(self, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do ``verb`` in the store's thread."""
        return await self.console.ask(verb, *args, **kwargs)


Handle: TypeAlias = Callable[[ApiRequest], Awaitable[Reply | web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A method of an address below ``/api/v1``."""

    method: str
    path: str
    """Its parameters, in braces: ``id`` is a number, all others are names."""
    summary: str
    needs: Need
    handle: Handle
    body: type[BaseModel] | None = None
    optional: bool = False
    """Whether the body may be left out."""
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers that it reads -> what they say; a name with ``!`` is required."""
    takes: tuple[Sends, ...] = (Sends.JSON,)
    answer: type[BaseModel] | None = None
    answers: tuple[Sends, ...] = (Sends.JSON,)
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: "Done"})
    """Of success -> what it means."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusal, beside those that every address has."""
    sensitive: bool = False
    """A person who is signed in by a password must have given it lately."""

    @property
    def operation(self) -> str:
        """Its name in the OpenAPI document."""
        words = [part.strip("{}") for part in self.path.split("/") if part]
        return "_".join([self.method.lower(), *words]).replace(".", "_")
