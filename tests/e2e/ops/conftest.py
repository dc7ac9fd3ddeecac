"""An office as whoever looks after it meets it: real processes, a sandbox, one folder."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

import pytest

from tests.e2e import warm

TOKEN = "123456789:AAops-AAops_AAopsAAopsAAopsAAopsAAo"
PATIENCE_S = 60.0

CONFIG = """\
state_dir = "../state"
default_to = ["news"]
settle = "1s"
{top}
[platforms.bale]
token_file = "secrets/bale"
base_url = "{url}/bale"

[platforms.telegram]
token_file = "secrets/telegram"
base_url = "{url}/telegram"
reader_url = "{url}/telegram/reader"

[channels.news-bale]
platform = "bale"
address = "@ministry_news"
groups = ["news"]

[channels.news-telegram]
platform = "telegram"
address = "@ministry_news"
groups = ["news"]
{more}
"""
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens at port 9: what is queued stays in the queue."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Office:
    """A folder with a config; commands are run in it, and what was started ends with it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.config = folder / "config" / "broadcaster.toml"
        self.store = folder / "state" / "broadcaster.db"
        self.media = folder / "state" / "media"
        self.url = NOWHERE
        self.environment: dict[str, str] = {}
        self.python = sys.executable
        self._stack = stack
        self._logs = 0

    def write(self, top: str = "", more: str = "") -> None:
        secrets = self.config.parent / "secrets"
        secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("bale", "telegram"):
            self.secret(name, TOKEN)
        text = CONFIG.format(url=self.url, top=top, more=more)
        beside = self.config.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.config)

    def secret(self, name: str, value: str) -> None:
        file = self.config.parent / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(value, encoding="utf-8")

    def run(
        self,
        *args: str,
        code: int | None = 0,
        env: Mapping[str, str] | None = None,
        user: Mapping[str, Any] | None = None,
    ) -> Ran:
        """``user``: what `Popen` needs to be somebody else."""
        done = self._ended(args, env or {}, user)
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert code in (None, ran.code), ran
        assert "Traceback" not in ran.err, ran.err
        return ran

    def post(self, text: str, *args: str, user: Mapping[str, Any] | None = None) -> int:
        return int(self.run("post", text, "--json", *args, user=user).json["id"])

    def states(self, post: int, user: Mapping[str, Any] | None = None) -> dict[str, str]:
        shown = self.run("show", str(post), "--json", user=user).json
        return {each["channel"]: each["state"] for each in shown["deliveries"]}

    def audit(self, **more: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run("audit", "--json").json
        return rows

    def start(
        self, *args: str, constants: Mapping[str, float] | None = None, **more: Any
    ) -> Process:
        """A command that keeps running; it is stopped at the end of the test.

        ``constants``: ``module.NAME`` -> another value, for what would take too long here.
        """
        self._logs += 1
        log = self.folder / f"{args[0]}-{self._logs}.log"
        out = log.with_suffix(".out")
        with log.open("wb") as errors, out.open("wb") as answers:
            popen = self._started(args, constants, more, answers, errors)
        process = Process(popen, log, out)
        self._stack.callback(process.end)
        return process

    def daemon(self, *args: str, **more: Any) -> Process:
        process = self.start("daemon", *args, **more)
        process.says("the daemon is running")
        return process

    def sandbox(self) -> str:
        """Start one; later :meth:`write` calls point to it."""
        process = self.start("sandbox", "--port", "0")
        until(lambda: "\n" in process.out.read_text("utf-8"))
        self.url = process.out.read_text("utf-8").splitlines()[0].strip()
        return self.url

    def fault(self, platform: str, kind: str, **more: Any) -> None:
        """The next posting calls there end so."""
        body = json.dumps({"platform": platform, "kind": kind, **more}).encode()
        request = Request(f"{self.url}/_sandbox/faults", body, {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            assert answer.status == 200

    def accepted(self) -> list[dict[str, Any]]:
        """What the sandbox has received, in order."""
        with urlopen(f"{self.url}/_sandbox/messages") as answer:
            messages: list[dict[str, Any]] = json.load(answer)
        return messages

    def _ended(
        self, args: Sequence[str], env: Mapping[str, str], user: Mapping[str, Any] | None
    ) -> subprocess.CompletedProcess[bytes]:
        env = {**self.environment, **env}
        if self.python == sys.executable and not user:
            return warm.run(args, cwd=self.folder, env=env)
        return subprocess.run(
            [self.python, "-m", "broadcaster", *args],
            cwd=self.folder,
            env=warm.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
            **(user or {}),
        )

    def _started(
        self,
        args: Sequence[str],
        constants: Mapping[str, float] | None,
        more: dict[str, Any],
        answers: IO[bytes],
        errors: IO[bytes],
    ) -> warm.Command | subprocess.Popen[bytes]:
        env = {**self.environment, **more.pop("env", {})}
        if self.python == sys.executable and not more:
            files = (None, answers.fileno(), errors.fileno())
            return warm.Command(args, cwd=self.folder, env=env, files=files, constants=constants)
        assert not constants, "they are for this interpreter and this user"
        return subprocess.Popen(
            [self.python, "-m", "broadcaster", *args],
            cwd=self.folder,
            env=warm.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=answers,
            stderr=errors,
            **more,
        )


class Process:
    """A command that was started, and its log."""

    def __init__(self, popen: warm.Command | subprocess.Popen[bytes], log: Path, out: Path) -> None:
        self.popen = popen
        self.log = log
        self.out = out

    def text(self) -> str:
        return self.log.read_text("utf-8")

    def says(self, words: str, times: int = 1) -> None:
        until(lambda: self.text().count(words) >= times or self.popen.poll() is not None)
        assert self.text().count(words) >= times, self.text()

    def end(self) -> int:
        with suppress(ProcessLookupError):
            self.popen.terminate()
        try:
            return self.popen.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise


def until(true: Callable[[], bool]) -> None:
    """Wait for another process; gives up after a long time."""
    end = time.monotonic() + PATIENCE_S
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two accounts, whose messengers cannot be reached."""
    with ExitStack() as stack:
        office = Office(tmp_path, stack)
        office.write()
        yield office


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Office]:
    """Two accounts, in front of a sandbox."""
    with ExitStack() as stack:
        office = Office(tmp_path, stack)
        office.sandbox()
        office.write()
        yield office
