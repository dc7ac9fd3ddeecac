"""What an adapter may say: nothing of it ends the daemon, shows a secret or loses another post."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broadcaster import secrecy
from broadcaster.adapter import Call, Present, Undecided
from broadcaster.engine.decide import Policy, Tried, decide
from broadcaster.engine.intake import StrayError, contained, found, posted, usable
from broadcaster.errors import OutcomeUnknown, RateLimited, Rejected, SendError, StaleHandle
from broadcaster.model import Handle, Receipt, State, Verb

TOKEN = "123456:AAintake-AAintake_AAintakeAAintake"
HALF = "\ud800"


@pytest.fixture(autouse=True)
def concealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_known", secrecy.Mask([TOKEN]))


def answering(engine: Any, account: str, outcome: object) -> None:
    async def on_send(call: Call) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    engine.adapters[account].on_send = on_send


def written(engine: Any, post: int) -> str:
    """All that the store tells of a post."""
    return repr(engine.view(post))


@pytest.mark.parametrize(
    "receipt",
    [
        Receipt(ids=(HALF,)),
        Receipt(ids=("1\x00",)),
        Receipt(ids=("۱۲",)),
        Receipt(ids=("1\n2",)),
        Receipt(ids=("",)),
        Receipt(ids=("9" * 129,)),
        Receipt(ids=("9" * 3_000_000,)),
        Receipt(ids=("7", HALF)),
        Receipt(ids=(TOKEN,)),
        Receipt(ids=(7.5,)),  # type: ignore[arg-type]
        Receipt(ids=(10**5_000,)),  # type: ignore[arg-type]
        Receipt(ids="12"),  # type: ignore[arg-type]
        None,
        {"message_id": 5},
    ],
)
async def test_posted_under_an_id_that_cannot_be_used_is_in_doubt(
    engine: Any, receipt: Any
) -> None:
    engine.channel("alpha-1", on_unknown="resend")
    engine.channel("beta-1")
    answering(engine, "alpha", receipt)
    post = engine.post("alpha-1", "beta-1")
    assert await engine.worker().run(drain=True) == 4
    assert engine.states(post) == {"alpha-1": State.UNKNOWN, "beta-1": State.DELIVERED}
    assert len(engine.adapters["alpha"].sent) == 1, "the platform says yes: it is not sent again"
    assert TOKEN not in written(engine, post)
    assert "cannot be used" in engine.view(post).deliveries[0].delivery.reason


@pytest.mark.parametrize(
    "at",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(2026, 1, 1),  # noqa: DTZ001 (what an adapter may do)
        1_700_000_000,
        "soon",
    ],
)
async def test_an_impossible_time_does_not_spoil_a_proof(engine: Any, at: Any) -> None:
    engine.channel("alpha-1")
    answering(engine, "alpha", Receipt(ids=("7",), at=at, note=f"{HALF}\x1b[8m{TOKEN}\r\nx"))
    post = engine.post("alpha-1")
    assert await engine.worker().run(drain=True) == 0
    (delivery,) = engine.view(post).deliveries
    (message,) = delivery.messages
    assert message.receipt.ids == ("7",)
    assert message.receipt.at is None
    assert message.receipt.note == "\ufffd[8m*** x"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected(f"said {TOKEN} {HALF}\x00\x1b", f"{HALF}{TOKEN}"), State.FAILED),
        (Rejected("پیام " * 1_000_000), State.FAILED),
        (Rejected(None, 5), State.FAILED),  # type: ignore[arg-type]
        (OutcomeUnknown(f"\r\nfake line {TOKEN}"), State.UNKNOWN),
        (RateLimited("slow", retry_after=10.0**300), State.WAITING),
        (RateLimited("slow", retry_after=10**400), State.WAITING),
        (RateLimited("slow", retry_after=float("nan")), State.WAITING),
        (RateLimited("slow", retry_after=-5), State.WAITING),
        (StaleHandle("gone", file=HALF), State.FAILED),
        (ValueError(TOKEN), State.FAILED),
        (type(f"Odd{TOKEN}\x1bError", (Exception,), {})("x"), State.FAILED),
        (SystemExit(TOKEN), State.FAILED),
        (KeyboardInterrupt(TOKEN), State.FAILED),
        (GeneratorExit(TOKEN), State.FAILED),
        (asyncio.CancelledError(TOKEN), State.FAILED),
        (BaseExceptionGroup("x", [SystemExit(TOKEN)]), State.FAILED),
    ],
)
async def test_whatever_is_raised_concerns_its_own_post_alone(
    engine: Any, error: BaseException, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.channel("alpha-1")
    engine.channel("beta-1")
    answering(engine, "alpha", error)
    async with engine.running():
        post = engine.post("alpha-1", "beta-1")
        await engine.until(
            lambda: (
                engine.states(post) == {"alpha-1": state, "beta-1": State.DELIVERED}
                and engine.view(post).deliveries[0].delivery.reason
            )
        )
        reason = engine.view(post).deliveries[0].delivery.reason
        again = engine.post("beta-1")
        await engine.until(lambda: engine.view(again).state == "delivered")
    assert TOKEN not in written(engine, post) + "".join(capsys.readouterr())
    assert len(reason) <= 2_100
    assert not set(reason) & set("\x00\x1b\r\n\ud800")


def test_handles_that_cannot_be_kept_are_let_go() -> None:
    good = Handle(value='{"SID":"x","name":"نامه‌ی اداری.pdf"}')
    handles = {
        "a": good,
        "b": Handle(value=HALF),
        "c": Handle(value="x\x00"),
        "d": Handle(value=f"https://x/{TOKEN}"),
        "e": Handle(value="x" * 100_000),
        "f": Handle(value=""),
        "g": "no handle",
    }
    assert usable(handles) == {"a": good}
    assert usable(None) == {}


def test_an_empty_receipt_is_one() -> None:
    assert posted(Receipt(note="taken, says Apprise, which names no message")).ids == ()


@pytest.mark.parametrize("seen", [Present(ids=(HALF,)), Present(ids=()), None, "x"])
def test_what_cannot_be_read_on_a_page_is_undecided(seen: Any) -> None:
    assert isinstance(found(seen), Undecided)


async def test_a_cancelling_that_somebody_asked_for_is_let_through() -> None:
    async def sleep() -> None:
        with contained():
            await asyncio.sleep(60)

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(StrayError), contained():
        raise asyncio.CancelledError


def test_a_yes_is_not_sent_again_though_the_channel_wishes_it() -> None:
    policy = Policy(
        max_attempts=5,
        give_up_after=timedelta(hours=1),
        settle=timedelta(minutes=3),
        on_unknown="resend",
    )
    tried = Tried(verb=Verb.SEND, failures=0, age_s=0, touched=True)
    error: SendError = OutcomeUnknown("yes", said_yes=True)
    assert decide(error, tried, policy).state is State.UNKNOWN
    assert decide(OutcomeUnknown("silence"), tried, policy).state is State.WAITING
