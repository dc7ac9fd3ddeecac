"""What the experimental client of Apprise makes of a yes and a no, and that it keeps the URL."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.apprise.adapter import Apprise
from adapters.apprise.facts import PLATFORM, Config, address, narrow
from broadcaster.adapter import ABCS, Call
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unavailable
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Account, Channel, Message, Secret
from broadcaster.testing.loopback import Loopback, answer, refused_port

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

WORDS = "وزارت راه می‌گوید: *جاده* <b>باز</b> &amp; ۱۲ 👨‍👩‍👧‍👦"


def client(url: str, *, proxy: str | None = None) -> Apprise:
    return Apprise(
        Account(
            name="a",
            platform="apprise",
            token=Secret(url),
            base_url="",
            proxy=proxy,
            config=Config(),
        )
    )


@pytest.fixture
def post(call: Callable[..., Call]) -> Callable[..., Call]:
    def of(text: str = WORDS, to: str = "json") -> Call:
        made = call(Message(index=0, text=text))
        return replace(made, channel=Channel(name="n", account="a", address=to))

    return of


async def refused(sending: Apprise, made: Call, kind: type[SendError]) -> SendError:
    with pytest.raises(SendError) as raised:
        await sending.send(made)
    assert type(raised.value) is kind
    assert raised.value.__context__ is None
    return raised.value


async def test_a_yes_is_a_receipt_that_names_nothing(post: Callable[..., Call]) -> None:
    async with Loopback(answer(200, b"")) as server:
        receipt = await client(f"json://127.0.0.1:{server.port}/s3cret").send(post())
    assert receipt.ids == ()
    assert receipt.note
    (asked,) = server.received
    assert asked.startswith(b"POST /s3cret ")
    assert json.loads(asked.partition(b"\r\n\r\n")[2])["message"] == WORDS


@pytest.mark.parametrize(
    "said", [answer(500, b""), answer(401, b""), answer(429, b""), answer(404, b""), b""]
)
async def test_a_no_does_not_say_why_and_is_in_doubt(
    said: bytes, post: Callable[..., Call]
) -> None:
    async with Loopback(said) as server:
        error = await refused(
            client(f"json://127.0.0.1:{server.port}/s3cret"), post(), OutcomeUnknown
        )
        assert "not why" in error.detail
    gone = client(f"json://127.0.0.1:{refused_port()}/s3cret")
    await refused(gone, post(), OutcomeUnknown)


async def test_a_url_cannot_ask_for_second_tries_or_for_a_no_to_pass_as_yes(
    post: Callable[..., Call],
) -> None:
    async with Loopback(answer(500, b"")) as server:
        url = f"json://127.0.0.1:{server.port}/x?retry=3&wait=0&optional=yes"
        await refused(client(url), post(), OutcomeUnknown)
        assert len(server.received) == 1


async def test_a_text_is_refused_whole_and_never_cut(post: Callable[..., Call]) -> None:
    async with Loopback(answer(200, b"")) as server:
        for mode in ("truncate", "split"):
            sending = client(f"json://127.0.0.1:{server.port}/x?overflow={mode}")
            error = await refused(sending, post("ا" * 40_000), Rejected)
            assert "32,768" in error.detail
        assert server.received == []


async def test_no_answer_in_time_is_in_doubt_and_too_late_is_not(
    post: Callable[..., Call],
) -> None:
    async with Loopback(hangs=True) as server:
        sending = client(f"json://127.0.0.1:{server.port}/x?rto=1")
        await refused(sending, replace(post(), deadline=time.monotonic() + 0.2), OutcomeUnknown)
        await refused(sending, replace(post(), deadline=time.monotonic()), Unavailable)
        await server.asked.wait()
        assert len(server.received) == 1
        await asyncio.to_thread(lambda: None)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("not a url", "token file"),
        ("json://127.0.0.1/a, xml://127.0.0.1/b", "more than one"),
        ("xml://127.0.0.1/s3cret", "agree"),
    ],
)
async def test_a_secret_that_does_not_fit_says_what_to_mend(
    url: str, told: str, post: Callable[..., Call]
) -> None:
    sending = client(url)
    error = await refused(sending, post(), Rejected)
    probe = await sending.probe(post().channel)
    assert told in error.detail
    assert (probe.ok, probe.advice) == (False, error.detail)
    assert "s3cret" not in error.detail


async def test_the_proxy_of_an_account_is_not_left_out_in_silence(
    post: Callable[..., Call],
) -> None:
    async with Loopback(answer(200, b"")) as server:
        sending = client(f"json://127.0.0.1:{server.port}/x", proxy="http://127.0.0.1:1")
        error = await refused(sending, post(), Rejected)
        assert "proxy" in error.detail
        assert server.received == []


async def test_a_probe_asks_nothing_and_says_so(post: Callable[..., Call]) -> None:
    async with Loopback(answer(200, b"")) as server:
        sending = client(f"json://127.0.0.1:{server.port}/x")
        for channel, unverified in ((None, 1), (post().channel, 3)):
            probe = await sending.probe(channel)
            assert (probe.ok, probe.verified) == (True, ())
            assert len(probe.unverified) == unverified
        assert server.received == []


async def test_nothing_logs_the_url(
    post: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.NOTSET)
    async with Loopback(answer(500, b"")) as server:
        for url in (f"json://u:s3cret@127.0.0.1:{server.port}/s3cret", "nosuch://s3cret", "s3cret"):
            sending = client(url)
            with pytest.raises(SendError):
                await sending.send(post())
            assert "s3cret" not in f"{sending!r} {sending.account!r}"
    assert "s3cret" not in caplog.text


def test_the_facts_claim_nothing_and_say_that_they_are_experimental() -> None:
    assert (
        {verb for verb, abc in ABCS.items() if issubclass(Apprise, abc)} == PLATFORM.verbs == set()
    )
    assert not PLATFORM.limits.media
    assert "experimental" in PLATFORM.limits.text.source
    assert narrow(PLATFORM.limits, Config(longest=500)).text.value == 500


def test_an_address_is_the_scheme_and_never_the_url() -> None:
    assert address(" Slack ") == "slack"
    for typed in ("slack://s3cret", "کانال", "@name"):
        with pytest.raises(ValueError, match="://") as raised:
            address(typed)
        assert "s3cret" not in str(raised.value)


async def test_what_waits_for_a_thread_does_not_begin_once_it_is_switched_off(
    post: Callable[..., Call],
) -> None:
    loop, go, reason = asyncio.get_running_loop(), threading.Event(), ""
    with ThreadPoolExecutor(1) as threads:
        loop.set_default_executor(threads)
        threads.submit(go.wait)
        async with Loopback(answer(200, b"")) as server:
            with watch(Wire(closed=lambda: reason)):
                sending = client(f"json://127.0.0.1:{server.port}/s3cret")
                task = asyncio.create_task(refused(sending, post(), Unavailable))
            await asyncio.sleep(0)
            reason = "switched off"
            go.set()
            error = await task
        assert "switched off" in error.detail
        assert not server.received
