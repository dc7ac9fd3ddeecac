"""A daemon's engine on a real store, in front of an adapter that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import (
    Adapter,
    Call,
    Editable,
    Fact,
    Found,
    Limits,
    Measure,
    NoKeys,
    Pinnable,
    Platform,
    Probe,
    Proven,
    Recallable,
    Undecided,
    Unpinnable,
    Uploader,
    Verifiable,
)
from broadcaster.config import AccountSettings, ChannelSettings
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.sender import Roster, Sender
from broadcaster.engine.worker import Worker
from broadcaster.model import Account, Channel, Handle, Media, MediaKind, Receipt, State, Text
from broadcaster.store import open_store
from broadcaster.store.checked import CheckedFiles
from broadcaster.store.store import Store
from broadcaster.store.submit import NewPost, Target
from broadcaster.store.views import PostView
from broadcaster.testing.store_office import LATE_AFTER, rendering
from tests.unit.engine.schedule_house import House

PATIENCE_S = 20.0
LIMITS = Limits(
    measure=Measure.CHARS,
    text=Fact(value=4096, source="this test"),
    caption=Fact(value=1024, source="this test"),
    album=Fact(value=(2, 10), source="this test"),
    media={MediaKind.PHOTO: Fact(value=10**7, source="this test")},
    account_rate=Fact(value=None, source="this test"),
    channel_rate=Fact(value=None, source="this test"),
    quiet=Fact(value=None, source="this test"),
    edit_within=Fact(value=timedelta.max, source="this test"),
    recall_within=Fact(value=timedelta.max, source="this test"),
    edits_media=frozenset({MediaKind.PHOTO}),
)


def _encode(text: Text) -> tuple[str, dict[str, Any]]:
    return text.plain, {}


PLATFORM = Platform(
    name="scripted",
    title="آزمون",
    jurisdiction="domestic",
    limits=LIMITS,
    proven=Proven.SANDBOX,
    base_url="http://127.0.0.1",
    senders=4,
    verbs=frozenset({"edit", "recall", "pin"}),
    encode=_encode,
    link=lambda channel, number: None,
    address=str,
)


class Scripted(Adapter, Editable, Recallable, Pinnable, Unpinnable, Uploader, Verifiable):
    """Keeps what it is asked; ``on_send`` decides how a posting call ends.

    It uploads and finds only where its account's ``verbs`` say so.
    """

    platform = PLATFORM
    watched = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.sent: list[Call] = []
        self.probes = 0
        self.at_once = 0
        self.most_at_once = 0
        self.uploaded: list[Media] = []
        self.looked: list[Call] = []
        self.shows: Found = Undecided(why="the page is an old copy")
        self.well = Probe(ok=True, verified=("token",))

    async def on_send(self, call: Call) -> Receipt:
        return Receipt(ids=(f"{call.channel.name}-{len(self.sent)}",))

    async def send(self, call: Call) -> Receipt:
        self.sent.append(call)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            return await self.on_send(call)
        finally:
            self.at_once -= 1

    async def edit(self, call: Call) -> Receipt:
        self.sent.append(call)
        return Receipt(ids=call.ids)

    async def recall(self, call: Call) -> None:
        self.sent.append(call)

    async def pin(self, call: Call) -> None:
        self.sent.append(call)

    async def unpin(self, call: Call) -> None:
        self.sent.append(call)

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        self.uploaded.append(media)
        return Handle(value=f"handle of {media.name}")

    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        self.looked.append(call)
        return self.shows

    async def probe(self, channel: Channel | None) -> Probe:
        self.probes += 1
        return self.well


class Engine:
    """Accounts called as channels begin (``alpha-1`` is a channel of ``alpha``), one store."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.store: Store = open_store(url)
        self.folder = folder
        self.adapters: dict[str, Scripted] = {}
        self.senders: dict[str, Sender] = {}
        self.channels: dict[str, ChannelSettings] = {}

    def channel(self, name: str, **more: Any) -> None:
        account = name.split("-")[0]
        usual = ChannelSettings(
            channel=Channel(name=name, account=account, address=name),
            account=account,
            enabled=True,
            late_after=timedelta(hours=6),
            give_up_after=timedelta(hours=1),
            settle=timedelta(minutes=3),
            on_unknown="ask",
            when_back="ask",
            max_attempts=5,
            rate=None,
        )
        self.channels[name] = replace(usual, **more)
        if account not in self.adapters:
            self.account(account)

    def account(self, name: str, *, verbs: tuple[str, ...] = (), **more: Any) -> None:
        usual = AccountSettings(
            name=name,
            adapter="scripted",
            enabled=True,
            jurisdiction="domestic",
            base_url="http://127.0.0.1",
            senders=4,
            rate=None,
            channel_rate=None,
            config=NoKeys(),
            limits=LIMITS,
        )
        settings = replace(usual, **more)
        adapter = Scripted(Account(name=name, platform="scripted", base_url="http://127.0.0.1"))
        self.adapters[name] = adapter
        platform = replace(PLATFORM, verbs=PLATFORM.verbs.union(verbs))
        self.senders[name] = Sender(
            settings, adapter, platform, self.channels, files=CheckedFiles(self.folder).lend
        )

    def post(self, *channels: str, texts: tuple[str, ...] = (), **more: Any) -> int:
        targets = tuple(
            Target(
                channel=name,
                account=name.split("-")[0],
                rendering=rendering(*texts),
                deadline=self.store.health().now + LATE_AFTER,
            )
            for name in channels
        )
        return self.store.enqueue([NewPost(source="متن", targets=targets, **more)])[0].post

    def view(self, post: int) -> PostView:
        return self.store.post(post)

    def states(self, post: int) -> dict[str, State]:
        return {each.delivery.channel: each.delivery.state for each in self.view(post).deliveries}

    def worker(self, owner: str = "daemon") -> Worker:
        # with a store of its own, as the daemon is a process of its own
        runtime = Runtime.of(owner, open_store(self.url))
        return Worker(runtime, Roster(dict(self.senders), dict(self.channels)))

    @asynccontextmanager
    async def running(self, worker: Worker | None = None) -> AsyncIterator[Worker]:
        """A worker at work for this block, stopped and awaited after it."""
        worker = worker or self.worker()
        ready = asyncio.Event()
        task = asyncio.create_task(worker.run(ready=ready.set))
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait(
                [task, waiting := asyncio.create_task(ready.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
        waiting.cancel()
        try:
            yield worker
        finally:
            worker.stop()
            async with asyncio.timeout(PATIENCE_S):
                await task

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 (another process's rows ring no event here)
                await asyncio.sleep(0.01)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(f"sqlite:///{tmp_path}/q.db", tmp_path)
    yield engine
    engine.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()
