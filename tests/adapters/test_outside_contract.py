"""Somebody else's adapter, with a fake of its own, proves itself; and bad ones do not pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from broadcaster.adapter import (
    Adapter,
    Call,
    Fact,
    Limits,
    Measure,
    Platform,
    Probe,
    Proven,
    Rate,
)
from broadcaster.errors import OutcomeUnknown, SendError, Unavailable
from broadcaster.kit.botapi import BotApi
from broadcaster.kit.botclient import posting, receipt
from broadcaster.kit.refusal import Advice
from broadcaster.model import Account, Channel, Receipt, Text
from broadcaster.testing.adapter_contract import AdapterContract
from broadcaster.testing.adapter_trial import TOKEN, ControlClient, Trial


@dataclass(frozen=True, slots=True)
class Config:
    """Keys of ``[platforms.chapar]``: it has none yet."""


def plain(text: Text) -> tuple[str, dict[str, Any]]:
    return text.plain, {}


PLATFORM = Platform(
    name="chapar",
    title="چاپار",
    jurisdiction="domestic",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=300, source="guess"),
        caption=Fact(value=300, source="guess"),
        album=Fact(value=(1, 1), source="guess"),
        account_rate=Fact(value=Rate(count=1, per_s=1), source="guess"),
        channel_rate=Fact(value=None, source="guess"),
        quiet=Fact(value=None, source="guess"),
        edit_within=Fact(value=timedelta.max, source="guess"),
        recall_within=Fact(value=timedelta.max, source="guess"),
    ),
    proven=Proven.SANDBOX,
    base_url="https://chapar.example",
    senders=1,
    config=Config,
    encode=plain,
    link=lambda _channel, _id: None,
    address=str.strip,
)


class Chapar(Adapter):
    """Texts only, in the words of the Bot-API family."""

    platform = PLATFORM
    watched = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.api = BotApi(account, Advice(account="token", rights="rights", address="address"))

    async def close(self) -> None:
        await self.api.close()

    async def send(self, call: Call) -> Receipt:
        made = posting(call)
        return receipt(await self.api.call(made.method, made.params, deadline=call.deadline))

    async def probe(self, channel: Channel | None) -> Probe:
        await self.api.call("getMe")
        return Probe(ok=True, verified=("token",), unverified=() if channel is None else ("right",))


class Fake:
    """The platform and its control side, as the contract asks for them."""

    REFUSALS = ("400", "401", "403", "429")

    def __init__(self) -> None:
        self.ledger: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/chapar/bot{token}/{method}", self.called)
        app.router.add_post("/_sandbox/faults", self.armed)
        app.router.add_get("/_sandbox/messages", self.listed)
        app.router.add_get("/_sandbox/requests", self.listed)
        return app

    async def listed(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger if "messages" in request.path else self.calls)

    async def armed(self, request: web.Request) -> web.Response:
        self.faults.append(await request.json())
        return web.json_response({})

    async def called(self, request: web.Request) -> web.StreamResponse:
        fields, method = await request.post(), request.match_info["method"]
        self.calls.append({"platform": "chapar"})
        fault: dict[str, Any] = self.faults.pop() if self.faults else {"kind": ""}
        kind = fault["kind"]
        if kind in self.REFUSALS:
            envelope: dict[str, Any] = {
                "ok": False,
                "error_code": int(kind),
                "description": "refused",
            }
            if "retry_after" in fault:
                envelope["parameters"] = {"retry_after": fault["retry_after"]}
            return web.json_response(envelope, status=int(kind))
        if kind == "5xx":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if kind == "slow":
            await asyncio.sleep(fault["seconds"])
        if kind == "drop-before" and request.transport:
            request.transport.close()
            return web.Response()
        number = len(self.ledger) + 1
        if method == "sendMessage":
            message: dict[str, Any] = {
                "id": number,
                "text": fields["text"],
                "media": [],
                "silent": False,
            }
            self.ledger.append({"platform": "chapar", "channel": "c", **message})
        if kind == "drop-after" and request.transport:
            request.transport.close()
        return web.json_response({"ok": True, "result": {"message_id": number}})


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[str]:
    runner = web.AppRunner(Fake().app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class TestChapar(AdapterContract):
    adapter = Chapar
    address = "c"


class Doubling(Chapar):
    async def send(self, call: Call) -> Receipt:
        await super().send(call)
        return await super().send(call)


class Hasty(Chapar):
    """Takes each doubt for "surely not posted"."""

    async def send(self, call: Call) -> Receipt:
        try:
            return await super().send(call)
        except OutcomeUnknown as error:
            raise Unavailable(error.detail) from None


class Talkative(Chapar):
    """Names no token, but hides an error that does."""

    async def send(self, call: Call) -> Receipt:
        try:
            return await super().send(call)
        except SendError as error:
            error.__context__ = ValueError(f"/bot{TOKEN.reveal()}/sendMessage")
            raise


class Unhurried(Chapar):
    async def send(self, call: Call) -> Receipt:
        return await super().send(replace(call, deadline=call.deadline + 60))


class Boasting(Chapar):
    platform = replace(PLATFORM, verbs=frozenset({"edit"}))


class Preaching(Chapar):
    async def probe(self, channel: Channel | None) -> Probe:
        await self.api.call("sendMessage", {"chat_id": "c", "text": "test"})
        return Probe(ok=True, verified=("token",))


@pytest.mark.parametrize(
    ("bad", "case", "given"),
    [
        (Doubling, "test_a_text_is_one_message_and_a_receipt", {}),
        (Doubling, "test_publishing_is_one_call", {}),
        (Hasty, "test_a_fault_has_its_one_error", {"fault": "5xx"}),
        (Hasty, "test_a_fault_has_its_one_error", {"fault": "drop-after"}),
        (Talkative, "test_a_fault_has_its_one_error", {"fault": "400"}),
        (Unhurried, "test_after_the_deadline_no_byte_leaves", {}),
        (Boasting, "test_verbs_are_what_the_class_can_do", None),
        (Preaching, "test_a_probe_posts_nothing", {}),
    ],
)
async def test_a_bad_adapter_does_not_pass(
    bad: type[Chapar], case: str, given: dict[str, str] | None, sandbox: str, tmp_path: Path
) -> None:
    contract = type("Contract", (AdapterContract,), {"adapter": bad, "address": "c"})()
    account = Account(
        name="chapar", platform="chapar", token=TOKEN, base_url=f"{sandbox}/chapar", config=Config()
    )
    channel = Channel(name="news", account="chapar", address="c")
    adapter = bad(account)
    trial = Trial(adapter, ControlClient(sandbox, "chapar"), channel, PLATFORM.limits, tmp_path)
    arguments = () if given is None else (trial,)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await getattr(contract, case)(*arguments, **(given or {}))
    await adapter.close()
