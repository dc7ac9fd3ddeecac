"""Contract of an adapter, second part: each way to fail has its one error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import pytest

from broadcaster.adapter import Adapter, Call
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    Unauthorized,
    Unavailable,
)
from broadcaster.model import Account, Scope
from broadcaster.testing.adapter_trial import TOKEN, AdapterTrial, Trial, failing
from broadcaster.testing.loopback import Loopback, answer, refused_port


class RefusingContract(AdapterTrial):
    names_delay: ClassVar[bool] = True
    """Whether the platform names a delay when it limits the rate."""
    expected: ClassVar[Mapping[str, type[SendError]]] = {
        "429": RateLimited,
        "401": Unauthorized,
        "403": Unauthorized,
        "400": Rejected,
        "5xx": OutcomeUnknown,
        "drop-before": OutcomeUnknown,
        "drop-after": OutcomeUnknown,
    }
    """The one error of each armed fault; a platform that tells them otherwise says so here."""
    scopes: ClassVar[Mapping[str, Scope]] = {"401": Scope.ACCOUNT, "403": Scope.CHANNEL}

    @pytest.mark.parametrize(
        "fault", ["429", "401", "403", "400", "5xx", "drop-before", "drop-after"]
    )
    async def test_a_fault_has_its_one_error(self, trial: Trial, fault: str) -> None:
        await trial.control.arm(fault)
        call = await trial.call(trial.text())
        error = await failing(
            trial.adapter.send(call),
            self.expected[fault],
            touched=True,
            watched=self.adapter.watched,
        )
        assert len(await trial.control.messages()) == (fault == "drop-after")
        if isinstance(error, Unauthorized):
            assert error.scope is self.scopes[fault]
        await trial.adapter.send(call)  # and the adapter is good for the next call

    async def test_the_wait_is_the_one_named(self, trial: Trial) -> None:
        await trial.control.arm("429", retry_after=7)
        error = await failing(trial.adapter.send(await trial.call(trial.text())), RateLimited)
        assert isinstance(error, RateLimited)
        assert error.retry_after == (7.0 if self.names_delay else None)

    async def test_no_wait_named_is_no_wait_guessed(self, trial: Trial) -> None:
        await trial.control.arm("429")
        error = await failing(trial.adapter.send(await trial.call(trial.text())), RateLimited)
        assert isinstance(error, RateLimited)
        assert error.retry_after is None

    async def test_an_answer_after_the_deadline_is_in_doubt(self, trial: Trial) -> None:
        await trial.control.arm("slow", seconds=30)
        call = await trial.call(trial.text())
        soon = replace(call, deadline=time.monotonic() + 0.3)
        await failing(
            trial.adapter.send(soon), OutcomeUnknown, touched=True, watched=self.adapter.watched
        )

    async def test_after_the_deadline_no_byte_leaves(self, trial: Trial) -> None:
        late = replace(await trial.call(trial.text()), deadline=time.monotonic())
        before = await trial.control.requests()
        await failing(
            trial.adapter.send(late), Unavailable, touched=False, watched=self.adapter.watched
        )
        assert await trial.control.requests() == before

    async def test_a_refused_connection_is_surely_no_post(
        self, trial: Trial, account: Account
    ) -> None:
        call = await trial.call(trial.text())
        url = f"http://127.0.0.1:{refused_port()}"
        error = await self._failing_at(account, url, call, Unavailable, touched=False)
        assert error.detail

    @pytest.mark.parametrize(
        "body",
        [
            answer(200, b""),
            answer(200, b"<html>a page in between</html>"),
            answer(200, b"{}"),
            answer(200, b"[1, 2"),
            answer(502, b"<html>Bad Gateway</html>"),
            answer(302, b"", b"Location: http://127.0.0.1:1/"),
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
            b"HTTP/1.1 200 OK\r\nConte",
            b"",
        ],
    )
    async def test_an_answer_that_cannot_be_read_is_in_doubt(
        self, trial: Trial, account: Account, body: bytes
    ) -> None:
        call = await trial.call(trial.text())
        async with Loopback(body) as server:
            await self._failing_at(account, server.url, call, OutcomeUnknown, touched=True)
            assert len(server.received) == 1, "a posting call is never repeated"

    async def test_a_server_that_never_reads_leaves_doubt(
        self, trial: Trial, account: Account
    ) -> None:
        call = replace(await trial.call(trial.text()), deadline=time.monotonic() + 0.3)
        async with Loopback(reads=False) as server:
            await self._failing_at(account, server.url, call, OutcomeUnknown, touched=True)

    async def test_cancelling_is_left_alone(self, trial: Trial, account: Account) -> None:
        call = await trial.call(trial.text())
        async with Loopback(hangs=True) as server:
            adapter = self.adapter(replace(account, base_url=server.url))
            await adapter.open()
            sending = asyncio.create_task(adapter.send(call))
            await server.asked.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            await adapter.close()

    async def test_nothing_shows_the_token(self, trial: Trial) -> None:
        assert TOKEN.reveal() not in f"{trial.adapter!r} {trial.adapter.account!r}"

    async def _failing_at(
        self, account: Account, url: str, call: Call, kind: type[SendError], *, touched: bool
    ) -> SendError:
        """The error of ``call`` at another server than the fake."""
        adapter: Adapter = self.adapter(replace(account, base_url=url))
        await adapter.open()
        try:
            return await failing(
                adapter.send(call), kind, touched=touched, watched=self.adapter.watched
            )
        finally:
            await adapter.close()
