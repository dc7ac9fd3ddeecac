"""An account whose breaker is not closed finds its way back, whatever its lanes wait for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from broadcaster.adapter import Call, Present, Probe
from broadcaster.engine import breaker
from broadcaster.engine.breaker import Position
from broadcaster.errors import OutcomeUnknown, Unavailable
from broadcaster.kit.wire import current
from broadcaster.model import Receipt, State
from broadcaster.store.media import take
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import rendering


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_WAIT_S", 0.1)


@pytest.mark.parametrize("well", [True, False], ids=["half-open", "open"])
async def test_what_is_in_doubt_is_looked_for_while_the_breaker_is(engine: Any, well: bool) -> None:
    """Every lane waits for a look, so no delivery comes that could close the breaker."""
    engine.account("alpha", verbs=("find",))
    for number in range(3):
        engine.channel(f"alpha-{number}", settle=timedelta(seconds=12))
    adapter = engine.adapters["alpha"]
    adapter.well = Probe(ok=well)
    adapter.shows = Present(ids=("7",))

    async def lost(call: Call) -> Receipt:
        current().touch()
        raise OutcomeUnknown("no answer came in time")

    adapter.on_send = lost
    post = engine.post(*engine.channels)
    async with engine.running():
        await engine.until(lambda: set(engine.states(post).values()) == {State.DELIVERED})
    assert len(adapter.sent) == len(adapter.looked) == 3
    position = Position.HALF_OPEN if well else Position.OPEN
    assert engine.senders["alpha"].breaker.position is position


async def test_a_delivery_with_a_file_can_close_a_half_open_breaker(engine: Any) -> None:
    """Its first call is an upload, and nothing else is there to be sent."""
    engine.account("alpha", verbs=("upload",))
    engine.channel("alpha-1")
    picture = engine.folder / "نقشه.png"
    Image.new("RGB", (8, 8)).save(picture)
    media = take(picture, engine.folder)
    adapter = engine.adapters["alpha"]
    refusals = [Unavailable("no route")] * breaker.THRESHOLD
    upload = adapter.upload

    async def upload_at_last(*args: Any, **more: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await upload(*args, **more)

    adapter.upload = upload_at_last
    said = rendering("نقشهٔ راه", media=[media])
    target = Target(channel="alpha-1", account="alpha", rendering=said)
    new = NewPost(source="نقشهٔ راه", media=(media,), targets=(target,))
    post = engine.store.enqueue([new])[0].post
    async with engine.running():
        await engine.until(lambda: engine.states(post) == {"alpha-1": State.DELIVERED})
    assert engine.senders["alpha"].breaker == breaker.CLOSED
    assert adapter.probes, "the breaker was open"
