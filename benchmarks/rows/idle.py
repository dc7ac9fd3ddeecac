"""What a daemon takes when nothing happens, and how much memory when very much waits."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.backlog import fill_due
from benchmarks.measure import Kind, Row
from benchmarks.office import TOKEN, Bench, build, daemon
from benchmarks.server import Server, serving

PLATFORMS = ("telegram", "bale", "eitaa", "gap", "igap", "rubika", "soroush")
WATCHED_S = 30.0
MANY, FEW = 1_000_000, 1_000
BUSY_S = 12.0


def cpu() -> Row:
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        config = _seven(Path(folder), server)
        with daemon(config) as process:
            time.sleep(3)  # what starting costs is over
            before, begun = process.cpu_s, time.monotonic()
            time.sleep(WATCHED_S)
            used = (process.cpu_s - before) / (time.monotonic() - begun) * 60
    return Row(
        name="idle",
        what="processor time of an idle daemon with seven accounts, in a minute",
        against="",
        kind=Kind.MOST,
        goal=0.6,
        ours=[used],
    )


def memory() -> Row:
    peaks = {}
    with serving() as server:
        for waiting in (FEW, MANY):
            with tempfile.TemporaryDirectory() as folder:
                config = build(Path(folder), server.url, 1000)
                fill_due(Bench.of(config).office, waiting)
                with daemon(config) as process:
                    time.sleep(BUSY_S)
                    peaks[waiting] = process.peak_mb
    return Row(
        name="memory",
        what=f"peak memory of a daemon with {MANY:,} deliveries waiting, sending flat out",
        against=f"with {FEW:,}",
        kind=Kind.MORE,
        goal=20,
        unit="MB",
        ours=[peaks[MANY]],
        theirs=[peaks[FEW]],
    )


def _seven(folder: Path, server: Server) -> Path:
    (folder / "token").write_text(TOKEN, encoding="utf-8")
    (folder / "token").chmod(0o600)
    lines = ['state_dir = "state"']
    for name in PLATFORMS:
        lines += [f"[platforms.{name}]", 'token_file = "token"', f'base_url = "{server.url}"']
        lines += [
            f"[channels.{name}-news]",
            f'platform = "{name}"',
            f'address = "{_address(name)}"',
        ]
    path = folder / "broadcaster.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _address(platform: str) -> str:
    numbers = {"igap": "123456789", "rubika": "c0Abcdefghijklmnopqrstuvwxyz123456"}
    return numbers.get(platform, "@ministry_news")
