"""Whatever a client sends, the fake answers as its platform does, and never breaks."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.bale.sandbox import FAKE as BALE
from adapters.telegram.sandbox import FAKE as TELEGRAM
from broadcaster.sandbox.server import start

FAKES = {"telegram": TELEGRAM, "bale": BALE}
NAMES = (
    *("chat_id", "text", "message_id", "message_ids", "from_chat_id", "user_id", "file_id"),
    *("photo", "document", "media", "caption", "parse_mode", "entities", "caption_entities"),
    *("reply_parameters", "link_preview_options", "reply_markup", "disable_notification"),
)
ENTITY = {"type": "bold", "offset": 0, "length": 1}
MEDIA = {"type": "photo", "media": "https://a.ir/b.png"}
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(
            "@news",
            -1001,
            "سلام",
            "",
            " ",
            "<b>",
            "*",
            "HTML",
            "MarkdownV2",
            "Markdown",
            None,
            True,
        ),
        *(0, 1, -1, 2**70, 1.5, [], {}, [1], [[]], {"a": 1}, "[", "null", "1", "\ud83d"),
        *([ENTITY], [{**ENTITY, "offset": "x"}], [{**ENTITY, "length": -1}], [MEDIA], [MEDIA] * 2),
        *({"message_id": 1}, {"message_id": "x"}, {"message_id": [1]}, {"type": ["photo"]}, MEDIA),
    ]
)
CALLS = st.lists(
    st.tuples(
        st.sampled_from([*TELEGRAM.methods]),
        st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).map(
            lambda said: {"chat_id": "@news", "text": "سلام", **said}
        ),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("platform", FAKES)
@settings(max_examples=60)
@given(calls=CALLS)
def test_every_call_is_answered_in_the_platforms_envelope(
    platform: str, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_answered(platform, calls, Path(folder) / "accepted.jsonl"))


async def _answered(platform: str, calls: list[tuple[str, dict[str, Any]]], ledger: Path) -> None:
    sandbox = await start({platform: FAKES[platform]}, host="127.0.0.1", port=0, ledger=ledger)
    try:
        async with aiohttp.ClientSession() as session:
            for method, params in calls:
                url = f"{sandbox.url}/{platform}/bot42:AAodd/{method}"
                async with session.post(url, data=json.dumps(params).encode()) as answer:
                    said = await answer.json()
                    assert answer.status == (200 if said["ok"] else said["error_code"])
                    assert answer.status < 500
            async with session.get(f"{sandbox.url}/") as page:
                assert page.status == 200
    finally:
        await sandbox.stop()
