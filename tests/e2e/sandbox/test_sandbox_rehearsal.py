"""What an administrator rehearses: incidents and switches of a running sandbox, by command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from broadcaster.discovery import find_fakes
from broadcaster.sandbox import server
from tests.e2e import warm

TOKEN = "123456789:AAonAAonAAonAAonAAonAAonAAonAAonA"


class Rehearsal:
    def __init__(self, url: str, folder: Path, session: aiohttp.ClientSession) -> None:
        self.url, self.folder, self.session = url, folder, session

    async def run(self, *args: str, code: int = 0) -> str:
        """``broadcaster sandbox ARGS`` while the sandbox goes on; its stdout, or its stderr."""
        done = await asyncio.to_thread(warm.run, ["sandbox", *args], cwd=self.folder)
        assert done.returncode == code, done
        return (done.stderr if code else done.stdout).decode()

    async def incident(self, *args: str) -> dict[str, Any]:
        out = await self.run("incident", *args, "--url", self.url, "--json")
        now: dict[str, Any] = json.loads(out)["incidents"]
        return now

    async def ask(self, platform: str) -> tuple[int, Any]:
        url = f"{self.url}/{platform}/bot{TOKEN}/sendMessage"
        body = {"chat_id": "@akhbar", "text": "سلام"}
        async with self.session.post(url, json=body) as answer:
            return answer.status, await answer.json()

    async def messages(self) -> int:
        async with self.session.get(f"{self.url}/_sandbox/messages") as answer:
            return len(await answer.json())


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Rehearsal]:
    running = await server.start(find_fakes(), host="127.0.0.1", port=0)
    async with aiohttp.ClientSession() as session:
        yield Rehearsal(running.url, tmp_path, session)
    await running.stop()


async def test_each_incident_shows_at_its_platform_alone_and_is_cleared(
    rehearsal: Rehearsal,
) -> None:
    now = await rehearsal.incident("filtered", "telegram")
    assert (now["telegram"], now["bale"]) == ("filtered", None)
    with pytest.raises(aiohttp.ClientError):
        await rehearsal.ask("telegram")
    assert (await rehearsal.ask("bale"))[0] == 200

    now = await rehearsal.incident("loses-answers", "telegram")
    assert now["telegram"] == "loses-answers", "one takes the other's place"
    before = await rehearsal.messages()
    with pytest.raises(aiohttp.ClientError):
        await rehearsal.ask("telegram")
    assert await rehearsal.messages() == before + 1

    await rehearsal.incident("token-revoked", "bale")
    assert (await rehearsal.ask("bale"))[0] == 401
    await rehearsal.incident("bot-removed", "telegram")
    status, said = await rehearsal.ask("telegram")
    assert (status, said["ok"]) == (403, False)

    now = await rehearsal.incident("clear", "all")
    assert set(now.values()) == {None}
    assert (await rehearsal.ask("telegram"))[0] == 200
    assert (await rehearsal.ask("bale"))[0] == 200


async def test_every_platform_takes_every_incident(rehearsal: Rehearsal) -> None:
    for name in ("filtered", "token-revoked", "bot-removed", "slow", "loses-answers"):
        assert set((await rehearsal.incident(name, "all")).values()) == {name}
    out = await rehearsal.run("incident", "clear", "all", "--url", rehearsal.url)
    assert "all is well again" in out


async def test_what_cannot_be_is_said_with_the_next_step(rehearsal: Rehearsal) -> None:
    err = await rehearsal.run("incident", "filtered", "teleram", "--url", rehearsal.url, code=2)
    assert "platform is one of" in err
    assert "telegram" in err
    err = await rehearsal.run("incident", "floods", "telegram", code=2)
    assert "filtered" in err
    err = await rehearsal.run("incident", "slow", "bale", "--url", "http://127.0.0.1:9", code=2)
    assert "broadcaster sandbox" in err
    assert "address of a sandbox" in await rehearsal.run(
        "incident", "slow", "bale", "--url", "file:///etc/passwd", code=2
    )
    err = await rehearsal.run("switch", "bale.edits", "--url", rehearsal.url, code=2)
    assert "PLATFORM.NAME=VALUE" in err
    err = await rehearsal.run("switch", "bale.edits=maybe", "--url", rehearsal.url, code=2)
    assert "work | ignored" in err


async def test_switches_are_listed_with_their_values_and_set(rehearsal: Rehearsal) -> None:
    out = await rehearsal.run("switches", "bale")
    assert "bale.token_error" in out
    assert "401 | 403 | 400" in out
    assert "telegram" not in out
    out = await rehearsal.run("switch", "bale.edits=ignored", "--url", rehearsal.url, "--json")
    (row,) = json.loads(out)
    assert (row["name"], row["value"], row["default"]) == ("edits", "ignored", "work")
    assert "no" in await rehearsal.run("switches", "bela", code=2)


async def test_the_help_names_incidents_and_where_switches_are_listed(
    rehearsal: Rehearsal,
) -> None:
    out = await rehearsal.run("--help")
    for word in ("filtered", "loses-answers", "bot-removed", "incident", "switches"):
        assert word in out
