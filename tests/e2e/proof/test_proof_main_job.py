"""The main job with everything in its own process: what the dry run says is what readers get."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.proof.bureau import ALL, Bureau
from tests.e2e.proof.texts import announcement, picture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_what_the_dry_run_shows_is_what_every_platform_gets_in_order_and_once(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(platforms=ALL, channels=1)
    long = _file(office.folder / "خبر.md", announcement("بلند", 1, letters=9_000))
    caption = announcement("تصویر", 2, letters=2_000)
    photo = str(picture(office.folder / "پوستر.png"))
    posts = (
        ["--file", str(long)],
        [caption, "--media", photo],
        ["این خبر به وقت خودش می‌رود 🕗"],
    )
    said = [office.json("post", *words, "--dry-run") for words in posts]
    office.start_daemon()
    soon = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
    scheduled = office.json("post", *posts[2], "--at", soon)
    assert scheduled["state"] == "scheduled"
    posted = [office.json("post", *words) for words in posts[:2]]
    office.until_settled()
    shown = [office.json("show", str(each["id"])) for each in (*posted, scheduled)]
    assert [each["state"] for each in shown] == ["delivered"] * 3
    for channel, (platform, _) in office.addresses().items():
        planned = [message for each in said for message in _messages(each["channels"], channel)]
        ledger = _ledger(office, platform)
        assert [_as_sent(entry) for entry in ledger] == [message["text"] for message in planned]
        assert [len(entry["media"]) for entry in ledger] == [
            len(message["media"]) for message in planned
        ]
        sent = [message for each in shown for message in _messages(each["deliveries"], channel)]
        assert [message["id"] for message in sent] == [entry["id"] for entry in ledger]
        assert _joined(entry["text"] for entry in ledger[:-1]) == _joined(
            [long.read_text("utf-8"), caption]
        )


def _file(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def _messages(channels: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    (mine,) = [each["messages"] for each in channels if each["channel"] == name]
    found: list[dict[str, Any]] = mine
    return found


def _ledger(office: Bureau, platform: str) -> list[dict[str, Any]]:
    """The messages of a platform's only channel, in order, as its ledger's file has them."""
    lines = map(json.loads, office.ledger.read_text("utf-8").splitlines())
    return [line for line in lines if line["event"] == "posted" and line["platform"] == platform]


def _as_sent(entry: dict[str, Any]) -> str:
    """A text as it came over the wire; some platforms wrap a caption in more than itself."""
    sent: str = entry["text"] if entry["media"] else entry["raw"]
    return sent


def _joined(texts: Any) -> str:
    return "".join("".join(text.split()) for text in texts)
