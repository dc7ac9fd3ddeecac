"""Results that a database cannot be given, on both stores: nothing else is lost by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from broadcaster.adapter import Call
from broadcaster.errors import Rejected
from broadcaster.model import Receipt, State
from broadcaster.store.exchange import Claim, Result
from tests.unit.engine.conftest import Engine

HALF = "\ud800"


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/q.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("url")
    engine = Engine(url, tmp_path)
    for name in ("alpha-1", "beta-1", "gamma-1"):
        engine.channel(name)
    yield engine
    engine.store.close()


async def test_odd_answers_keep_nothing_else_back(office: Any) -> None:
    says = {
        "alpha": Receipt(ids=("\ud800",)),
        "beta": Receipt(ids=("7",), note="\x00\ud800", at=datetime.max.replace(tzinfo=UTC)),
        "gamma": Rejected("\x00 bad \ud800", "\ud800\x00"),
    }

    def sending(outcome: Any) -> Any:
        async def on_send(call: Call) -> Any:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return on_send

    for account, outcome in says.items():
        office.adapters[account].on_send = sending(outcome)
    post = office.post("alpha-1", "beta-1", "gamma-1")
    assert await office.worker().run(drain=True) == 4
    assert office.states(post) == {
        "alpha-1": State.UNKNOWN,
        "beta-1": State.DELIVERED,
        "gamma-1": State.FAILED,
    }


async def test_what_the_store_cannot_take_is_in_doubt_and_keeps_nothing_else_back(
    office: Any,
) -> None:
    """As if the gate had a hole: results that no database can be given."""
    engine = office
    spoilt = {"alpha-1": HALF, "beta-1": "1\x00"}
    worker = engine.worker()
    results: list[Result] = worker.turns.in_flight.results

    class Holed(list[Result]):
        def append(self, result: Result) -> None:
            name = claims[result.delivery].channel
            if name in spoilt:
                result = result._replace(outcome=Receipt(ids=(spoilt[name],)))
            super().append(result)

    claims: dict[int, Claim] = {}
    start: Callable[[Claim], None] = worker.turns.in_flight.start

    def starting(claim: Claim) -> None:
        claims[claim.delivery] = claim
        worker.turns.in_flight.results = Holed(worker.turns.in_flight.results)
        start(claim)

    worker.turns.in_flight.start = starting
    post = engine.post("alpha-1", "beta-1", "gamma-1")
    assert not results
    assert await worker.run(drain=True) == 4
    states = engine.states(post)
    assert states["gamma-1"] is State.DELIVERED
    assert states["alpha-1"] is State.UNKNOWN
    assert states["beta-1"] in {State.UNKNOWN, State.DELIVERED}  # SQLite can keep a NUL
    assert "cannot be recorded" in engine.view(post).deliveries[0].delivery.reason
