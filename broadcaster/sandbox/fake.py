"""What a fake platform is: its wire read, its methods, its refusals."""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from aiohttp import web

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.channels import Addressing, FakeChannel
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.fields import UnreadableRequest
from broadcaster.sandbox.switches import Switch


class Refusal(Exception):
    """A call is refused; the fake's ``refuse`` puts it on the wire.

    ``code`` is the platform's own: a status, or a word such as ``INVALID_INPUT``.
    """

    def __init__(self, code: int | str, text: str = "", *, wait: float | None = None) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.wait = wait
        """Seconds after which to try again, where the platform would name them."""


class Fake(ABC):
    """One platform.  An instance holds no state of its own: that is in the Backend of a sandbox."""

    name: ClassVar[str]
    """The folder's name, and the first part of its addresses in the sandbox."""
    title: ClassVar[str]
    """As the pages show it."""
    paths: ClassVar[tuple[str, ...]]
    """Paths behind ``/P`` that are its API, for every verb, in aiohttp's pattern language."""
    posting: ClassVar[frozenset[str]]
    """Methods that publish: what faults hit unless they name others."""
    refusals: ClassVar[Mapping[str, Refusal]]
    """How the platform says 400, 401, 403 and 429, for faults of these kinds."""
    limits: ClassVar[Mapping[str, object]] = {}
    """Its numbers (text, caption, album) as typed from its documents; a test compares them."""
    switches: ClassVar[tuple[Switch, ...]] = ()
    colour: ClassVar[str] = ""
    """Of its pages, as CSS writes it; "" is one made of the name."""
    page_class: ClassVar[str] = ""
    """Prefix of the classes on its public channel page, where programs read that page."""
    page_folder: ClassVar[str] = ""
    """Before a channel's name in the address of the page that lists its posts."""

    @abstractmethod
    async def read(self, backend: Backend, request: web.Request) -> ApiCall:
        """:raises Refusal, UnreadableRequest: it is no call of this platform."""

    @abstractmethod
    async def act(self, backend: Backend, call: ApiCall) -> web.StreamResponse:
        """Do it and answer.  :raises Refusal, UnreadableRequest: it is not done."""

    @abstractmethod
    def refuse(self, backend: Backend, refusal: Refusal) -> web.StreamResponse:
        """A refusal in the platform's own envelope."""

    def fail(self, backend: Backend, call: ApiCall, fault: Fault) -> web.StreamResponse:
        """The answer of an armed fault; a broken server says so in HTML."""
        if fault.kind == "5xx":
            page = (
                "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
            )
            return web.Response(status=502, text=page, content_type="text/html")
        refusal = self.refusals[fault.kind]
        return self.refuse(backend, Refusal(refusal.code, refusal.text, wait=fault.retry_after))

    def unreadable(self, why: str) -> Refusal:
        """How the platform says that it cannot read a request."""
        return Refusal(400, f"Bad Request: {why}")

    def message_id(self, number: int) -> str:
        """The id of the n-th message of a channel."""
        return str(number)

    def is_id(self, address: str) -> bool:
        """Whether an address without ``@`` is the platform's own id of a channel."""
        return address.lstrip("-").isdecimal()

    def id_of(self, username: str) -> str:
        """The id that a channel of this name has: always the same."""
        return str(4_000_000_000 + hashed(username) % 1_000_000_000)

    def name_of(self, chat: str) -> str:
        """The public name of a channel that nobody has named."""
        return f"c{chat.lstrip('-')}"

    def page_data(self, place: FakeChannel) -> str:
        """HTML that programs look for in the channel's public page, besides its messages."""
        return ""

    @property
    def addressing(self) -> Addressing:
        return Addressing(self.is_id, self.id_of, self.name_of)

    async def serve(self, backend: Backend, request: web.Request) -> web.StreamResponse:
        """One request, from the wire to the wire, with the faults that are armed."""
        try:
            call = await self.read(backend, request)
        except (Refusal, UnreadableRequest) as error:
            backend.log(ApiCall(request=request, method=request.match_info.get("method", "")))
            return self._said(backend, error)
        backend.log(call)
        posting = call.method in self.posting
        fault = backend.state.faults.take(self.name, call.method, call.channel, posting=posting)
        match fault.kind if fault else "":
            case "drop-before":
                return hang_up(request)
            case "" | "drop-after" | "slow":
                pass
            case _:
                assert fault is not None
                return self.fail(backend, call, fault)
        try:
            answer = await self.act(backend, call)
        except (Refusal, UnreadableRequest) as error:
            answer = self._said(backend, error)
        if fault and fault.kind == "drop-after":
            return hang_up(request)
        if fault and fault.kind == "slow":
            await pause(backend, fault.seconds)
        return answer

    def _said(self, backend: Backend, error: Refusal | UnreadableRequest) -> web.StreamResponse:
        # many refusals are constants: without this each would keep every call that it refused
        error.__traceback__ = error.__context__ = None
        return self.refuse(
            backend, error if isinstance(error, Refusal) else self.unreadable(str(error))
        )


def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection: of what is returned, nothing reaches the client."""
    if request.transport:
        request.transport.close()
    return web.Response()


async def pause(backend: Backend, seconds: float) -> None:
    """Wait, but not longer than the sandbox lives."""
    try:
        await asyncio.wait_for(backend.state.closing.wait(), seconds)
    except TimeoutError:
        return


def hashed(text: str) -> int:
    """A number that is always the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
