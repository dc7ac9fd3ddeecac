"""A daemon that is frozen past its lease, and wakes up as if nothing had been."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.proof import trial
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SHORT_LEASE = {
    **trial.HASTE,  # an orphan that never left is looked for in vain for minutes otherwise
    "broadcaster.engine.turns.LEASE_S": 1.0,
    "broadcaster.engine.worker.BEAT_S": 0.2,
}


def test_what_was_switched_off_meanwhile_stays_silent_after_the_thaw(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=6, level="info")
    office.post([announcement("یخ", number) for number in range(40)])
    daemon = office.start_daemon(constants=SHORT_LEASE)
    for turn in range(1, 4):
        office.until_accepted(40 * turn)
        daemon.freeze()
        # frozen in the middle of a transaction it holds the store, and `off` says so with a 1
        off = office.run("off", "telegram", code=None).code == 0
        mark = office.proxy.mark()
        daemon.thaw()
        _works_again(office)
        if off:
            # between its last look at the switches and the first byte a process can be frozen, too
            assert len(office.proxy.since(mark, "telegram")) <= 1
            office.let_go("telegram")
    office.until_settled()
    office.books().all_there()
    office.books().in_order()


def test_a_daemon_that_wakes_up_after_another_took_over_doubles_nothing(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(channels=6, level="info", store=database)
    office.post([announcement("بیداری", number) for number in range(30)])
    sleeper, _ = (office.start_daemon(constants=SHORT_LEASE) for _ in range(2))
    for turn in range(1, 4):
        office.until_accepted(60 * turn)
        sleeper.freeze()
        until(lambda: office.leases_of(sleeper) == 0, "the other one takes over its channels")
        sleeper.thaw()
    office.until_settled()
    office.books().check()
    trial.resolve(office, office.books())
    office.until_settled()
    office.books().all_there()
    for daemon in office.daemons:
        assert daemon.stop() == 0


def _works_again(office: Bureau) -> None:
    bale = len(office.proxy.since(0, "bale"))
    until(
        lambda: not office.busy() or len(office.proxy.since(0, "bale")) > bale + 5,
        "the daemon is at work again",
    )
