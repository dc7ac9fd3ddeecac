"""An office whose one messenger is the sandbox: real commands, a real daemon, a real queue."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest

from broadcaster.app.office import Office
from broadcaster.planning.plan import PostRequest
from tests.e2e import warm

TEHRAN = ZoneInfo("Asia/Tehran")
CONFIG = """\
state_dir = "../state"
default_to = ["desk"]

[platforms.bale]
token_file = "secrets/bale"
base_url = "{url}/bale"

[channels.desk]
platform = "bale"
address = "@ministry_desk"

[channels.news]
platform = "bale"
address = "@ministry_news"
groups = ["public"]

[groups.public]
require_approval = true
"""


class Desk:
    """A folder with a config, the command run in it, and the sandbox it posts to."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.config = folder / "config" / "broadcaster.toml"
        self.store = folder / "state" / "broadcaster.db"
        self.err = ""
        """What the last command said on stderr."""
        secrets = folder / "config" / "secrets"
        secrets.mkdir(parents=True, mode=0o700)
        (secrets / "bale").touch(mode=0o600)
        (secrets / "bale").write_text("123456789:AAdeskAAdeskAAdeskAAdeskAAdeskAAdesk")
        self.config.write_text(CONFIG.format(url=url), encoding="utf-8")

    def configure(self, more: str) -> None:
        self.config.write_text(CONFIG.format(url=self.url) + more, encoding="utf-8")

    def run(self, *args: str, code: int = 0) -> str:
        """What a command prints; it must end with ``code``, and never with a traceback."""
        done = warm.run(args, cwd=self.folder)
        self.err = done.stderr.decode()
        assert done.returncode == code, (done.stdout.decode(), self.err)
        assert "Traceback" not in self.err
        return done.stdout.decode()

    def json(self, *args: str) -> Any:
        return json.loads(self.run(*args, "--json"))

    def drain(self) -> str:
        """Let a daemon do what there is to do now; returns its log."""
        self.run("daemon", "--drain")
        return self.err

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """A daemon that runs meanwhile."""
        daemon = warm.Command(["daemon"], cwd=self.folder)
        try:
            yield
        finally:
            daemon.terminate()
            daemon.wait(timeout=30)

    def until(self, come: Callable[[], object]) -> None:
        """Wait, for as long as a schedule of every minute may take on a busy machine."""
        end = time.monotonic() + 100
        while not come() and time.monotonic() < end:
            time.sleep(0.05)

    def received(self) -> list[str]:
        """The texts that the messenger accepted."""
        with urlopen(f"{self.url}/_sandbox/messages", timeout=30) as answer:
            return [message["text"] for message in json.load(answer)]

    def add(self, *more: str, name: str = "ساعت-کار") -> datetime:
        """A daily schedule of ``name`` that was due two minutes ago, while no daemon ran."""
        before = datetime.now(TEHRAN).replace(second=0, microsecond=0) - timedelta(minutes=2)
        self.json("schedule", "add", name, "--every", f"day {before:%H:%M}", "--to", "desk", *more)
        assert self.was_due(name) == before
        return before

    def was_due(self, name: str) -> datetime:
        """As if no daemon had run since a daily schedule's last occurrence, which is returned."""
        every = timedelta(days=1)
        with closing(sqlite3.connect(self.store)) as store, store:
            (at,) = store.execute("select next_at from schedules where name = ?", [name]).fetchone()
            before = at - every // timedelta(microseconds=1)
            store.execute("update schedules set next_at = ? where name = ?", [before, name])
        return datetime.fromtimestamp(before / 1e6, TEHRAN)

    def draft_of(self, author: str, text: str, to: str = "news", at: datetime | None = None) -> int:
        """Somebody else posts ``text``."""
        office = Office.load(self.config)
        now = datetime.now(office.settings.timezone)
        draft = PostRequest(source=text, to=(to,), due=at, author=author)
        with office.store() as store:
            return office.submit(store, draft, office.plan(draft, now=now), now=now).post

    @contextmanager
    def changed_config(self, old: str, new: str) -> Iterator[None]:
        before = self.config.read_text(encoding="utf-8")
        assert old in before
        self.config.write_text(before.replace(old, new), encoding="utf-8")
        yield
        self.config.write_text(before, encoding="utf-8")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "broadcaster", "sandbox", "--port", "0"],
        cwd=tmp_path_factory.mktemp("sandbox"),
        env=warm.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as sandbox:
        assert sandbox.stdout is not None
        yield sandbox.stdout.readline().decode().strip()
        sandbox.terminate()


@pytest.fixture
def desk(tmp_path: Path, sandbox: str) -> Desk:
    with urlopen(Request(f"{sandbox}/_sandbox/reset", method="POST"), timeout=30):
        return Desk(tmp_path, sandbox)
