"""A disk that is full, or read-only, for real: nothing is sent that cannot be recorded."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ops.conftest import until

SIZE = "3m"
SENDERS = 8 + 16
"""Of bale and telegram together, as their facts have them, and then some."""


def can_mount(folder: Path) -> bool:
    folder.mkdir()
    if os.getuid() or not shutil.which("mount"):
        return False
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "broadcaster-test", str(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(served: Any) -> Iterator[Path]:
    """The state lies on a small disk of its own."""
    folder = served.folder / "state"
    if not can_mount(folder):
        pytest.skip("needs root and the right to mount")
    served.write('late_after = "1h"', more="[metrics]\nport = 0")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    descriptor = os.open(disk / "other-things", os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while True:
            os.write(descriptor, b"x" * 4096)
    os.close(descriptor)


def empty(disk: Path) -> None:
    (disk / "other-things").unlink()


@pytest.mark.slow
def test_nothing_is_sent_until_it_can_be_recorded(served: Any, disk: Path) -> None:
    posts = [served.post(f"اطلاعیهٔ {number}") for number in range(6)]
    # the sandbox takes its time, so that the disk fails while messages are on the wire
    for platform in ("bale", "telegram"):
        served.fault(platform, "slow", seconds=0.5, count=100)
    daemon = served.daemon()
    until(lambda: len(served.accepted()) >= 2)
    fill(disk)
    daemon.says("the store cannot be written")
    seen = len(served.accepted())
    refused = served.run("post", "نمی‌شود", code=None)
    assert refused.code in (1, 2)
    time.sleep(3)
    assert len(served.accepted()) <= seen + SENDERS
    seen = len(served.accepted())
    time.sleep(2)
    assert len(served.accepted()) == seen
    assert daemon.text().count("the store cannot be written (") == 1, "it is said once"

    empty(disk)
    daemon.says("the store can be written again")
    until(lambda: all(set(served.states(p).values()) == {"delivered"} for p in posts))
    texts = [(each["platform"], each["text"]) for each in served.accepted()]
    assert sorted(texts) == sorted(
        (platform, f"اطلاعیهٔ {number}") for platform in ("bale", "telegram") for number in range(6)
    )


@pytest.mark.slow
def test_a_stop_waits_until_the_results_are_recorded(served: Any, disk: Path) -> None:
    post = served.post("روی سیم")
    for platform in ("bale", "telegram"):
        served.fault(platform, "slow", seconds=15, count=10)
    daemon = served.daemon()
    until(lambda: set(served.states(post).values()) == {"sending"})
    fill(disk)
    daemon.popen.terminate()
    daemon.says("the store cannot be written")
    time.sleep(2)
    assert daemon.popen.poll() is None, "it must not leave with results in its hands"
    empty(disk)
    assert daemon.popen.wait(60) == 0
    assert set(served.states(post).values()) == {"delivered"}


def test_a_store_that_can_only_be_read_starts_nothing(served: Any, disk: Path) -> None:
    post = served.post("متن")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert set(served.states(post).values()) == {"waiting"}
    assert "only be read" in served.run("post", "نه", code=2).err
    process = served.start("daemon")
    assert process.popen.wait(60) == 2
    assert "only be read" in process.text()
    assert served.accepted() == []
