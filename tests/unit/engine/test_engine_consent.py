"""The daemon's own config decides whether a post needs approval, whatever its author's said."""

from __future__ import annotations

from typing import Any

import pytest

from broadcaster.model import Stage, State
from broadcaster.store.changes import Approve, Edit
from broadcaster.store.submit import Target
from broadcaster.testing.store_office import rendering


async def test_what_nobody_has_approved_is_held_where_the_channel_demands_it(engine: Any) -> None:
    engine.channel("alpha-1", require_approval=1)
    engine.channel("alpha-2")
    async with engine.running():
        post = engine.post("alpha-1", "alpha-2")
        await engine.until(lambda: engine.states(post)["alpha-2"] is State.DELIVERED)
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.HELD)
    (kept,) = [
        each.delivery for each in engine.view(post).deliveries if each.delivery.channel == "alpha-1"
    ]
    assert "0 of 1 have approved" in kept.reason
    assert [call.channel.name for call in engine.adapters["alpha"].sent] == ["alpha-2"]


@pytest.mark.parametrize(("needed", "state"), [(1, State.DELIVERED), (2, State.HELD)])
async def test_so_many_people_as_its_config_demands(engine: Any, needed: int, state: State) -> None:
    engine.channel("alpha-1", require_approval=needed)
    post = engine.post("alpha-1", stage=Stage.DRAFT, author="سارا", approvals=1)
    approval = engine.view(post).approval
    engine.store.change("مدیر", Approve(post=post, digest=approval.digest))
    async with engine.running():
        await engine.until(lambda: engine.states(post)["alpha-1"] is state)


async def test_a_correction_has_no_approval_of_its_own(engine: Any) -> None:
    """Also where the post had been approved: its author had only asked for it."""
    engine.channel("alpha-1")
    post = engine.post("alpha-1", stage=Stage.DRAFT, author="سارا")
    approval = engine.view(post).approval
    engine.store.change("مدیر", Approve(post=post, digest=approval.digest))
    async with engine.running():
        await engine.until(lambda: engine.states(post)["alpha-1"] is State.DELIVERED)
    engine.channels.clear()
    engine.channel("alpha-1", require_approval=1)
    target = Target(channel="alpha-1", account="alpha", rendering=rendering("دیگر"))
    edit = Edit(post=post, source="دیگر", targets=(target,), editable=frozenset({"alpha-1"}))
    engine.store.change("سارا", edit)
    async with engine.running():
        await engine.until(lambda: engine.view(post).deliveries[-1].delivery.state is State.HELD)
