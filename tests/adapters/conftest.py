"""What the tests of the clients share: accounts, calls to make, and the fake of a contract."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from broadcaster.adapter import Call
from broadcaster.discovery import load_part
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Message, Secret

collect_ignore = ["outside"]  # a package of its own, see test_outside_package


@pytest_asyncio.fixture
async def sandbox(request: pytest.FixtureRequest, each_transport: str) -> AsyncIterator[str]:
    """The address of a fresh sandbox that fakes the platform of a contract's ``adapter``.

    A contract is run over each transport of the kit.
    """
    from broadcaster.sandbox import server  # here: the other tests need no fake

    name: str = request.cls.adapter.platform.name
    fakes = {name: load_part(name, "sandbox").FAKE}
    running = await server.start(fakes, host="127.0.0.1", port=0, ledger=None, switches=None)
    yield running.url
    await running.stop()


class Wire:
    """Calls to the fake of one platform as others' clients put them; no client of ours."""

    def __init__(self, platform: str, url: str, session: aiohttp.ClientSession) -> None:
        self.platform = platform
        self.base = f"{url}/{platform}"
        self._control = f"{url}/_sandbox"
        self._session = session

    async def call(self, path: str, verb: str = "POST", **how: Any) -> tuple[int, Any]:
        """Status and body, which is parsed where it is JSON; ``path`` may be a whole address."""
        url = path if "://" in path else f"{self.base}/{path}"
        async with self._session.request(verb, url, **how) as answer:
            content = await answer.read()
            return answer.status, json.loads(content) if "json" in answer.content_type else content

    async def messages(self) -> list[dict[str, Any]]:
        """The ledger."""
        _, found = await self.call(f"{self._control}/messages", "GET")
        return list(found)

    async def last(self) -> dict[str, Any]:
        return (await self.messages())[-1]

    async def requests(self) -> list[dict[str, Any]]:
        _, found = await self.call(f"{self._control}/requests", "GET")
        return list(found)

    async def switch(self, name: str, value: str) -> None:
        said = {"platform": self.platform, "name": name, "value": value}
        assert (await self.call(f"{self._control}/switches", json=said))[0] == 200

    async def arm(self, kind: str, **more: Any) -> None:
        said = {"platform": self.platform, "kind": kind, **more}
        assert (await self.call(f"{self._control}/faults", json=said))[0] == 200


@pytest_asyncio.fixture
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    """A fresh sandbox of the platform that the test's module names."""
    from broadcaster.sandbox import server  # here: the other tests need no fake

    name: str = request.module.PLATFORM
    fakes = {name: load_part(name, "sandbox").FAKE}
    running = await server.start(fakes, host="127.0.0.1", port=0, ledger=None, switches=None)
    async with aiohttp.ClientSession() as session:
        yield Wire(name, running.url, session)
    await running.stop()


@pytest.fixture
def account() -> Callable[[str], Account]:
    """An account of a client under test, at this base address."""

    def at(base_url: str) -> Account:
        token = Secret("123456789:AAsecretAAsecretAAsecretAAsecret")
        return Account(name="acc", platform="p", token=token, base_url=base_url)

    return at


@pytest.fixture
def media(tmp_path: Path) -> Callable[..., Media]:
    """A file of this digest and kind, written to disk."""

    def written(digest: str, kind: MediaKind = MediaKind.PHOTO, **more: Any) -> Media:
        (tmp_path / digest).write_bytes(f"bytes of {digest}".encode())
        return Media(
            digest=digest, kind=kind, name=f"پرونده‌ی {digest}.bin", mime="x/y", size=10, **more
        )

    return written


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Call]:
    """A call to send a message; ``handles`` are the digests whose handle is known."""

    def of(message: Message, *, handles: tuple[str, ...] = (), **more: Any) -> Call:
        return Call(
            channel=Channel(name="news", account="acc", address="@akhbar"),
            message=message,
            key="k",
            deadline=time.monotonic() + 10,
            paths={each.digest: tmp_path / each.digest for each in message.media},
            handles={
                each.key: Handle(value=f"id-{each.digest}")
                for each in message.media
                if each.digest in handles
            },
            **more,
        )

    return of
