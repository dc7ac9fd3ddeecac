"""Uploads that are done and wait for a free sender, while the settings change under them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Call, Uploader
from broadcaster.engine.deliver import CALL_S, SLOWEST_UPLOAD
from broadcaster.engine.sender import Roster, Sender
from broadcaster.engine.worker import Worker
from broadcaster.model import Channel, Handle, Media, Receipt
from broadcaster.store.changes import Release
from broadcaster.store.checked import CheckedFiles
from broadcaster.store.media import blob
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import LATE_AFTER, file, rendering
from tests.unit.engine.conftest import PLATFORM, Scripted

UPLOADS = replace(PLATFORM, verbs=PLATFORM.verbs | {"upload"})
PICTURE = replace(file(), digest=sha256(b"picture").hexdigest())


class Uploading(Scripted, Uploader):
    platform = UPLOADS

    async def upload(
        self, media: Media, path: Path, channel: Channel, *, deadline: float
    ) -> Handle:
        return Handle(value="f1")


@pytest.fixture
def office(engine: Any) -> Any:
    """One account with a single sender, and a channel for each of two posts."""
    engine.account("alpha", senders=1)
    engine.channel("alpha-1")
    engine.channel("alpha-2")
    path = blob(engine.folder, PICTURE.digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture")
    engine.adapters["alpha"] = Uploading(engine.adapters["alpha"].account)
    engine.senders["alpha"] = _sender(engine)
    return engine


def _sender(engine: Any) -> Sender:
    settings = engine.senders["alpha"].settings
    files = CheckedFiles(engine.folder).lend
    return Sender(settings, engine.adapters["alpha"], UPLOADS, engine.channels, files=files)


def _picture(engine: Any, picture: Media = PICTURE) -> int:
    deadline = engine.store.health().now + LATE_AFTER
    shown = rendering("نقشه", media=[picture])
    target = Target(channel="alpha-2", account="alpha", rendering=shown, deadline=deadline)
    new = NewPost(source="نقشه", media=(picture,), targets=(target,))
    return int(engine.store.enqueue([new])[0].post)


async def _uploaded_behind_a_busy_sender(engine: Any, worker: Worker, go: asyncio.Event) -> int:
    async def wait(call: Call) -> Receipt:
        if call.channel.name == "alpha-1":
            await go.wait()
        return Receipt(ids=("1",))

    engine.adapters["alpha"].on_send = wait
    engine.post("alpha-1")
    await engine.until(lambda: bool(engine.adapters["alpha"].sent))
    post = _picture(engine)
    await engine.until(lambda: bool(engine.senders["alpha"].ready))
    return post


async def test_what_an_account_had_uploaded_goes_out_when_it_is_back(office: Any) -> None:
    go = asyncio.Event()
    async with office.running() as worker:
        post = await _uploaded_behind_a_busy_sender(office, worker, go)
        channels = dict(office.channels)
        off = {name: replace(each, enabled=False) for name, each in channels.items()}
        await worker.adopt(Roster({}, off))
        go.set()
        await office.until(lambda: office.view(post).state == "held")
        await worker.adopt(Roster({"alpha": _sender(office)}, channels))
        office.store.change("مسئول", Release(channels=("alpha-2",)))
        await office.until(lambda: office.view(post).state == "delivered")


async def test_an_account_that_leaves_does_not_keep_drain_from_ending(office: Any) -> None:
    go = asyncio.Event()
    worker = office.worker()
    draining = asyncio.create_task(worker.run(drain=True))
    office.post("alpha-1")
    post = await _uploaded_behind_a_busy_sender(office, worker, go)
    await worker.adopt(Roster({}, dict(office.channels)))
    go.set()
    async with asyncio.timeout(10):
        assert await draining == 3
    assert office.view(post).state == "held"


async def test_the_send_of_an_uploaded_file_has_the_time_of_its_size(office: Any) -> None:
    left: list[float] = []

    async def note(call: Call) -> Receipt:
        left.append(call.deadline - time.monotonic())
        return Receipt(ids=("1",))

    office.adapters["alpha"].on_send = note
    async with office.running():
        post = _picture(office, replace(PICTURE, size=100 * SLOWEST_UPLOAD))
        await office.until(lambda: office.view(post).state == "delivered")
    assert CALL_S + 90 < left[0] <= CALL_S + 100
