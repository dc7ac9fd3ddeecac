"""A daemon's engine on PostgreSQL, in front of an adapter that does what a test tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from broadcaster.adapter import Uploader
from broadcaster.engine.sender import Sender
from broadcaster.engine.worker import Worker
from broadcaster.model import Account, Channel, Handle, Media, State
from broadcaster.store.changes import Close
from broadcaster.store.checked import CheckedFiles
from broadcaster.store.live import Cause
from broadcaster.store.media import blob
from broadcaster.store.postgresql.address import Address
from broadcaster.store.postgresql.connection import Connection
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import LATE_AFTER, file, rendering
from tests.store.relay import Relay
from tests.unit.engine.conftest import PLATFORM, Engine, Scripted

UPLOADS = replace(PLATFORM, verbs=PLATFORM.verbs | {"upload"})
PICTURE = replace(file(), digest=sha256(b"picture").hexdigest())

NAMES = [f"alpha-{number}" for number in range(WIDE)]
FULL = """
create function broadcaster.full() returns trigger language plpgsql
as $$ begin raise disk_full; end $$;
create trigger disk_is_full before insert on broadcaster.deliveries
for each row execute function broadcaster.full();
"""


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(url, tmp_path)
    for name in (*NAMES, "beta-1"):
        engine.channel(name)
    yield engine
    engine.store.close()


async def test_a_drain_sees_what_is_made_beside_it_to_its_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody switches another channel off in the very turn that finds the post due."""
    worker = engine.worker()
    health = worker.runtime.store.health

    async def first() -> None:
        engine.post(*NAMES)
        engine.store.change("من", Close(channels=("beta-1",), cause=Cause.OFF))

    def slow(**more: Any) -> Any:
        time.sleep(0.2)  # the deliveries are made meanwhile
        return health(**more)

    monkeypatch.setattr(worker.runtime.store, "health", slow)
    worker._first = first
    assert await worker.run(drain=True) == 0
    assert len(engine.adapters["alpha"].sent) == WIDE


async def test_wide_posts_go_out_though_nothing_can_be_made_beside_the_ticks(
    engine: Engine, url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    worker = engine.worker()
    database = url.split("/")[3].split("?")[0]
    with Relay(postgres.folder) as relay:
        worker.runtime.store._aside = Connection(Address(relay.url(database), None))  # type: ignore[attr-defined]
        async with engine.running(worker):
            relay.dark()
            first, second = engine.post(*NAMES), engine.post(*NAMES)
            await engine.until(lambda: set(engine.states(first).values()) == {State.DELIVERED})
            await engine.until(lambda: set(engine.states(second).values()) == {State.DELIVERED})
            assert caplog.text.count("beside the ticks") == 1
            relay.light()
            third = engine.post(*NAMES)
            await engine.until(lambda: set(engine.states(third).values()) == {State.DELIVERED})
            assert not worker.turns.fan_out._failing
    assert len(engine.adapters["alpha"].sent) == 3 * WIDE


async def turned(worker: Worker, seconds: float) -> int:
    before = sum(worker.runtime.meter.turns)
    await asyncio.sleep(seconds)
    return sum(worker.runtime.meter.turns) - before


async def test_a_fan_out_that_must_wait_holds_up_no_message(engine: Engine, url: str) -> None:
    """Another daemon stands still while it makes deliveries."""
    worker = engine.worker()
    first = engine.post("alpha-0", texts=("یک", "دو", "سه"))
    with psycopg.connect(url) as other:
        async with engine.running(worker):
            other.execute("lock table broadcaster.fan_outs_turn in exclusive mode")
            wide = engine.post(*NAMES)
            await engine.until(lambda: set(engine.states(first).values()) == {State.DELIVERED})
            assert await turned(worker, 1) < 50  # it does not ask all the time
            other.rollback()
            await engine.until(lambda: set(engine.states(wide).values()) == {State.DELIVERED})


async def test_a_disk_that_is_full_is_not_asked_all_the_time(
    engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = engine.worker()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(FULL)
        try:
            async with engine.running(worker):
                wide = engine.post(*NAMES)
                await engine.until(lambda: worker.turns.fan_out._failing)
                assert await turned(worker, 1) < 50
                admin.execute("drop function broadcaster.full cascade")
                await engine.until(lambda: set(engine.states(wide).values()) == {State.DELIVERED})
        finally:
            admin.execute("drop function if exists broadcaster.full cascade")


async def test_an_upload_that_outlived_its_lease_ends_nothing_but_itself(
    engine: Engine, url: str
) -> None:
    """Another daemon has freed its lane, and this one has claimed it anew."""
    engine.account("gamma")
    engine.channel("gamma-1")
    path = blob(engine.folder, PICTURE.digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture")
    adapter = engine.adapters["gamma"] = Waiting(engine.adapters["gamma"].account)
    engine.senders["gamma"] = Sender(
        engine.senders["gamma"].settings,
        adapter,
        UPLOADS,
        engine.channels,
        files=CheckedFiles(engine.folder).lend,
    )
    worker = engine.worker()
    async with engine.running(worker):
        target = Target(
            channel="gamma-1",
            account="gamma",
            rendering=rendering("نقشه", media=[PICTURE]),
            deadline=engine.store.health().now + LATE_AFTER,
        )
        new = NewPost(source="نقشه", media=(PICTURE,), targets=(target,))
        post = engine.store.enqueue([new])[0].post
        await engine.until(lambda: len(adapter.begun) == 1)
        with psycopg.connect(url) as other:
            other.execute("delete from broadcaster.uploads")
            other.execute(
                "update broadcaster.lanes set owner = null, leased_until = null, delivery = null,"
                " waits_for = null, wake_at = 1 where owner is not null"
            )
        worker.runtime.wake.set()
        await engine.until(lambda: len(adapter.begun) == 2)
        for upload in adapter.begun:
            upload.set()
            await asyncio.sleep(0.1)
        await engine.until(lambda: engine.states(post) == {"gamma-1": State.DELIVERED})
        assert worker.turns.fan_out.bug is None
        await engine.until(lambda: worker.turns.in_flight.claims == {})
    assert len(adapter.sent) == 1


class Waiting(Scripted, Uploader):
    """Each upload waits for its event."""

    platform = UPLOADS

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.begun: list[asyncio.Event] = []

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        self.begun.append(mine := asyncio.Event())
        await mine.wait()
        return Handle(value="f1")
