"""Other people's programs, each in an environment of its own, so that none changes ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Missing

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / "build" / "peers"
APPRISE = "apprise==2.3.0"
PROCRASTINATE = "procrastinate==3.10.0"


class _Peer:
    """One program; its script runs in its environment and prints one line of JSON."""

    def __init__(self, name: str, *packages: str) -> None:
        self.version = packages[0].replace("==", " ")
        self._python = ENVIRONMENTS / name / "bin" / "python"
        self._script = Path(__file__).parent / f"{name}.py"
        stamp = ENVIRONMENTS / name / "installed"
        wanted = "\n".join(packages)
        if not stamp.is_file() or stamp.read_text() != wanted:
            self._install(name, packages)
            stamp.write_text(wanted)

    def _install(self, name: str, packages: tuple[str, ...]) -> None:
        folder = ENVIRONMENTS / name
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(self._python), "-m", "pip", "install", "--quiet", *packages],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(f"{packages[0]} cannot be installed: {done.stderr.strip()[-200:]}")

    def _run(self, **arguments: object) -> Any:
        done = subprocess.run(
            [str(self._python), str(self._script), json.dumps(arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        if done.returncode:
            raise RuntimeError(f"{self._script.name}: {done.stderr[-1000:]}")
        return json.loads(done.stdout.splitlines()[-1])


class Apprise(_Peer):
    def __init__(self) -> None:
        super().__init__("apprise", APPRISE)

    def notify(self, server: str, endpoints: int, text: str) -> float:
        """Seconds that ``async_notify`` takes to reach so many json:// endpoints, once each."""
        return float(self._run(server=server, endpoints=endpoints, text=text)["seconds"])


class Procrastinate(_Peer):
    def __init__(self, database: str) -> None:
        super().__init__("procrastinate", PROCRASTINATE, "psycopg[binary]==3.3.*", "aiohttp~=3.14")
        self._database = database

    def work(self, url: str, jobs: int, at_once: int, text: str) -> float:
        """Seconds that a worker takes for so many queued jobs, each one POST to ``url``."""
        output = self._run(database=self._database, url=url, jobs=jobs, at_once=at_once, text=text)
        return float(output["seconds"])
