"""A platform that does not answer delays nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broadcaster.model import State
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import until
from tests.e2e.proof.proxy import Blackhole
from tests.e2e.proof.texts import announcement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_filtered_telegram_delays_neither_the_start_nor_bale(
    bureau: Callable[..., Bureau],
) -> None:
    with Blackhole() as hole:
        office = bureau(base_urls={"telegram": f"http://127.0.0.1:{hole.port}"})
        office.post([announcement("فیلتر", number) for number in range(3)])
        office.start_daemon()
        until(lambda: office.counts().get(State.DELIVERED) == 6, "bale is served")
        states = {each.state for each in office.books().told if each.key.platform == "telegram"}
        assert states <= {"sending", "waiting"}


def test_bale_is_served_while_telegram_takes_every_request_and_answers_none(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=3, senders=2)
    with office.proxy.holding("telegram"):
        office.start_daemon()
        office.post([announcement("بی‌پاسخ", number) for number in range(5)])
        until(lambda: office.counts().get(State.DELIVERED) == 15, "bale is served")
        hung = office.proxy.since(0, "telegram")
        assert len(hung) == 2, "its senders, and no more"
        books = office.books()
        assert len(books.accepted) == 15
        assert {each.key.platform for each in books.of("delivered")} == {"bale"}
    office.until_settled()
    office.books().all_there()


def test_a_connection_that_comes_about_after_off_carries_nothing(
    bureau: Callable[..., Bureau],
) -> None:
    with Blackhole() as hole:
        office = bureau(base_urls={"telegram": f"http://127.0.0.1:{hole.port}"})
        office.post([announcement("دیر", 1)])
        daemon = office.start_daemon()
        until(lambda: office.counts().get(State.SENDING) == 2, "telegram is being reached")
        office.run("off", "telegram")
        with hole.opened() as heard:
            until(lambda: office.counts() == {State.DELIVERED: 2, State.HELD: 2}, "it is held")
            assert daemon.stop() == 0
            assert heard() == b""
