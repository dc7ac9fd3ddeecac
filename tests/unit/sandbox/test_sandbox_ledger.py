"""A stopped or killed sandbox goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import InputError


async def test_a_restart_knows_messages_edits_files_and_ids(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    ledger = tmp_path / "accepted.jsonl"
    async with opened(ledger) as client:
        await client.say("یکم، می‌آید")
        second = await client.say("دوم")
        await client.call("editMessageText", chat_id="@news", message_id=second, text="دومِ نو")
        await client.call("pinChatMessage", chat_id="@news", message_id=second)
        third = await client.say("سوم")
        await client.call("deleteMessage", chat_id="@news", message_id=third)
        sent = await client.upload("sendDocument", "سند.pdf", b"%PDF", chat_id="@news")
        before = await client.control("messages")
    async with opened(ledger) as client:
        assert await client.control("messages") == before
        file_id = sent["document"]["file_id"]
        again = await client.call("sendDocument", chat_id="@news", document=file_id)
        assert again["result"]["message_id"] == 5
        got = await client.call("getFile", file_id=file_id)
        path = got["result"]["file_path"]
        assert await client.page(
            f"/telegram/file/bot42:AAunitAAunitAAunitAAunitAAunitAAunitAA/{path}"
        )
        number = again["result"]["chat"]["id"]
        assert await client.control("messages", channel=str(number)) == await client.control(
            "messages", channel="news"
        )


async def test_each_line_is_an_event_with_the_message_as_it_then_stood(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    ledger = tmp_path / "accepted.jsonl"
    async with opened(ledger) as client:
        only = await client.say("متن")
        await client.call("editMessageText", chat_id="@news", message_id=only, text="متنِ نو")
        lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert [(each["event"], each["id"], each["text"], each["edited"]) for each in lines] == [
        ("posted", only, "متن", False),
        ("edited", only, "متنِ نو", True),
    ]


async def test_a_line_cut_short_by_a_kill_is_dropped(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    ledger = tmp_path / "accepted.jsonl"
    async with opened(ledger) as client:
        await client.say("یکم")
        await client.say("دوم")
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-20])
    async with opened(ledger) as client:
        assert [each["text"] for each in await client.control("messages")] == ["یکم"]
        assert await client.say("سوم") == "2"
    assert [json.loads(line)["id"] for line in ledger.read_text("utf-8").splitlines()] == ["1", "2"]


async def test_a_reset_stays_after_a_restart(tmp_path: Path, opened: Callable[..., Any]) -> None:
    ledger = tmp_path / "accepted.jsonl"
    async with opened(ledger) as client:
        await client.say("یکم")
        await client.control("reset", {})
        assert await client.say("نو") == "1"
    async with opened(ledger) as client:
        assert [each["text"] for each in await client.control("messages")] == ["نو"]


@pytest.mark.parametrize("content", ["خرید نان\n", "خرید نان", "{}\n", '{"a'])
async def test_another_file_is_no_ledger_and_stays_as_it_was(
    tmp_path: Path, opened: Callable[..., Any], content: str
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1 of .*notes.txt is no line"):
        async with opened(notes):
            pass
    assert notes.read_text("utf-8") == content


async def test_two_sandboxes_do_not_share_a_ledger(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    ledger = tmp_path / "accepted.jsonl"
    async with opened(ledger):
        with pytest.raises(InputError, match="another sandbox writes"):
            async with opened(ledger):
                pass
    async with opened(ledger) as client:
        assert await client.say("یکم") == "1"


async def test_a_ledger_that_cannot_be_written_is_said(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        async with opened(tmp_path / "file" / "accepted.jsonl"):
            pass
