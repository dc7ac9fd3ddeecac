"""Daemons that end at one delivery, and channels that move, with real processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from broadcaster.model import Kind, State
from tests.e2e.proof.bureau import Bureau, patient
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_daemon_killed_three_times_at_one_edit_leaves_it_to_people(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(platforms=("bale",), channels=1)
    office.post([announcement("اصل", 1)])
    daemon = office.start_daemon()
    until(lambda: office.counts() == {State.DELIVERED: 1}, "it is out")
    assert daemon.stop() == 0
    office.run("edit", "1", announcement("اصلاحیه", 1), "--yes")
    office.post([announcement("بعدی", 2)])
    for _ in range(3):
        with office.proxy.holding("bale"):
            daemon = office.start_daemon()
            until(lambda: State.SENDING in office.counts(), "it is on the wire")
            office.kill(daemon)
    office.start_daemon()
    until(
        lambda: office.counts() == {State.DELIVERED: 2, State.FAILED: 1},
        "what comes after it is out",
    )
    told = office.run("show", "1").out
    assert "the daemon ended three times at this delivery" in told
    office.run("retry", "1")
    until(lambda: office.counts() == {State.DELIVERED: 3}, "a person's retry begins anew")


def test_a_channel_that_moves_leaves_its_posts_where_they_are(
    bureau: Callable[..., Bureau],
) -> None:
    """The number of the old post is that of another one in the new chat."""
    office = bureau(platforms=("telegram",), channels=1)
    (where,) = (address.removeprefix("@") for _, address in office.addresses().values())
    daemon = office.start_daemon()
    office.post([announcement("پیش از کوچ", 1)])
    until(lambda: office.counts() == {State.DELIVERED: 1}, "the first is out")
    office.rewrite(where, "kooch_office")
    daemon.hang_up()
    daemon.wait_for("config: ")
    office.post([announcement("پس از کوچ", 2)])
    until(lambda: office.counts() == {State.DELIVERED: 2}, "the second is out")
    assert {each["channel"] for each in _ledger(office)} == {where, "kooch_office"}
    office.run("recall", "1", "--yes")
    until(lambda: _kinds(office, Kind.RECALL) == [State.DELIVERED], "the recall is done")
    gone = {each["channel"]: each["deleted"] for each in _ledger(office)}
    assert gone == {where: True, "kooch_office": False}
    shown = office.run("show", "1", "--json").out
    assert "t.me/kooch_office/" not in shown, "it was never there, and stands nowhere now"
    assert "t.me/kooch_office/" in office.run("show", "2", "--json").out


def _ledger(office: Bureau) -> list[dict[str, object]]:
    """The last that is known of each message."""
    last = {}
    for line in office.ledger.read_text("utf-8").splitlines():
        said = json.loads(line)
        last[said["channel"], said["id"]] = said
    return [*last.values()]


def _kinds(office: Bureau, kind: Kind) -> list[State]:
    views = patient(partial(office.views))
    return [
        each.delivery.state
        for view in views
        for each in view.deliveries
        if each.delivery.kind is kind
    ]
