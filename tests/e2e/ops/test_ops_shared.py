"""Whoever posts and the daemon are different users; a group is all that they share."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.ops.conftest import Office, until
from tests.e2e.warm import ROOT

DAEMON, SARA, REZA, GROUP, STRANGER = 61001, 61002, 61003, 61000, 61009


PATH = os.pathsep.join((str(ROOT), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))


def interpreter() -> str:
    """One that other users may run, with this checkout; empty: none, or we cannot be others."""
    if os.getuid():
        return ""
    system = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    for found in (sys.executable, system):
        with suppress(OSError):
            ran = subprocess.run(
                [found, "-c", "import broadcaster.app.office"],
                cwd="/",
                env={**os.environ, "PYTHONPATH": PATH},
                capture_output=True,
                check=False,
                **as_user(SARA),
            )
            if ran.returncode == 0:
                return found
    return ""


def as_user(user: int, *, member: bool = True) -> dict[str, Any]:
    """What `Popen` needs; the umask is the usual one, which takes the group's right to write."""
    return {
        "user": user,
        "group": user,
        "extra_groups": (GROUP,) if member else (),
        "umask": 0o022,
    }


PYTHON = interpreter()
pytestmark = pytest.mark.skipif(not PYTHON, reason="needs root, to be other users")


@pytest.fixture
def shared() -> Iterator[Office]:
    """As the guide sets it up: the folder of the state is setgid, tokens are the daemon's."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="broadcaster-shared-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        office = Office(folder, stack)
        office.python = PYTHON
        office.environment["PYTHONPATH"] = PATH
        office.sandbox()
        office.write()
        state = folder / "state"
        state.mkdir()
        os.chown(state, DAEMON, GROUP)
        state.chmod(0o2770)
        secrets = folder / "config" / "secrets"
        for path in (secrets, *secrets.iterdir()):
            os.chown(path, DAEMON, DAEMON)
        yield office


def test_two_people_post_and_the_daemon_sends(shared: Office) -> None:
    picture = shared.folder / "پوستر.png"
    Image.new("RGB", (32, 32), "#10596b").save(picture)
    first = shared.post("سارا می‌نویسد", "--media", str(picture), user=as_user(SARA))
    daemon = shared.daemon(**as_user(DAEMON))
    second = shared.post("رضا می‌نویسد", "--media", str(picture), user=as_user(REZA))
    Image.new("RGB", (48, 48), "#e8c547").save(picture)
    third = shared.post("سارا باز هم", "--media", str(picture), user=as_user(SARA))
    until(lambda: set(shared.states(third, user=as_user(REZA)).values()) == {"delivered"})
    for post in (first, second):
        assert set(shared.states(post, user=as_user(REZA)).values()) == {"delivered"}
    daemon.end()
    state = shared.folder / "state"
    for path in (state, *state.rglob("*")):
        found = path.stat()
        assert found.st_gid == GROUP, path
        if "media" not in path.parts or path.is_dir():
            assert found.st_mode & stat.S_IWGRP, path
        assert not found.st_mode & stat.S_IRWXO, path


def test_the_daemon_may_come_first_and_people_may_halt_it(shared: Office) -> None:
    shared.daemon(**as_user(DAEMON))
    shared.run("halt", "--reason", "خطا", user=as_user(SARA))
    post = shared.post("می‌ماند", user=as_user(REZA))
    shared.run("resume", user=as_user(REZA))
    until(lambda: set(shared.states(post, user=as_user(SARA)).values()) == {"delivered"})
    who = {row["who"] for row in shared.run("audit", "--json", user=as_user(SARA)).json}
    assert {f"uid {SARA}", f"uid {REZA}"} <= who


def test_who_posts_can_read_no_token_and_check_says_so_mildly(shared: Office) -> None:
    token = shared.folder / "config" / "secrets" / "bale"
    ran = subprocess.run(["cat", str(token)], capture_output=True, check=False, **as_user(SARA))
    assert ran.returncode != 0
    checked = shared.run("check", user=as_user(SARA))
    assert "all is well" in checked.out
    assert "only the daemon's user may read them: the tokens of bale" in checked.out
    assert "Permission denied" not in checked.err
    asked = shared.run("check", "--online", user=as_user(SARA))
    assert "all is well, as far as it can be asked" in asked.out
    counted = shared.run("platforms", "--audience", user=as_user(SARA)).out
    assert counted.count("its token is the daemon's to read") == 1


def test_a_stranger_neither_posts_nor_reads(shared: Office) -> None:
    shared.post("متن", user=as_user(SARA))
    for words in (("post", "نه"), ("list",), ("audit",)):
        shared.run(*words, user=as_user(STRANGER, member=False), code=2)
