"""THE RETRY RULE: what becomes of a delivery after an attempt that brought no receipt.

Pure: no clock, no network, no store.  The durable queue is the only owner of retries; tenacity's
strategies only compute how long to wait and when to stop, so they are asked, never looped.
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
"""2 s, 4 s, 8 s … 5 min, each plus up to a second so that lanes do not return in step."""
COOL_DOWN_S = 30.0
"""Cool-down after a rate limit where neither the answer nor the platform's facts name one."""
FIRST_LOOK_S = 30.0
"""A public page needs tens of seconds to show a new post (platforms' reader pages); where a
channel's `settle` is shorter than usual, the first look comes after a sixth of it."""
LOOK_AGAIN_S = 60.0
"""Between two looks: absence needs two pages a minute apart.  A page that did not tell is asked
again after a third of `settle`, if that is sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A channel's own rules for what did not go well."""

    max_attempts: int
    give_up_after: timedelta
    settle: timedelta
    on_unknown: str = "ask"
    verifiable: bool = False
    """Whether the platform's reader side can be searched for a post."""
    hidden: str = ""
    """Why nobody can look at this channel's posts all the same."""
    cool_down_s: float | None = None
    """The platform's usual cool-down after a rate limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The attempt that is judged."""

    verb: Verb
    failures: int
    """Counted failures of this message before this one."""
    age_s: float
    """Since its first try."""
    touched: bool
    """A byte may have left."""
    uploading: bool = False
    """It was only an upload: nothing can have been posted."""


def decide(error: BaseException, tried: Tried, policy: Policy) -> Verdict:
    """Choose the state, the wait and the words for ``error``."""
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
    """How long after this look at the public page the next one comes."""
    if isinstance(found, Absent):
        return _micros(LOOK_AGAIN_S)
    return _micros(min(LOOK_AGAIN_S, policy.settle.total_seconds() / 3))


def is_fault(error: BaseException) -> bool:
    """Whether ``error`` speaks against the platform's health, for its account's breaker."""
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
    detail, code = _words(error)
    call = _call_state(error, tried)
    stop = stop_after_attempt(policy.max_attempts) | stop_after_delay(policy.give_up_after)
    if stop(call):
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
        delay=_micros(max(BACKOFF(call), at_least_s)),
    )


def _in_doubt(error: BaseException, tried: Tried, policy: Policy) -> Verdict:
    if tried.uploading or tried.verb is not Verb.SEND:
        return _again(error, tried, policy)  # an edit, recall, pin or upload may be repeated
    detail, code = _words(error)
    said_yes = isinstance(error, OutcomeUnknown) and error.said_yes
    if policy.on_unknown == "resend" and not policy.verifiable and not said_yes:
        return _again(error, tried, policy)
    settle_s = policy.settle.total_seconds()
    looks = policy.verifiable and not policy.hidden
    unseen = say("; nobody can look: {hidden}", hidden=policy.hidden) if policy.hidden else ""
    return Verdict(
        state=State.UNKNOWN,
        reason=say("it may have been posted: {detail}{unseen}", detail=detail, unseen=unseen),
        code=code,
        outcome=_name(error),
        verify=_micros(min(FIRST_LOOK_S, settle_s / 6)) if looks else None,
        verify_until=_micros(settle_s) if looks else None,
    )


def _failed(reason: str, code: str, outcome: str) -> Verdict:
    return Verdict(state=State.FAILED, reason=reason, code=code, outcome=outcome)


def _call_state(error: BaseException, tried: Tried) -> RetryCallState:
    """What tenacity's strategies ask about: which attempt it was, and how long it has gone on."""
    call = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    call.attempt_number = tried.failures + 1
    call.set_exception((type(error), error, None))
    assert call.outcome_timestamp is not None
    call.start_time = call.outcome_timestamp - tried.age_s
    return call


def _words(error: BaseException) -> tuple[str, str]:
    if isinstance(error, SendError):
        return error.detail, error.code
    return say("a bug of ours ({name}); the daemon's log has its traceback", name=_name(error)), ""


def _name(error: BaseException) -> str:
    return type(error).__name__


def _micros(seconds: float) -> Micros:
    return round(seconds * 1_000_000)
