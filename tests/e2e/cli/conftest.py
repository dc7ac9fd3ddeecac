"""The command as people run it: real processes, a real config folder, a real queue."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import warm

TOKEN = "123456789:AAcliAAcliAAcliAAcliAAcliAAcliAAcli"

# Nothing listens at port 9: what is queued stays in the queue.
CONFIG = """\
state_dir = "../state"
default_to = ["news"]
test_channel = "desk"

[platforms.bale]
token_file = "secrets/bale"
base_url = "http://127.0.0.1:9/bale"

[platforms.telegram]
token_file = "secrets/telegram"
base_url = "http://127.0.0.1:9/telegram"

[channels.desk]
platform = "bale"
address = "@ministry_desk"
title = "میز آزمایش"

[channels.news-bale]
platform = "bale"
address = "@ministry_news"
title = "اخبار وزارتخانه در بله"
groups = ["news"]

[channels.news-telegram]
platform = "telegram"
address = "@ministry_news"
title = "اخبار وزارتخانه در تلگرام"
groups = ["news"]
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its whole stdout as JSON: nothing else may stand there."""
        return json.loads(self.out)


class Desk:
    """A folder with a config, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config" / "broadcaster.toml"
        self.store = folder / "state" / "broadcaster.db"

    def write(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    def run(
        self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, code: int = 0
    ) -> Ran:
        """Run a command; it must end with ``code``, and never with a traceback."""
        done = warm.run(args, cwd=self.folder, env=env, stdin=stdin)
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert ran.code == code, ran
        assert "Traceback" not in ran.err, ran.err
        assert TOKEN not in ran.out + ran.err
        return ran

    def refused(self, *args: str, stdin: bytes = b"") -> str:
        """What stderr says of input that cannot be; nothing was queued by it."""
        before = self.posts() if self.store.is_file() else []
        ran = self.run(*args, stdin=stdin, code=2)
        assert ran.out == ""
        assert not self.store.is_file() or self.posts() == before
        return ran.err

    def posts(self) -> list[dict[str, Any]]:
        posts: list[dict[str, Any]] = self.run("list", "--json").json
        return posts

    @contextmanager
    def started(self, *args: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that keeps running; it is stopped at the end."""
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", *args],
            cwd=self.folder,
            env=warm.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    """A folder without a config."""
    return Desk(tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An office of two accounts, whose messengers cannot be reached."""
    secrets = tmp_path / "config" / "secrets"
    secrets.mkdir(mode=0o700, parents=True)
    for name in ("bale", "telegram"):
        file = secrets / name
        file.touch(mode=0o600)
        file.write_text(TOKEN, encoding="utf-8")
    desk = Desk(tmp_path)
    desk.write(CONFIG)
    return desk


@pytest.fixture
def written(desk: Desk) -> Callable[[str, str], None]:
    """Replace a part of the config by another; it must be there."""

    def replace(old: str, new: str) -> None:
        text = desk.config.read_text(encoding="utf-8")
        assert old in text
        desk.write(text.replace(old, new))

    return replace
