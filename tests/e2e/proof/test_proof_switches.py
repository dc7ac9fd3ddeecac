"""Off means off, also under load: once the command has returned, nothing begins there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from broadcaster.model import State
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_off_and_halt_take_effect_at_once_before_a_hundred_thousand_deliveries(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=250, level="info")
    office.queue(announcement("انبوه", 1), posts=200)
    assert office.counts()[State.WAITING] == 100_000
    daemon = office.start_daemon()
    office.until_accepted(100)

    office.run("off", "telegram", "--reason", "کوچ به پیام‌رسان‌های داخلی")
    off = office.proxy.mark()
    until(lambda: len(office.proxy.since(off, "bale")) > 100, "bale goes on")
    assert office.proxy.since(off, "telegram") == []

    office.run("halt", "--reason", "خطا در متن")
    halted = office.proxy.mark()
    until(lambda: office.counts().get(State.SENDING, 0) == 0, "what was on the wire is recorded")
    assert daemon.stop() == 0
    assert office.proxy.since(halted, "bale") == office.proxy.since(off, "telegram") == []
    counts = office.counts()
    assert counts[State.DELIVERED] == office.accepted()
    assert sum(counts.values()) == 100_000


def test_off_holds_for_every_daemon_of_a_shared_store(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(channels=20, store=database, level="info")
    office.proxy.pace_s = 0.05
    office.queue(announcement("مشترک", 1), posts=150)
    daemons = [office.start_daemon() for _ in range(2)]
    office.until_accepted(100)
    office.run("off", "telegram")
    off = office.proxy.mark()
    until(lambda: len(office.proxy.since(off, "bale")) > 100, "bale goes on")
    assert office.proxy.since(off, "telegram") == []
    office.run("halt", "--reason", "خطا در متن")
    halted = office.proxy.mark()
    assert [daemon.stop() for daemon in daemons] == [0, 0]
    assert office.proxy.since(halted, "bale") == office.proxy.since(off, "telegram") == []
    assert office.unrecorded() == 0


def test_what_was_on_the_wire_is_finished_and_what_was_held_goes_out_once_let_go(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4, senders=2)
    office.post([announcement("رها", number) for number in range(8)])
    with office.proxy.holding("telegram"):
        office.start_daemon()
        until(lambda: len(office.proxy.since(0, "telegram")) == 2, "telegram's senders are busy")
        office.run("off", "telegram")
        off = office.proxy.mark()
    until(lambda: not office.busy(), "all that telegram has not begun is held")
    assert office.proxy.since(off, "telegram") == []
    assert office.counts() == {State.DELIVERED: 34, State.HELD: 30}
    office.let_go("telegram")
    office.until_settled()
    office.books().all_there()
    office.books().in_order()


def test_an_ailing_platform_that_is_off_is_not_even_probed(bureau: Callable[..., Bureau]) -> None:
    office = bureau(channels=3, account={"max_attempts": 50})
    office.proxy.dark()
    daemon = office.start_daemon(constants={"broadcaster.engine.breaker.FIRST_WAIT_S": 0.1})
    office.post([announcement("بیمار", 1)])
    until(lambda: _breakers(office) == {"bale": "open", "telegram": "open"}, "both breakers open")
    office.run("off", "telegram")
    office.proxy.light()
    office.until_settled()
    assert daemon.stop() == 0
    assert office.proxy.since(0, "telegram") == []
    assert {each.key.platform for each in office.books().of("delivered")} == {"bale"}


def test_a_config_that_changes_under_load_loses_and_doubles_nothing(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4)
    texts = [announcement("تغییر", number) for number in range(30)]
    office.post(texts[:15])
    daemon = office.start_daemon()
    for turn, (old, new) in enumerate(pairwise([4, 2, 9, 1, 3]), start=1):
        office.until_accepted(20 * turn)
        office.rewrite(f"senders = {old}", f"senders = {new}")
        daemon.hang_up()
        daemon.wait_for("account bale", times=turn)
    office.rewrite("senders = 3", "senders = many")
    daemon.hang_up()
    daemon.wait_for("the daemon keeps the old one")
    office.rewrite("senders = many", "senders = 3")
    office.post(texts[15:])
    office.until_settled()
    assert daemon.stop() == 0
    office.books().all_there()
    office.books().in_order()


def test_what_is_on_the_wire_ends_by_the_settings_it_began_with(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(platforms=("bale",), channels=6, level="info")
    office.post([announcement("دوران", number) for number in range(3)])
    with office.proxy.holding("bale"):
        daemon = office.start_daemon()
        until(lambda: len(office.proxy.seen) == 4, "its four senders are busy")
        office.rewrite("senders = 4", "senders = 2")
        daemon.hang_up()
        daemon.wait_for("account bale")
        office.rewrite('base_url = "', 'base_url = "http://127.0.0.1:9/')
        daemon.hang_up()
        daemon.wait_for("account bale", times=2)
        assert len(office.proxy.seen) == 4, "four are on the wire, two may be: none begins"
    until(lambda: office.counts().get(State.DELIVERED) == 4, "they are recorded")
    office.rewrite('base_url = "http://127.0.0.1:9/', 'base_url = "')
    daemon.hang_up()
    office.until_settled()
    office.books().all_there()
    assert daemon.stop() == 0


def test_a_daemon_that_is_told_to_stop_leaves_nothing_in_doubt(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4)
    office.post([announcement("پایان", number) for number in range(20)])
    for turn in range(1, 4):
        daemon = office.start_daemon()
        office.until_accepted(30 * turn)
        assert daemon.stop() == 0
        counts = office.counts()
        assert {State.SENDING, State.UNKNOWN}.isdisjoint(counts), counts
        office.books().check()
        assert counts[State.DELIVERED] == office.accepted()
    office.start_daemon("--drain", ready=False).ended()
    office.books().all_there()
    office.books().in_order()


def _breakers(office: Bureau) -> dict[str, str]:
    with office.store() as store:
        return {each.account: each.breaker for each in store.health().accounts}
