"""A disk that fails once, at any call: what was done and what was not is said, and is true."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from broadcaster.cli.run import UNTOLD
from tests.e2e import warm
from tests.e2e.ops.conftest import Ran

SOURCE = Path(__file__).with_name("failing.c")
COMPILER = shutil.which("cc")
CALLS = 12
"""So many calls of each command fail, spread over all that it makes."""
ENVIRONMENT = {"TOKEN": "123456789:AAcliAAcliAAcliAAcliAAcliAAcliAAcli"}
CONFIG = """\
state_dir = "../state"
default_to = ["desk"]

[platforms.bale]
token_env = "TOKEN"
base_url = "http://127.0.0.1:9/bale"

[channels.desk]
platform = "bale"
address = "@ministry_desk"
"""


class Office:
    """An office with one post in its queue, and a backup."""

    def __init__(self, folder: Path, shim: Path) -> None:
        self.folder = folder
        self._shim = shim
        (folder / "config").mkdir(parents=True)
        (folder / "config" / "broadcaster.toml").write_text(CONFIG, encoding="utf-8")
        for words in (("post", "نخست"), ("backup", "kept")):
            assert self.run(*words).code == 0

    def run(self, *args: str, **fault: object) -> Ran:
        env = ENVIRONMENT | {name: str(value) for name, value in fault.items()}
        if fault:
            env["FAIL_UNDER"] = str(self.folder)
        preload = self._shim if fault else None
        done = warm.run(args, cwd=self.folder, env=env, preload=preload)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def calls(self, *args: str) -> int:
        """How many calls that can fail a command makes; it has been run then."""
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run(
                [sys.executable, "-m", "broadcaster", *args],
                cwd=self.folder,
                env=warm.environment(
                    {
                        **ENVIRONMENT,
                        "LD_PRELOAD": str(self._shim),
                        "FAIL_UNDER": str(self.folder),
                        "FAIL_COUNT": file.name,
                    }
                ),
                capture_output=True,
                check=True,
                timeout=60,
            )
            return int(file.read())

    def queued(self) -> int:
        return len(json.loads(self.run("list", "--json").out))


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and Linux's preloading")
    library = tmp_path_factory.mktemp("failing") / "failing.so"
    words = [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(words, check=True)
    return library


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("post", "دوم"),
        ("halt", "--reason", "خطا"),
        ("cancel", "1"),
        ("backup", "copy"),
        ("restore", "kept"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("why", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
def test_each_call_that_fails_is_told_as_it_is(
    tmp_path: Path, shim: Path, command: tuple[str, ...], why: int
) -> None:
    total = Office(tmp_path / "counted", shim).calls(*command)
    for at in range(1, total + 1, max(1, total // CALLS)):
        office = Office(tmp_path / str(at), shim)
        ran = office.run(*command, FAIL_AT=at, FAIL_ERRNO=why)
        assert "unexpected" not in ran.err, ran
        assert "Traceback" not in ran.err, ran
        done = ran.code in (0, UNTOLD)
        assert ran.err or ran.code == 0, ran
        if command[0] == "post":
            assert office.queued() == (2 if done else 1), ran
        if command[0] == "restore":
            assert office.queued() == 1, ran
        if command[0] == "backup":
            assert (office.folder / "copy").is_dir() is done, ran


@pytest.mark.parametrize("answer", ["/dev/full", "closed pipe"])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["words", "json"])
def test_an_answer_that_cannot_be_written_does_not_hide_what_was_done(
    tmp_path: Path, shim: Path, answer: str, form: tuple[str, ...]
) -> None:
    office = Office(tmp_path / "office", shim)
    if answer == "closed pipe":
        reader, descriptor = os.pipe()
        os.close(reader)
    else:
        descriptor = os.open(answer, os.O_WRONLY)
    try:
        ran: Any = subprocess.run(
            [sys.executable, "-m", "broadcaster", "post", "دوم", *form],
            cwd=office.folder,
            env=warm.environment(ENVIRONMENT),
            stdout=descriptor,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(descriptor)
    assert ran.returncode == UNTOLD
    assert "it is done: post 2 is in the queue" in ran.stderr
    assert office.queued() == 2
