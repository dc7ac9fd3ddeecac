"""Whether a dead Telegram slows Bale: measured side by side, printed, and asserted by nobody."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from broadcaster.model import State
from tests.e2e.proof.bureau import Bureau, Plan
from tests.e2e.proof.processes import LOOK_S, PATIENCE_S
from tests.e2e.proof.proxy import Blackhole
from tests.e2e.proof.texts import announcement

PAIRS = 5
PACE_S = 0.05
"""What the server takes for each answer."""
CHANNELS, POSTS, SENDERS = 10, 20, 4
GOAL = 1.15


def measure() -> str:
    """One line: medians of both sides, and their ratio."""
    _seconds(dead=True)
    pairs = [(_seconds(dead=True), _seconds(dead=False)) for _ in range(PAIRS)]
    dead, alone = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    return (
        f"bale, {CHANNELS * POSTS} messages at {PACE_S * 1000:.0f} ms: {dead:.2f} s beside a dead"
        f" telegram, {alone:.2f} s alone; ratio {ratio:.3f}, goal ≤ {GOAL}"
    )


def _seconds(*, dead: bool) -> float:
    """From the first message that Bale takes to the last that the queue knows of."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broadcaster-pace-")))
        hole = stack.enter_context(Blackhole())
        plan = Plan(
            platforms=("bale", "telegram") if dead else ("bale",),
            channels=CHANNELS,
            senders=SENDERS,
            base_urls={"telegram": f"http://127.0.0.1:{hole.port}"},
            level="warning",
        )
        office = stack.enter_context(Bureau(folder, plan))
        office.proxy.pace_s = PACE_S
        office.post([announcement("ضرب", number) for number in range(POSTS)])
        office.start_daemon()
        began = time.monotonic()
        total = CHANNELS * POSTS
        while _delivered(office, "bale") < total:
            assert time.monotonic() < began + PATIENCE_S, "bale is not served"
            time.sleep(LOOK_S)
        return time.monotonic() - began


def _delivered(office: Bureau, platform: str) -> int:
    """Messages of a platform that are not open any more; nothing of it can fail here."""
    with office.store() as store:
        health = store.health()
    undelivered = sum(
        sum(counts.values())
        for channel, counts in health.by_channel.items()
        if channel.startswith(platform)
    )
    assert not health.counts.get(State.FAILED)
    return CHANNELS * POSTS - undelivered
