"""``prove`` before the fakes: every promise proved or explained, and each deviation named."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from broadcaster.discovery import find_fakes
from broadcaster.sandbox import server
from tests.e2e import warm

SECRET = "AAcanaryAAcanaryAAcanaryAAcanary4711"
TOKENS = {
    "eitaa": f"bot123456:{SECRET}",
    "gap": SECRET,
    "igap": SECRET,
    "rubika": SECRET,
}
ADDRESSES = {"igap": "12345", "rubika": "c0BkVsC0a1b2c3d4e5f60718293a4b5c"}
OWN = {"igap": "media = true\n"}
NAMES = ("telegram", "bale", "eitaa", "soroush", "gap", "igap", "rubika")


class Office:
    """An office with an account of each platform before one sandbox."""

    def __init__(self, url: str, folder: Path, session: aiohttp.ClientSession) -> None:
        self.url, self.folder, self._session = url, folder, session
        secrets = folder / "config" / "secrets"
        secrets.mkdir(parents=True, mode=0o700)
        tables = []
        for name in NAMES:
            (secrets / name).touch(mode=0o600)
            (secrets / name).write_text(TOKENS.get(name, f"123456789:{SECRET}"), "utf-8")
            tables.append(
                f'[platforms.{name}]\ntoken_file = "secrets/{name}"\nbase_url = "{url}/{name}"\n'
                f'reader_url = "{url}/{name}/reader"\nrate = "500/s"\nchannel_rate = "500/s"\n'
                f"{OWN.get(name, '')}"
                f'[channels.desk-{name}]\nplatform = "{name}"\n'
                f'address = "{ADDRESSES.get(name, "@desk_" + name)}"\n'
            )
        head = 'state_dir = "../state"\ntest_channel = "desk-telegram"\n'
        (folder / "config" / "broadcaster.toml").write_text(head + "\n".join(tables), "utf-8")

    async def run(self, *args: str, code: int = 0) -> tuple[str, str]:
        out, err, ended = await asyncio.to_thread(self._ran, args)
        assert ended == code, (out, err)
        assert SECRET not in out + err
        assert "Traceback" not in err
        return out, err

    def _ran(self, args: tuple[str, ...]) -> tuple[str, str, int]:
        """A public page is looked at without a pause: it is our own."""
        quick = {"broadcaster.kit.reader.BETWEEN_S": 0.0}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            files = (None, out.fileno(), err.fileno())
            command = warm.Command(args, cwd=self.folder, files=files, constants=quick)
            try:
                code = command.wait(60)
            finally:
                command.kill()
            out.seek(0)
            err.seek(0)
            return out.read().decode(), err.read().decode(), code

    def rewrite(self, old: str, new: str) -> None:
        """Replace a part of the config, wherever it stands."""
        path = self.folder / "config" / "broadcaster.toml"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    async def prove(self, name: str, *more: str, code: int = 0) -> dict[str, Any]:
        args = ("prove", name, "--channel", f"desk-{name}", "--yes", "--json", "--patience", "0")
        out, _ = await self.run(*args, *more, code=code)
        report: dict[str, Any] = json.loads(out)
        return report

    async def switch(self, name: str, **switches: str) -> None:
        for switch, value in switches.items():
            body = {"platform": name, "name": switch, "value": value}
            async with self._session.post(f"{self.url}/_sandbox/switches", json=body) as answer:
                assert answer.status == 200, await answer.text()

    async def messages(self, name: str) -> list[dict[str, Any]]:
        url = f"{self.url}/_sandbox/messages?platform={name}"
        async with self._session.get(url) as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    running = await server.start(find_fakes(), host="127.0.0.1", port=0)
    async with aiohttp.ClientSession() as session:
        yield Office(running.url, tmp_path, session)
    await running.stop()


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {each["trial"]: each["outcome"] for each in report["results"]}


def whys(report: dict[str, Any]) -> dict[str, str]:
    return {each["trial"]: each["why"] for each in report["results"]}


@pytest.mark.parametrize("name", NAMES)
async def test_every_promise_of_a_platform_is_proved_or_explained(
    office: Office, name: str
) -> None:
    out = office.folder / "proof"
    higher = {"rubika": {"too-long"}}.get(name, set())  # its fake takes more than our guess
    report = await office.prove(name, "--out", str(out), code=1 if higher else 0)
    found = outcomes(report)
    assert {trial for trial, outcome in found.items() if outcome == "deviates"} == higher
    assert set(found.values()) <= {"proved", "not visible", "deviates"}
    assert found["no-channel"] == "proved"
    assert higher or found["too-long"] == "proved"
    facts = json.loads((await office.run("platforms", name, "--json"))[0])
    (promised,) = facts["platforms"]
    assert set(promised["media"]) <= set(found)
    assert {verb for verb in ("edit", "recall", "pin", "unpin") if verb in promised["verbs"]} == {
        verb for verb in ("edit", "recall", "pin", "unpin") if verb in found
    }
    if name in ("telegram", "eitaa"):
        assert {found[trial] for trial in ("text", "longest", "photo")} == {"proved"}
    standing = [each for each in await office.messages(name) if not each["deleted"]]
    removed = "recall" in promised["verbs"]
    assert (standing == []) is removed
    assert (report["left"] == []) is removed
    assert facts["proved"][name]["counts"] == report["counts"]

    assert {path.name for path in out.iterdir()} == {
        "exchange.jsonl",
        "report.html",
        "report.json",
        "report.txt",
    }
    for path in out.iterdir():
        text = path.read_text("utf-8")
        assert SECRET not in text, path
        assert quote(SECRET) not in text
        assert base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-2] not in text
    assert json.loads((out / "report.json").read_text("utf-8")) == {
        key: value for key, value in report.items() if key != "folder"
    }
    assert "ثابت شد" in (out / "report.html").read_text("utf-8")


async def test_each_deviation_is_named(office: Office) -> None:
    await office.switch(
        "telegram", edits="ignored", recalls="ignored", longest_text="3000", may_pin="no"
    )
    await office.switch("telegram", silence="ignored")
    report = await office.prove("telegram", code=1)
    found, why = outcomes(report), whys(report)
    assert (found["edit"], found["edit-caption"]) == ("deviates", "deviates")
    assert "old words" in why["edit"]
    assert found["recall"] == "deviates"
    assert "still shows" in why["recall"]
    assert found["longest"] == "refused"
    assert "message is too long" in why["longest"]
    assert found["pin"] == "refused"
    assert "not enough rights" in why["pin"]
    assert found["silent"] == "not visible", "no page tells of a sound: somebody is asked"
    standing = [each for each in await office.messages("telegram") if not each["deleted"]]
    (loud,) = [each for each in standing if " silent: " in each["text"]]
    assert not loud["silent"]
    left = [one for each in report["left"] for one in each["ids"]]
    assert sorted(map(int, left)) == [int(each["id"]) for each in standing]
    assert all("still shows" in each["why"] for each in report["left"])
    assert all(each["link"].startswith("https://t.me/") for each in report["left"])


async def test_wrong_rights_end_it_with_the_platforms_words(office: Office) -> None:
    await office.switch("bale", rights="member")
    report = await office.prove("bale", code=1)
    found, why = outcomes(report), whys(report)
    assert (found["text"], found["photo"]) == ("refused", "not tried")
    assert "permission_denied" in why["text"]
    assert "(see: text)" in report["ended_early"]
    assert await office.messages("bale") == []
    out, _ = await office.run("platforms", "bale")
    assert "proved here on" in out
    assert "permission_denied" in out


async def test_limits_that_are_guessed_are_measured(office: Office) -> None:
    report = await office.prove("rubika", "--measure", code=1)
    measured = {each["limit"]: each for each in report["measured"]}
    assert (measured["text"]["ours"], measured["text"]["taken"]) == (3500, 4096)
    assert measured["text"]["refused"] == 4097
    assert measured["text"]["posts"] <= 14
    assert (measured["caption"]["ours"], measured["caption"]["taken"]) == (1000, 4000)
    assert measured["caption"]["refused"] is None
    assert not [each for each in await office.messages("rubika") if not each["deleted"]]


async def test_an_interrupted_proof_removes_and_reports(office: Office) -> None:
    office.rewrite('rate = "500/s"\nchannel_rate = "500/s"', 'rate = "20/s"\nchannel_rate = "20/s"')
    with tempfile.TemporaryFile() as out:
        args = ("prove", "bale", "--channel", "desk-bale", "--yes", "--json")
        command = warm.Command(args, cwd=office.folder, files=(None, out.fileno(), None))
        try:
            while len(await office.messages("bale")) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            command.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(command.wait, 60) == 130
        finally:
            command.kill()
        out.seek(0)
        report = json.loads(out.read())
    assert report["ended_early"] == "it was broken off"
    assert "not tried" in outcomes(report).values()
    assert report["left"] == []
    assert (await office.messages("bale"))[0]["deleted"]
    assert not [each for each in await office.messages("bale") if not each["deleted"]]


async def test_somebody_is_asked_what_no_page_shows(office: Office) -> None:
    """On a terminal: yes to everything, but the reply is not one."""

    def answered(asked: str) -> str:
        return "نه" if "پاسخ به نخستین" in asked else "بله"

    args = ("prove", "bale", "--channel", "desk-bale", "--json")
    written, code = await asyncio.to_thread(on_a_terminal, office.folder, args, answered)
    assert "messages will appear in desk-bale" in written
    assert "NOT the test channel" in written
    report = json.loads(written[written.rindex("\n{\n") :])
    found, why = outcomes(report), whys(report)
    assert code == 1
    assert found["reply"] == "deviates"
    assert {found[trial] for trial in ("text", "styles", "photo", "pin", "edit", "recall")} == {
        "proved"
    }
    assert "looked, and says" in why["text"]


def on_a_terminal(
    folder: Path, args: tuple[str, ...], answered: Callable[[str], str]
) -> tuple[str, int]:
    """What a command writes to its terminal, each question answered, and its exit code."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", *args],
        cwd=folder,
        env=warm.environment({"TERM": "xterm"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written, seen = b"", 0
    while True:
        try:
            more = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        written += more
        if written.endswith(b"[y/N]: ") and len(written) > seen:
            os.write(ours, f"{answered(written[seen:].decode())}\n".encode())
            seen = len(written)
    os.close(ours)
    return written.decode().replace("\r\n", "\n"), command.wait(60)


async def test_what_cannot_be_is_refused_and_nothing_is_posted(office: Office) -> None:
    _, err = await office.run("prove", "bale", "--channel", "desk-bale", code=2)
    assert "add --yes" in err
    _, err = await office.run("prove", "bale", "--yes", code=2)
    assert "desk-telegram" in err
    assert "--channel" in err
    assert "no account" in (await office.run("prove", "bala", "--yes", code=2))[1]
    assert "no channel" in (await office.run("prove", "bale", "--channel", "x", code=2))[1]
    full = office.folder / "full"
    full.mkdir()
    (full / "a").touch()
    args = ("prove", "bale", "--channel", "desk-bale", "--yes")
    assert "not empty" in (await office.run(*args, "--out", str(full), code=2))[1]
    await office.run("post", "سلام", "--to", "desk-bale")
    _, err = await office.run(*args, code=1)
    assert "in line" in err
    assert "--force" in err
    await office.run("halt", "--reason", "آزمون")
    assert "off" in (await office.run(*args, "--force", code=1))[1]
    assert await office.messages("bale") == []


async def test_deliveries_in_line_stop_nothing_with_force(office: Office) -> None:
    await office.run("post", "سلام", "--to", "desk-soroush")
    report = await office.prove("soroush", "--force")
    assert report["ended_early"] is None
