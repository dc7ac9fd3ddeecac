"""A recorded proof, replayed through the adapter: the same requests, the same verdicts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.bale.adapter import Bale
from broadcaster.app.proving.outcome import Outcome, ProofNotes
from broadcaster.app.proving.pacing import Pacer
from broadcaster.app.proving.prover import Bench, Prover
from broadcaster.app.proving.recording import Recording
from broadcaster.app.proving.samples import Samples
from broadcaster.app.proving.trials import trials
from broadcaster.model import Account, Channel, Secret
from broadcaster.testing.replay import Replay, ReplayScript

RECORDING = Path(__file__).parent / "recordings" / "bale.jsonl"
TOKEN = "987654321:AAreplayAAreplayAAreplayAAreplayAAre"


async def replayed(recorded: ReplayScript, folder: Path, *, check: bool = True) -> ProofNotes:
    """What a proof finds before a server that answers so."""
    platform = Bale.platform
    notes, head = ProofNotes(), recorded.head
    async with Replay(recorded, token=TOKEN) as server:
        account = Account(name="bale", platform="bale", token=Secret(TOKEN), base_url=server.url)
        adapter = Bale(account)
        await adapter.open()
        bench = Bench(
            adapter=adapter,
            limits=platform.limits,
            channel=Channel(name="desk", account="bale", **head["channel"]),
            mark=head["mark"],
            nowhere=head["nowhere"],
            samples=Samples(folder, platform.limits),
            pacer=Pacer(0.0, lambda: False),
            recording=Recording(io.StringIO(), {}, server.url),
            patience=0.0,
        )
        prover = Prover(bench, notes)
        await prover.run(trials(platform, platform.limits, head["mark"]))
        await prover.remove()
        await adapter.close()
    if check:
        server.check()
    return notes


def changed(recorded: ReplayScript, trial: str, **changes: Any) -> ReplayScript:
    """The recording with another answer to the first request of a trial."""
    exchanges = [*recorded.exchanges]
    at = next(n for n, each in enumerate(exchanges) if each.trial == trial)
    answer = {**(exchanges[at].answer or {}), **changes}
    exchanges[at] = replace(exchanges[at], answer=answer)
    return replace(recorded, exchanges=exchanges)


async def test_the_adapter_asks_as_it_did_and_understands_as_it_did(tmp_path: Path) -> None:
    notes = await replayed(ReplayScript.read(RECORDING), tmp_path)
    found = {key: result.outcome for key, result in notes.results.items()}
    assert set(found.values()) == {Outcome.PROVED, Outcome.NOT_VISIBLE}
    assert {found[key] for key in ("probe", "too-long", "no-channel", "audience")} == {
        Outcome.PROVED
    }
    assert notes.standing == {}
    assert "message is too long" in notes.results["too-long"].why


async def test_another_answer_is_another_verdict(tmp_path: Path) -> None:
    refusal = json.dumps({"ok": False, "error_code": 400, "description": "Bad Request: no voices"})
    recorded = changed(ReplayScript.read(RECORDING), "voice", status=400, body=refusal)
    # what was refused is not removed in the end
    number = json.loads(str(_answer(ReplayScript.read(RECORDING), "voice")["body"]))
    gone = f"message_id={number['result']['message_id']}"
    kept = [each for each in recorded.exchanges if not _removes(each, gone)]
    notes = await replayed(replace(recorded, exchanges=kept), tmp_path)
    assert notes.results["voice"].outcome is Outcome.REFUSED
    assert "no voices" in notes.results["voice"].why


async def test_a_request_that_differs_is_named(tmp_path: Path) -> None:
    recorded = ReplayScript.read(RECORDING)
    other = replace(recorded, head={**recorded.head, "mark": "bp00000000"})
    with pytest.raises(AssertionError, match=r"text: .* was recorded"):
        await replayed(other, tmp_path)
    with pytest.raises(AssertionError, match="one more request"):
        await replayed(replace(recorded, exchanges=recorded.exchanges[:3]), tmp_path)
    twice = replace(recorded, exchanges=[*recorded.exchanges, recorded.exchanges[-1]])
    with pytest.raises(AssertionError, match="did not come"):
        await replayed(twice, tmp_path)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"form": 99}\n', "utf-8")
    with pytest.raises(ValueError, match="no recording of form"):
        ReplayScript.read(path)


def _answer(recorded: ReplayScript, trial: str) -> Any:
    return next(each.answer for each in recorded.exchanges if each.trial == trial)


def _removes(exchange: Any, gone: str) -> bool:
    url, body = exchange.request["url"], exchange.request.get("body") or ""
    return exchange.trial == "remove" and "deleteMessage" in url and body.endswith(f"&{gone}")
