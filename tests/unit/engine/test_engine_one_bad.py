"""Whatever one delivery, account or chore raises: it fails alone, and the daemon goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broadcaster import config
from broadcaster.adapter import Adapter, Call
from broadcaster.adapter import Probe as Probed
from broadcaster.config import AccountSettings, Settings
from broadcaster.daemon.accounts import AccountPool, BrokenClient
from broadcaster.discovery import Platforms
from broadcaster.engine.breaker import Position
from broadcaster.engine.schedule import Ticker
from broadcaster.errors import Unavailable
from broadcaster.model import Account, Channel, Digest, Media, MediaKind, Receipt, State
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import LATE_AFTER, rendering

GOOD = 6


def good(engine: Any) -> list[int]:
    for n in range(GOOD):
        engine.channel(f"alpha-{n}")
    return [engine.post(f"alpha-{n}", texts=(f"خوب {n}",)) for n in range(GOOD)]


def delivered(engine: Any, posts: list[int]) -> int:
    return sum(engine.view(post).state == "delivered" for post in posts)


async def test_a_delivery_that_cannot_be_made_ready_fails_alone(engine: Any) -> None:
    """Its file leads nowhere, in a way that nobody thought of."""
    engine.channel("alpha-bad")

    @asynccontextmanager
    async def files(media: Sequence[Media]) -> AsyncIterator[Mapping[Digest, Path]]:
        if media:
            raise ValueError("embedded null byte")
        yield {}

    sender = engine.senders["alpha"]
    sender._files = files
    media = Media(digest="0" * 64, kind=MediaKind.PHOTO, name="x", mime="image/jpeg", size=1)
    target = Target(
        channel="alpha-bad",
        account="alpha",
        rendering=rendering("بد", media=[media]),
        deadline=engine.store.health().now + LATE_AFTER,
    )
    bad = engine.store.enqueue([NewPost(source="x", targets=(target,))])[0].post
    posts = good(engine)
    assert await engine.worker().run(drain=True) == 3
    assert delivered(engine, posts) == GOOD
    (view,) = engine.view(bad).deliveries
    assert view.delivery.state is State.FAILED
    assert "a bug of ours (ValueError)" in view.delivery.reason


async def test_a_fault_around_a_call_leaves_that_delivery_in_doubt_and_no_other(
    engine: Any,
) -> None:
    engine.channel("alpha-bad")
    bad = engine.post("alpha-bad", texts=("بد",))
    posts = good(engine)
    sender = engine.senders["alpha"]
    policy = sender._policy

    def broken(channel: Any) -> Any:
        if channel.channel.name == "alpha-bad":
            raise KeyError("x")
        return policy(channel)

    sender._policy = broken
    assert await engine.worker().run(drain=True) == 4
    assert delivered(engine, posts) == GOOD
    (view,) = engine.view(bad).deliveries
    assert view.delivery.state is State.UNKNOWN
    assert "KeyError" in view.delivery.reason
    assert engine.adapters["alpha"].sent[0].channel.name != "alpha-bad"


async def test_faults_in_a_row_rest_the_account_and_no_other(engine: Any) -> None:
    """A program that is broken itself puts few deliveries in doubt, not the whole queue."""
    for n in range(20):
        engine.channel(f"alpha-{n}")
    engine.channel("beta-1")
    engine.account("alpha", senders=1)
    posts = [engine.post(f"alpha-{n}") for n in range(20)]
    other = engine.post("beta-1")

    def broken(channel: Any) -> Any:
        raise KeyError("x")

    engine.senders["alpha"]._policy = broken
    async with engine.running():
        await engine.until(lambda: engine.view(other).state == "delivered")
        await engine.until(lambda: engine.senders["alpha"].breaker.position is Position.OPEN)
        states = [engine.view(post).state for post in posts]
    assert states.count("unknown") <= 4
    assert states.count("waiting") >= 16


@pytest.mark.parametrize("end", [SystemExit("token 123:abc"), RecursionError(), MemoryError()])
async def test_an_adapter_ends_its_own_call_only(engine: Any, end: BaseException) -> None:
    engine.channel("beta-1")

    async def ends(call: Call) -> Receipt:
        raise end

    engine.adapters["beta"].on_send = ends
    bad = engine.post("beta-1")
    posts = good(engine)
    assert await engine.worker().run(drain=True) in (3, 4)
    assert delivered(engine, posts) == GOOD
    assert "123:abc" not in engine.view(bad).deliveries[0].delivery.reason


async def test_a_chore_that_fails_is_said_once_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries, other = 0, 0

    async def fails() -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise OSError(5, "x")

    async def goes() -> None:
        nonlocal other
        other += 1

    ticker = Ticker({"a": (0.02, fails), "b": (0.02, goes)})
    async with asyncio.timeout(10):
        while tries < 2:  # noqa: ASYNC110 (the clock rings no event here)
            await asyncio.sleep(0.01)
        assert ticker.failing == {"a": "OSError"}
        while tries < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    ticker.stop()
    assert ticker.failing == {}
    assert other > 1
    assert [each.message for each in caplog.records if each.exc_info] == [
        "a failed, and is tried again"
    ]


CONFIG = """
[platforms.bale]
[platforms.gap]
[platforms.eitaa]
[channels.a]
platform = "bale"
address = "@x_news"
"""


class Client(Adapter):
    watched = True

    def __init__(self, account: AccountSettings, fails: str) -> None:
        super().__init__(
            Account(name=account.name, platform=account.adapter, base_url=account.base_url)
        )
        self.fails = fails
        if fails == "init":
            raise ZeroDivisionError
        if fails == "exit":
            raise SystemExit(3)

    async def open(self) -> None:
        if self.fails == "open":
            raise ZeroDivisionError

    async def close(self) -> None:
        CLOSED.append(self.account.name)
        if self.fails == "close":
            raise SystemExit(3)

    async def send(self, call: Call) -> Receipt:
        raise Unavailable("not here")

    async def probe(self, channel: Channel | None) -> Probed:
        return Probed(ok=True)


CLOSED: list[str] = []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "broadcaster.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return config.load(path, Platforms())


@pytest.mark.parametrize("fails", ["init", "exit", "open", "close"])
async def test_a_client_that_cannot_begin_or_end_keeps_no_other_from_it(
    settings: Settings, fails: str
) -> None:
    CLOSED.clear()
    pool = AccountPool(
        Platforms(), lambda account: Client(account, fails if account.name == "bale" else "")
    )
    replaced = await pool.apply(settings, pool.build_clients(settings))
    assert replaced == []
    senders = pool.senders()
    assert set(senders) == {"bale", "gap", "eitaa"}
    if fails != "close":
        bale = senders["bale"]
        assert isinstance(bale.adapter, BrokenClient)
        assert bale.breaker.position is Position.OPEN
        assert "repair it" in bale.breaker.reason
        assert await bale.probe(lambda: "") is not None
        assert bale.want(bale.allowance(half=False)).count == 0
        good = AccountPool(Platforms(), lambda account: Client(account, ""))
        await pool.apply(
            settings, good.build_clients(replace(settings))
        )  # the config is read again
        assert isinstance(pool.senders()["bale"].adapter, Client)
    await pool.close()
    assert {"gap", "eitaa"} <= set(CLOSED)
