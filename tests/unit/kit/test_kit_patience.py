"""How long idle connections are used: learnt from the server, without risk to a post."""

from __future__ import annotations

import random

import pytest

from broadcaster.kit.patience import Pace, Patience

PACE = Pace()


def sends_in_doubt(keeps_s: float, trip_s: float, *, says_so: bool = True) -> int:
    """Of 10,000 sends with pauses of up to 12 s, to a server that closes after ``keeps_s``.

    ``says_so``: its closings reach us, half a round trip later.
    """
    chance, now, doubts = random.Random(f"{keeps_s} {trip_s}"), 0.0, 0
    patience, open_ = Patience(PACE), False
    for _ in range(10_000):
        idle = chance.uniform(0, 12)
        now += idle
        if says_so and idle >= keeps_s:
            patience.closed(keeps_s, now)
        elif open_:
            patience.survived(idle)
            if idle <= patience.limit(now) and idle + trip_s > keeps_s:
                doubts += 1
                patience.broke(idle, now)
        open_ = True
        now += trip_s
        patience.exchanged(trip_s)
    return doubts


@pytest.mark.parametrize("trip_s", [0.0, 0.08, 0.15, 0.4])
@pytest.mark.parametrize("keeps_s", [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15])
def test_whatever_a_servers_time_its_closing_meets_no_post(keeps_s: float, trip_s: float) -> None:
    assert sends_in_doubt(keeps_s, trip_s) == 0


@pytest.mark.parametrize("keeps_s", [1, 2, 4, 8, 11])
def test_a_server_whose_closings_never_reach_us_costs_hardly_a_post(keeps_s: float) -> None:
    assert sends_in_doubt(keeps_s, 0.1, says_so=False) <= 5


def test_an_unknown_server_is_trusted_for_a_moment_only() -> None:
    assert Patience(PACE).limit(0) == PACE.start_s


def test_what_stays_open_is_used_for_longer_but_not_for_ever() -> None:
    patience = Patience(PACE)
    patience.survived(4)
    assert patience.limit(0) == 3
    patience.survived(100)
    assert patience.limit(0) == PACE.longest_s


def test_the_shortest_time_counts_whatever_others_survive() -> None:
    patience = Patience(PACE)
    patience.closed(2, 0)
    patience.closed(8, 0)
    patience.survived(8)
    assert patience.limit(0) == 1.5


def test_a_long_way_leaves_a_wider_margin() -> None:
    patience = Patience(PACE)
    patience.survived(4)
    patience.closed(2, 0)
    patience.exchanged(3)
    patience.exchanged(0.5)
    assert patience.limit(0) == pytest.approx(2 - 1.1)


@pytest.mark.parametrize(
    ("said", "limit"),
    [("timeout=2, max=100", 1.5), ("max=100,Timeout = 2", 1.5), ("timeout=0", 0), ("max=100", 3)],
)
def test_a_servers_own_word_is_a_bound(said: str, limit: float) -> None:
    patience = Patience(PACE)
    patience.survived(4)
    patience.declared(said)
    assert patience.limit(0) == limit


@pytest.mark.parametrize(
    "said", ["timeout=60", "timeout=" + "9" * 400, "timeout=", "", "timeout=-1"]
)
def test_a_servers_own_word_is_no_proof(said: str) -> None:
    patience = Patience(PACE)
    patience.declared(said)
    assert patience.limit(0) == PACE.start_s


def test_a_connection_lost_at_once_tells_nothing_of_the_servers_time() -> None:
    patience = Patience(PACE)
    patience.survived(4)
    patience.closed(0.01, 0)
    patience.broke(0.01, 0)
    assert patience.limit(0) == 3


def test_after_a_while_all_is_learnt_again() -> None:
    patience = Patience(PACE)
    patience.survived(1)
    patience.closed(1, 0)
    later = PACE.remembered_s + 1
    assert patience.limit(later) == PACE.start_s
    patience.survived(10)
    assert patience.limit(later) == 7.5
