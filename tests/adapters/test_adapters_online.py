"""``check --online`` before the fakes: what it verified, what not, and that it posted nothing."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from broadcaster.discovery import find_fakes
from broadcaster.testing.loopback import Loopback, answer

ROOT = Path(__file__).parents[2]
TOKENS = {"eitaa": "bot123456:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}
TOKEN = "123456789:AAonAAonAAonAAonAAonAAonAAonAAonA"
ADDRESSES = {"igap": "12345", "eitaa": "10525463", "rubika": "c0BkVsC0a1b2c3d4e5f60718293a4b5c"}


@pytest.fixture
async def sandbox() -> AsyncIterator[str]:
    from broadcaster.sandbox import server

    running = await server.start(find_fakes(), host="127.0.0.1", port=0, ledger=None, switches=None)
    yield running.url
    await running.stop()


def office(folder: Path, urls: dict[str, str], more: str = "") -> Path:
    """A config with one account and one channel for each platform of ``urls``."""
    secrets = folder / "config" / "secrets"
    secrets.mkdir(parents=True)
    tables = []
    for name, url in urls.items():
        token = secrets / name
        token.write_text(TOKENS.get(name, TOKEN), "utf-8")
        token.chmod(0o600)
        address = ADDRESSES.get(name, "@akhbar_rah")
        tables.append(
            f'[platforms.{name}]\ntoken_file = "secrets/{name}"\nbase_url = "{url}"\n'
            f'[channels.news-{name}]\nplatform = "{name}"\naddress = "{address}"\n'
        )
    path = folder / "config" / "broadcaster.toml"
    path.write_text("\n".join(('state_dir = "../state"', *tables, more)), "utf-8")
    return path


async def check(config: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of ``broadcaster check --online``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "broadcaster", "--config", str(config), "check", "--online", "--json"),
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert TOKEN.encode() not in out + err
    assert process.returncode is not None
    return process.returncode, json.loads(out)


def by_name(checked: dict[str, Any]) -> dict[str, Any]:
    return {each["channel"] or each["account"]: each for each in checked["online"]}


async def test_what_can_only_be_seen_by_posting_is_said_and_no_failure(
    sandbox: str, tmp_path: Path
) -> None:
    names = [*find_fakes()]
    code, checked = await check(office(tmp_path, {name: f"{sandbox}/{name}" for name in names}))
    said = by_name(checked)
    assert code == 0
    assert {*said} == {*names, *(f"news-{name}" for name in names)}
    assert said["news-telegram"]["verified"] == ["token", "channel", "right to post"]
    assert said["news-eitaa"]["verified"] == ["token"]
    assert said["news-eitaa"]["unverified"] == ["channel", "right to post"]
    assert said["news-soroush"]["unverified"] == ["right to post"]
    assert all(each["ok"] for each in said.values())
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sandbox}/_sandbox/messages") as posted,
    ):
        assert await posted.json() == []


async def test_a_channel_that_exists_is_no_right_to_post(tmp_path: Path) -> None:
    def say(raw: bytes) -> bytes:
        member = b"getChatMember " in raw
        result = {"status": "left", "user": {"id": 1}} if member else {"id": 1}
        return answer(200, json.dumps({"ok": True, "result": result}).encode())

    async with Loopback(say) as server:
        code, checked = await check(office(tmp_path, {"telegram": server.url}))
    said = by_name(checked)
    assert code == 1
    assert said["telegram"]["ok"]
    assert not said["news-telegram"]["ok"]
    assert "administrator" in said["news-telegram"]["advice"]


async def test_one_dead_platform_leaves_the_answers_of_the_others(
    sandbox: str, tmp_path: Path
) -> None:
    async with Loopback() as dead:
        urls = {"telegram": dead.url, "bale": f"{sandbox}/bale"}
        code, checked = await check(office(tmp_path, urls))
    said = by_name(checked)
    assert code == 1
    assert (said["news-telegram"]["ok"], said["news-bale"]["ok"]) == (False, True)


async def test_what_is_off_is_not_asked(tmp_path: Path) -> None:
    async with Loopback(answer(200, b'{"ok": true, "result": {"id": 1}}')) as server:
        config = office(
            tmp_path,
            {"bale": server.url},
            '[platforms.gap]\nenabled = false\ntoken_file = "secrets/gap"\n'
            f'base_url = "{server.url}"\n[channels.news-gap]\nplatform = "gap"\naddress = "@a_rah"',
        )
        _, checked = await check(config)
        assert all(b"/bot" in raw for raw in server.received)
    assert checked["not_asked"] == ["gap", "news-gap"]
    assert {*by_name(checked)} == {"bale", "news-bale"}


async def test_an_account_without_channels_is_asked_for_its_token(tmp_path: Path) -> None:
    async with Loopback(answer(401, b"")) as server:
        config = office(tmp_path, {"bale": server.url})
        text = config.read_text("utf-8")
        config.write_text(text[: text.index("[channels")], "utf-8")
        code, checked = await check(config)
    assert code == 1
    assert [(each["account"], each["ok"]) for each in checked["online"]] == [("bale", False)]
