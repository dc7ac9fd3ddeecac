"""Pace: no more messages in any stretch of time than the rate allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapter import Rate
from broadcaster.engine.pace import AccountPace, ChannelPace

S = 1_000_000


def test_no_rate_is_no_bound() -> None:
    pace = AccountPace(None)
    pace.used(10**6, 0)
    assert pace.allowance(0) is None
    assert pace.wait(0) == 0
    assert ChannelPace().sent("news", None, 0) == 0


@given(
    count=st.integers(1, 30),
    per_s=st.sampled_from([1.0, 60.0, 3600.0]),
    gaps=st.lists(st.integers(0, 90 * S), min_size=1, max_size=60),
)
def test_no_window_ever_sees_more_than_the_rate(count: int, per_s: float, gaps: list[int]) -> None:
    pace, now, starts = AccountPace(Rate(count=count, per_s=per_s)), 0, []
    for gap in gaps:
        now += gap
        allowed = pace.allowance(now)
        assert allowed is not None
        pace.used(allowed, now)
        starts += [now] * allowed
    for first in starts:
        within = sum(first <= each < first + per_s * S for each in starts)
        assert within <= count


def test_what_waits_may_start_after_the_wait() -> None:
    pace = AccountPace(Rate(count=2, per_s=1))
    pace.used(pace.allowance(0) or 0, 0)
    while not pace.allowance(0):
        wait = pace.wait(0)
        assert wait > 0
        assert pace.allowance(wait) == 1
        break
    else:
        raise AssertionError("the burst was not used up")


def test_a_channel_rests_between_messages_and_channels_do_not_share() -> None:
    pace, rate = ChannelPace(), Rate(count=1, per_s=3)
    assert pace.sent("a", rate, 0) == 3 * S
    assert pace.sent("b", rate, 0) == 3 * S
    assert pace.sent("a", rate, 3 * S) == 3 * S
