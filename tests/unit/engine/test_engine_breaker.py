"""The breaker: when it opens, how long it rests, and what it lets through after a probe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.engine.breaker import CLOSED, LONGEST_WAIT_S, THRESHOLD, Breaker, Position


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker()
    for _ in range(THRESHOLD):
        breaker = breaker.failed(at, "no answer")
    return breaker


def test_it_opens_at_the_third_fault_in_a_row() -> None:
    assert Breaker().failed(0, "x").failed(0, "x").position is Position.CLOSED
    assert opened().position is Position.OPEN
    assert opened().allowance(0) == 0
    interrupted = Breaker().failed(0, "x").failed(0, "x").succeeded().failed(0, "x")
    assert interrupted.position is Position.CLOSED


def test_it_asks_for_a_probe_only_after_its_wait() -> None:
    breaker = opened(at=100.0)
    assert not breaker.wants_probe(104.9)
    assert breaker.wants_probe(105.0)
    assert not Breaker().wants_probe(1e9)


def test_after_a_good_probe_one_delivery_decides() -> None:
    half = opened().probed(105.0, good=True)
    assert (half.position, half.allowance(0), half.allowance(1)) == (Position.HALF_OPEN, 1, 0)
    assert half.succeeded() == Breaker()
    again = half.failed(106.0, "x")
    assert (again.position, again.retry_at) == (Position.OPEN, 116.0), "the wait has doubled"


def test_a_bad_probe_waits_longer_each_time_but_never_beyond_five_minutes() -> None:
    breaker, now, waits = opened(0.0), 0.0, []
    for _ in range(12):
        now = breaker.retry_at
        breaker = breaker.probed(now, good=False)
        waits.append(breaker.retry_at - now)
    assert waits[:3] == [10.0, 20.0, 40.0]
    assert max(waits) == waits[-1] == LONGEST_WAIT_S


def test_calls_that_end_after_it_opened_change_nothing() -> None:
    assert opened().failed(101.0, "late") == opened()


@given(st.lists(st.sampled_from(["good", "bad", "probe good", "probe bad"]), max_size=40))
def test_an_open_breaker_always_has_a_way_back(events: list[str]) -> None:
    breaker, now = Breaker(), 0.0
    for event in events:
        if event == "good":
            breaker = breaker.succeeded()
        elif event == "bad":
            breaker = breaker.failed(now, "x")
        elif breaker.wants_probe(now := max(now, breaker.retry_at)):
            breaker = breaker.probed(now, good=event == "probe good")
        assert breaker.position is not Position.OPEN or breaker.retry_at <= now + LONGEST_WAIT_S
    if breaker.position is Position.OPEN:
        breaker = breaker.probed(breaker.retry_at, good=True)
    assert breaker.succeeded() == Breaker()


def test_what_another_daemon_finds_is_asked_for_before_anything_is_sent() -> None:
    warned = CLOSED.warned(10.0)
    assert (warned.allowance(0), warned.wants_probe(10.0), warned.hearsay) == (0, True, True)
    good = warned.probed(11.0, good=True)
    assert (good.allowance(0), good.succeeded()) == (1, CLOSED)
    bad = warned.probed(11.0, good=False, reason="no route")
    assert (bad.position, bad.hearsay, bad.reason) == (Position.OPEN, False, "no route")
    assert bad.warned(12.0) == bad
