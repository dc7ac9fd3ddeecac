"""What the tests of the clients share: accounts, calls to make, and the fake of a contract."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from broadcaster.adapter import Call
from broadcaster.discovery import load_part
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Message, Secret

collect_ignore = ["outside"]  # a package of its own, see test_outside_package


@pytest_asyncio.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a fresh sandbox that fakes the platform of a contract's ``adapter``."""
    from broadcaster.sandbox import server  # here: the other tests need no fake

    name: str = request.cls.adapter.platform.name
    fakes = {name: load_part(name, "sandbox").FAKE}
    running = await server.start(fakes, host="127.0.0.1", port=0, ledger=None, switches=None)
    yield running.url
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
            handles={digest: Handle(value=f"id-{digest}") for digest in handles},
            **more,
        )

    return of
