"""Pace: no more messages in any stretch of time than the rate allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapter import Rate
from broadcaster.store import gcra

S = 1_000_000


@given(
    count=st.integers(1, 30),
    per_s=st.sampled_from([1.0, 60.0, 3600.0]),
    gaps=st.lists(st.integers(0, 90 * S), min_size=1, max_size=60),
)
def test_no_window_ever_sees_more_than_the_rate(count: int, per_s: float, gaps: list[int]) -> None:
    rate, tat, now = Rate(count=count, per_s=per_s), 0, 0
    starts: list[int] = []
    for gap in gaps:
        now += gap
        room = max(0, gcra.room(tat, now, rate))
        if room:
            tat = gcra.spent(tat, now, room, rate)
        starts += [now] * room
    for first in starts:
        assert sum(first <= each < first + per_s * S for each in starts) <= count


@given(count=st.integers(1, 100), more=st.integers(0, 5))
def test_what_waits_may_start_after_the_wait_and_not_before(count: int, more: int) -> None:
    rate = Rate(count=count, per_s=1)
    tat = gcra.spent(0, 0, gcra.burst(rate) + more, rate)
    assert gcra.room(tat, 0, rate) == -more
    at = gcra.next_at(tat, rate)
    assert gcra.room(tat, at - 1, rate) <= 0
    assert gcra.room(tat, at, rate) == 1
