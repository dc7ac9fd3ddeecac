"""The direct transport is tried before it is used; without it everything goes all the same."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from aiohttp.connector import Connection

from broadcaster.errors import Unavailable
from broadcaster.kit import fits
from broadcaster.kit.direct import DirectTransport
from broadcaster.kit.fits import CHOICE, misfit, transport
from broadcaster.kit.http import Http
from broadcaster.kit.passage import Passage
from broadcaster.kit.public import PublicTransport
from broadcaster.kit.wire import Wire, watch
from broadcaster.testing.loopback import Loopback, answer, refused_port


class _AsksNobody(DirectTransport):
    """Writes without asking whether it may."""

    async def _exchange(
        self, connection: Connection, head: bytes, body: bytes, passage: Passage
    ) -> Any:
        passage.begun = True
        return await super()._exchange(connection, head, body, Passage(float("inf")))


class _ReadsAnother(DirectTransport):
    async def _exchange(
        self, connection: Connection, head: bytes, body: bytes, passage: Passage
    ) -> Any:
        return await super()._exchange(connection, head, b"x", passage)


class _Raises(DirectTransport):
    async def _exchange(self, *_: Any) -> Any:
        raise AttributeError("protocol")


class _Hangs(DirectTransport):
    async def _exchange(self, *_: Any) -> Any:
        await asyncio.sleep(60)


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHOICE, raising=False)
    monkeypatch.setattr(fits._Chosen, "kind", None)


async def test_aiohttp_is_as_we_know_it() -> None:
    assert await misfit(DirectTransport) == ""
    chosen = await transport(None, guard=None, clock=lambda: 0.0)
    assert isinstance(chosen, DirectTransport)


@pytest.mark.parametrize("kind", [_AsksNobody, _ReadsAnother, _Raises, _Hangs])
async def test_another_inside_is_found_out_and_posts_go_by_the_public_transport(
    kind: type[DirectTransport],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(fits, "WITHIN_S", 0.5)
    assert await misfit(kind)
    monkeypatch.setattr(fits, "DirectTransport", kind)
    http = Http()
    with caplog.at_level(logging.WARNING):
        async with Loopback(answer(200, b"{}")) as server:
            for _ in range(2):
                assert (await http.post(server.url, data={"text": "سلام"})).status == 200
    assert type(http._transport) is PublicTransport
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    await http.close()


async def test_the_trial_touches_no_wire() -> None:
    http = Http()
    with watch(Wire()) as wire, pytest.raises(Unavailable):
        await http.post(f"http://127.0.0.1:{refused_port()}", raw=b"x")
    assert not wire.touched
    await http.close()


async def test_a_choice_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "fast")
    with pytest.raises(ValueError, match="public, direct"):
        await transport(None, guard=None, clock=lambda: 0.0)
