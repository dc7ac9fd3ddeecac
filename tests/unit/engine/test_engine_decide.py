"""The retry rule: every error, its state, its wait and whether it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapter import Absent, Undecided
from broadcaster.engine.decide import Policy, Tried, decide, is_fault, look_again
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
    Unavailable,
)
from broadcaster.model import Scope, State, Verb

POLICY = Policy(
    max_attempts=5, give_up_after=timedelta(hours=24), settle=timedelta(minutes=3), cool_down_s=12
)
FIRST = Tried(verb=Verb.SEND, failures=0, age_s=0, touched=True)
S = 1_000_000

ERRORS: list[BaseException] = [
    Rejected("متن بلند است", "400"),
    Unauthorized("توکن", scope=Scope.ACCOUNT),
    RateLimited("آهسته", retry_after=7),
    Unavailable("no route"),
    OutcomeUnknown("answer lost"),
    StaleHandle("file gone", file="d"),
    ZeroDivisionError(),
]


@pytest.mark.parametrize("error", [Rejected("no", "400"), StaleHandle("gone", file="d")])
def test_a_definite_refusal_is_never_in_doubt(error: SendError) -> None:
    decision = decide(error, FIRST, POLICY)
    assert decision.state is (State.WAITING if isinstance(error, StaleHandle) else State.FAILED)
    assert decision.reason == error.detail


@pytest.mark.parametrize("scope", list(Scope))
def test_unauthorized_closes_its_own_scope_and_costs_no_attempt(scope: Scope) -> None:
    decision = decide(Unauthorized("token gone", scope=scope), FIRST, POLICY)
    assert (decision.state, decision.closes, decision.counts) == (State.HELD, scope, False)


def test_a_named_wait_is_obeyed_and_an_unnamed_one_is_the_platforms() -> None:
    named = decide(RateLimited("slow", retry_after=7), FIRST, POLICY)
    unnamed = decide(RateLimited("slow"), FIRST, POLICY)
    assert (named.delay, named.cool_down, named.counts) == (7 * S, 7 * S, False)
    assert unnamed.delay == 12 * S


def test_haste_is_given_up_only_by_age() -> None:
    old = replace(FIRST, failures=99, age_s=POLICY.give_up_after.total_seconds() - 5)
    assert decide(RateLimited("slow", retry_after=4), old, POLICY).state is State.WAITING
    assert decide(RateLimited("slow", retry_after=6), old, POLICY).state is State.FAILED


def test_backoff_doubles_to_five_minutes_and_then_attempts_end() -> None:
    policy = replace(POLICY, max_attempts=20)
    waits = [
        decide(Unavailable("x"), replace(FIRST, failures=n), policy).delay / S for n in range(12)
    ]
    for n, wait in enumerate(waits):
        usual = min(2 * 2**n, 300)
        assert usual <= wait <= usual + 1
    assert decide(Unavailable("x"), replace(FIRST, failures=18), policy).state is State.WAITING
    assert decide(Unavailable("x"), replace(FIRST, failures=19), policy).state is State.FAILED


def test_a_delay_named_by_an_unavailable_platform_is_the_least() -> None:
    assert decide(Unavailable("x", retry_after=90), FIRST, POLICY).delay >= 90 * S


def test_in_doubt_is_unknown_for_a_send_and_repeated_for_the_rest() -> None:
    error = OutcomeUnknown("answer lost")
    assert decide(error, FIRST, POLICY).state is State.UNKNOWN
    for verb in (Verb.EDIT, Verb.RECALL, Verb.PIN):
        assert decide(error, replace(FIRST, verb=verb), POLICY).state is State.WAITING
    assert decide(error, replace(FIRST, uploading=True), POLICY).state is State.WAITING


def test_only_a_verifiable_platform_is_looked_at_first() -> None:
    asked = decide(OutcomeUnknown("x"), FIRST, POLICY)
    looked = decide(OutcomeUnknown("x"), FIRST, replace(POLICY, verifiable=True))
    assert (asked.verify, asked.verify_until) == (None, None)
    assert looked.verify == 30 * S
    assert looked.verify_until == 180 * S


def test_a_channel_that_settles_sooner_is_looked_at_sooner() -> None:
    hasty = replace(POLICY, verifiable=True, settle=timedelta(seconds=12))
    looked = decide(OutcomeUnknown("x"), FIRST, hasty)
    assert (looked.verify, looked.verify_until) == (2 * S, 12 * S)
    assert look_again(Undecided(why="an old copy"), hasty) == 4 * S
    assert look_again(Undecided(why="an old copy"), POLICY) == 60 * S


def test_two_absences_are_never_less_than_a_minute_apart() -> None:
    absent = Absent(newest_at=datetime.now(UTC))
    hasty = replace(POLICY, verifiable=True, settle=timedelta(seconds=12))
    assert look_again(absent, hasty) == look_again(absent, POLICY) == 60 * S


def test_resending_in_doubt_is_a_channels_own_risk_only() -> None:
    risky = replace(POLICY, on_unknown="resend")
    assert decide(OutcomeUnknown("x"), FIRST, risky).state is State.WAITING
    looked_first = decide(OutcomeUnknown("x"), FIRST, replace(risky, verifiable=True))
    assert looked_first.state is State.UNKNOWN


def test_a_bug_of_ours_is_unknown_once_a_byte_may_have_left() -> None:
    assert decide(KeyError("x"), FIRST, POLICY).state is State.UNKNOWN
    untouched = decide(KeyError("x"), replace(FIRST, touched=False), POLICY)
    assert untouched.state is State.FAILED
    assert "bug" in untouched.reason


@given(
    error=st.sampled_from(ERRORS),
    failures=st.integers(0, 50),
    age_s=st.floats(0, 10**6),
    touched=st.booleans(),
    uploading=st.booleans(),
    on_unknown=st.sampled_from(["ask", "resend"]),
    verifiable=st.booleans(),
)
def test_nothing_in_doubt_waits_to_be_resent_unless_a_person_chose_the_risk(
    error: BaseException,
    failures: int,
    age_s: float,
    touched: bool,
    uploading: bool,
    on_unknown: str,
    verifiable: bool,
) -> None:
    tried = Tried(
        verb=Verb.SEND, failures=failures, age_s=age_s, touched=touched, uploading=uploading
    )
    policy = replace(POLICY, on_unknown=on_unknown, verifiable=verifiable)
    decision = decide(error, tried, policy)
    assert decision.reason
    in_doubt = isinstance(error, OutcomeUnknown) or (touched and not isinstance(error, SendError))
    if in_doubt and not uploading and on_unknown == "ask":
        assert decision.state is State.UNKNOWN
    if decision.state is State.WAITING:
        assert decision.delay > 0 or decision.stale


def test_a_platform_that_answers_is_not_ill() -> None:
    ill = {type(error).__name__ for error in ERRORS if is_fault(error)}
    assert ill == {"Unavailable", "OutcomeUnknown", "ZeroDivisionError"}
