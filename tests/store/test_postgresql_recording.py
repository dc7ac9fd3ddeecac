"""What PostgreSQL cannot keep costs one result, and leaves daemon and connection at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.adapter import Call
from broadcaster.errors import Rejected
from broadcaster.model import Receipt, State
from tests.unit.engine.conftest import Engine

NAMES = [f"alpha-{number}" for number in range(4)]


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(url, tmp_path)
    for name in NAMES:
        engine.channel(name)
    yield engine
    engine.store.close()


@pytest.mark.parametrize(
    ("where", "char", "state"),
    [
        ("note", "\0", State.DELIVERED),
        ("note", "\udcd3", State.DELIVERED),
        ("ids", "\udcd3", State.UNKNOWN),
        ("reason", "\0", State.FAILED),
        ("reason", "\udcd3", State.FAILED),
    ],
)
async def test_a_result_that_cannot_be_recorded_costs_no_other(
    engine: Engine, where: str, char: str, state: State
) -> None:
    async def on_send(call: Call) -> Receipt:
        if call.channel.name != NAMES[0]:
            return Receipt(ids=("1",))
        if where == "reason":
            raise Rejected(f"too long{char}")
        return Receipt(ids=("7",), note=char) if where == "note" else Receipt(ids=(f"7{char}",))

    engine.adapters["alpha"].on_send = on_send  # type: ignore[method-assign]
    posts = [engine.post(*NAMES) for _ in range(2)]

    def settled() -> bool:
        states = [each for post in posts for each in engine.states(post).values()]
        return len(states) == 8 and not {State.WAITING, State.SENDING}.intersection(states)

    async with engine.running():
        await engine.until(settled)
    for post in posts:
        assert engine.states(post) == dict.fromkeys(NAMES, State.DELIVERED) | {NAMES[0]: state}
