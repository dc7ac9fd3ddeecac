"""A throw-away office with many channels of one account, and its daemon in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.outcome import PATIENCE_S, watching
from benchmarks.server import Server
from broadcaster.app.office import Office
from broadcaster.planning.plan import Plan, PostRequest

TEXT = (
    "**اطلاعیه:** ساعت کار اداره از فردا ۸ صبح تا ۱۴ است؛ می‌توانید از نشانی setad.ir نوبت بگیرید."
)
SENDERS = 100
TOKEN = "123456789:AAbenchAAbenchAAbenchAAbenchAAbench"
DRAFT = PostRequest(source=TEXT, to=("all",))


def build(
    folder: Path, base_url: str, channels: int, *, adapter: str = "bale", store: str = ""
) -> Path:
    """Write the config of an office into ``folder``: shipped defaults but for senders and pace,
    which are the platform's and not ours."""
    token = folder / "token"
    token.write_text(TOKEN, encoding="utf-8")
    token.chmod(0o600)
    head = f"""state_dir = "state"
[platforms.{adapter}]
token_file = "token"
base_url = "{base_url}"
rate = "none"
channel_rate = "none"
senders = {SENDERS}
"""
    if store:
        head = head.replace("[platforms", f'[store]\nurl = "{store}"\n[platforms', 1)
    tables = (
        f'[channels.c{number}]\nplatform = "{adapter}"\naddress = "@channel{number}"\n'
        for number in range(channels)
    )
    path = folder / "broadcaster.toml"
    path.write_text(head + "".join(tables), encoding="utf-8")
    return path


@dataclass(slots=True)
class Bench:
    """An office whose announcements are planned once and queued as often as wanted."""

    office: Office
    planned: Plan

    @classmethod
    def of(cls, config: Path) -> Bench:
        office = Office.load(config)
        return cls(office, office.plan(DRAFT, now=datetime.now(UTC)))

    def queue(self, posts: int) -> None:
        """Queue the announcement ``posts`` times, for every channel."""
        with self.office.store() as store:
            for _ in range(posts):
                self.office.submit(store, DRAFT, self.planned, now=datetime.now(UTC))

    def deliver(self, server: Server, posts: int) -> float:
        """Queue the announcement ``posts`` times; seconds until all of it is on record."""
        expected = server.posts() + posts * len(self.planned.channels)
        with watching(self.office.settings.store_url) as settled:
            begun = time.perf_counter()
            self.queue(posts)
            server.posts(expected)
            settled(0.002)
            return time.perf_counter() - begun


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon at work, as the kernel sees it."""

    pid: int

    @property
    def cpu_s(self) -> float:
        """Processor time it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mb(self) -> float:
        """The most memory it has ever had."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def daemon(config: Path, *, path: Path | None = None) -> Iterator[Daemon]:
    """``broadcaster daemon`` as it ships, its log in a file.

    ``path``: where an adapter of the row's own is found.
    """
    number = len(list(config.parent.glob("daemon*.log")))
    log = config.parent / f"daemon{number}.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "--config", str(config), "daemon"],
            stdout=lines,
            stderr=lines,
            env={**os.environ, **({"PYTHONPATH": str(path)} if path else {})},
        )
    try:
        end = time.monotonic() + PATIENCE_S
        while b"is running" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the daemon does not start: {log.read_text()}")
            time.sleep(0.05)
        yield Daemon(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
