"""THE RETRY RULE: what becomes of a delivery after an attempt that brought no receipt.

Pure: no clock, no network, no store.  Only the durable queue retries.  Of tenacity, only the
strategies are used, to compute how long to wait and when to stop; its retry loop is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tenacity import RetryCallState, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_exponential, wait_random

from broadcaster.adapter import Absent, Found
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
    Unavailable,
)
from broadcaster.language import say
from broadcaster.model import Micros, State, Verb
from broadcaster.store.exchange import Verdict

BACKOFF = wait_exponential(multiplier=2, max=300) + wait_random(0, 1)
"""2 s, 4 s, 8 s … 5 min, each plus up to a second, so that lanes do not all retry together."""
COOL_DOWN_S = 30.0
"""Cool-down in seconds after a rate limit, if neither the answer nor the platform's facts name
one."""
FIRST_LOOK_S = 30.0
"""Seconds before the first look, because a public page shows a new post only after tens of seconds.
If a sixth of the channel's `settle` is shorter, the first look comes after that."""
LOOK_AGAIN_S = 60.0
"""Seconds between two looks: absence counts only if two pages a minute apart show it.  After a page
without an answer, the next look comes after a third of `settle`, if that is sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A channel's rules for failed attempts."""

    max_attempts: int
    give_up_after: timedelta
    settle: timedelta
    on_unknown: str = "ask"
    verifiable: bool = False
    """Whether the platform's reader side can be searched for a post."""
    hidden: str = ""
    """Why the posts of this channel cannot be seen, although the platform has a public page; or
    ""."""
    cool_down_s: float | None = None
    """The platform's usual cool-down after a rate limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The attempt that :func:`decide` judges."""

    verb: Verb
    failures: int
    """Counted failures of this message before this one."""
    age_s: float
    """Seconds since the message's first attempt."""
    touched: bool
    """Whether a byte may have left this machine."""
    uploading: bool = False
    """Whether the attempt was an upload, which posts nothing."""


def decide(error: BaseException, tried: Tried, policy: Policy) -> Verdict:
    """Choose the state, the wait and the reason for ``error``."""
    if isinstance(error, RateLimited):
        return _slow_down(error, tried, policy)
    if isinstance(error, Unauthorized):
        return Verdict(
            state=State.HELD,
            reason=error.detail,
            code=error.code,
            outcome="Unauthorized",
            counts=False,
            scope=error.scope,
            closes=error.scope,
        )
    if isinstance(error, StaleHandle):
        return Verdict(
            state=State.WAITING,
            reason=error.detail,
            code=error.code,
            outcome="StaleHandle",
            counts=False,
            stale=error.file,
        )
    if isinstance(error, Rejected):
        return _failed(error.detail, error.code, "Rejected")
    if isinstance(error, Unavailable):
        return _again(error, tried, policy, at_least_s=error.retry_after or 0.0)
    if isinstance(error, OutcomeUnknown):
        return _in_doubt(error, tried, policy)
    if tried.touched and not tried.uploading:
        return _in_doubt(error, tried, policy)
    return _failed(
        say(
            "a bug of ours ({name}); the daemon's log has its traceback", name=type(error).__name__
        ),
        "",
        type(error).__name__,
    )


def look_again(found: Found, policy: Policy) -> Micros:
    """How long to wait between this look at the public page and the next."""
    if isinstance(found, Absent):
        return _micros(LOOK_AGAIN_S)
    return _micros(min(LOOK_AGAIN_S, policy.settle.total_seconds() / 3))


def is_fault(error: BaseException) -> bool:
    """Whether ``error`` counts as a fault of the platform for its account's breaker."""
    return not isinstance(error, SendError) or isinstance(error, Unavailable | OutcomeUnknown)


def _slow_down(error: RateLimited, tried: Tried, policy: Policy) -> Verdict:
    wait_s = error.retry_after or policy.cool_down_s or COOL_DOWN_S
    if tried.age_s + wait_s > policy.give_up_after.total_seconds():
        return _failed(say("given up: {detail}", detail=error.detail), error.code, "RateLimited")
    delay = _micros(wait_s)
    return Verdict(
        state=State.WAITING,
        reason=error.detail,
        code=error.code,
        outcome="RateLimited",
        delay=delay,
        counts=False,
        cool_down=delay,
        scope=error.scope,
    )


def _again(
    error: BaseException, tried: Tried, policy: Policy, *, at_least_s: float = 0.0
) -> Verdict:
    detail, code = _detail_and_code(error)
    state = _call_state(error, tried)
    stop = stop_after_attempt(policy.max_attempts) | stop_after_delay(policy.give_up_after)
    if stop(state):
        return _failed(
            say(
                "given up after {failures} attempts: {detail}",
                failures=tried.failures + 1,
                detail=detail,
            ),
            code,
            _name(error),
        )
    return Verdict(
        state=State.WAITING,
        reason=detail,
        code=code,
        outcome=_name(error),
        delay=_micros(max(BACKOFF(state), at_least_s)),
    )


def _in_doubt(error: BaseException, tried: Tried, policy: Policy) -> Verdict:
    if tried.uploading or tried.verb is not Verb.SEND:
        return _again(error, tried, policy)  # an edit, recall, pin or upload may be repeated
    detail, code = _detail_and_code(error)
    said_yes = isinstance(error, OutcomeUnknown) and error.said_yes
    if policy.on_unknown == "resend" and not policy.verifiable and not said_yes:
        return _again(error, tried, policy)
    settle_s = policy.settle.total_seconds()
    can_look = policy.verifiable and not policy.hidden
    unseen = say("; nobody can look: {hidden}", hidden=policy.hidden) if policy.hidden else ""
    return Verdict(
        state=State.UNKNOWN,
        reason=say("it may have been posted: {detail}{unseen}", detail=detail, unseen=unseen),
        code=code,
        outcome=_name(error),
        verify=_micros(min(FIRST_LOOK_S, settle_s / 6)) if can_look else None,
        verify_until=_micros(settle_s) if can_look else None,
    )


def _failed(reason: str, code: str, outcome: str) -> Verdict:
    return Verdict(state=State.FAILED, reason=reason, code=code, outcome=outcome)


def _call_state(error: BaseException, tried: Tried) -> RetryCallState:
    """The input of tenacity's strategies: the attempt's number, and the time since the first."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = tried.failures + 1
    state.set_exception((type(error), error, None))
    assert state.outcome_timestamp is not None
    state.start_time = state.outcome_timestamp - tried.age_s
    return state


def _detail_and_code(error: BaseException) -> tuple[str, str]:
    if isinstance(error, SendError):
        return error.detail, error.code
    return say("a bug of ours ({name}); the daemon's log has its traceback", name=_name(error)), ""


def _name(error: BaseException) -> str:
    return type(error).__name__


def _micros(seconds: float) -> Micros:
    return round(seconds * 1_000_000)
