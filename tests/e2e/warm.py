"""Our commands as real processes that begin warm: forked from one that has imported everything.

Starting Python and importing is most of what a short command costs, and the suite runs more than a
thousand of them.  One process per test process imports once, and forks for each command: what runs
is ``python -m broadcaster`` in a process of its own, with its own arguments, folder, environment,
files and exit code.  How commands start, and what they import, is tested in ``tests/house``.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
AT_START = ("PYTHON", "LC_", "LANG")
"""Variables that Python reads at its start begin so."""
LIBRARIES = (
    "apscheduler.triggers.cron",
    "encodings.idna",
    "prometheus_client",
    "tomlkit",
    "uvloop",
)
"""What commands import when they need it, beyond what our own modules do."""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This checkout's code, with nobody's own config."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    kept = {name: value for name, value in os.environ.items() if name != "BROADCASTER_CONFIG"}
    return {**kept, "PYTHONPATH": path, **(more or {})}


def run(
    args: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    preload: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """``broadcaster ARGS`` to its end; cold where ``env`` changes what Python reads at its start.

    :raises subprocess.TimeoutExpired: it hangs.
    """
    if any(name.startswith(AT_START) for name in env or ()):
        return subprocess.run(
            [sys.executable, "-m", "broadcaster", *args],
            cwd=cwd,
            env=environment(env),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _fed(stdin) as source:
        files = (source, out.fileno(), err.fileno())
        command = Command(args, cwd=cwd, env=env, files=files, preload=preload)
        try:
            command.wait(PATIENCE_S)
        finally:
            command.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(args, command.wait(), out.read(), err.read())


@contextmanager
def _fed(content: bytes) -> Iterator[int]:
    """The reading end of a pipe into which ``content`` is written."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe, suppress(BrokenPipeError):
            pipe.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield reading
    finally:
        os.close(reading)
        writer.join()


class Command:
    """``broadcaster ARGS``, running; like a ``Popen`` whose files the caller has opened."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        files: Sequence[int | None] = (None, None, None),
        constants: Mapping[str, float] | None = None,
        preload: Path | None = None,
    ) -> None:
        """``env``: beyond :func:`environment`.  ``constants``: ``module.NAME`` -> another value.

        ``files``: its stdin, stdout and stderr, open descriptors that stay the caller's; None: no
        file.  ``preload``: a library that stands before the system's.
        """
        self.args = args
        self.returncode: int | None = None
        asked = {
            "args": list(args),
            "cwd": str(cwd),
            "env": environment(env),
            "constants": dict(constants or {}),
        }
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as request, Path(os.devnull).open("r+b") as nothing:
            request.write(json.dumps(asked).encode())
            request.flush()
            three = (nothing.fileno() if each is None else each for each in files)
            socket.send_fds(_server(preload), [b"!"], [request.fileno(), theirs.fileno(), *three])
        self.pid = int(self._told())

    def poll(self) -> int | None:
        if self.returncode is None:
            self._ours.setblocking(False)
            with suppress(BlockingIOError):
                self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """:raises subprocess.TimeoutExpired: it runs on."""
        if self.returncode is None:
            self._ours.settimeout(timeout)
            try:
                self._end()
            except TimeoutError:
                raise subprocess.TimeoutExpired(list(self.args), timeout or 0) from None
        assert self.returncode is not None
        return self.returncode

    def _end(self) -> None:
        self.returncode = int(self._told())
        self._ours.close()

    def _told(self) -> bytes:
        """One message: the number of its process, and later its exit code."""
        told = self._ours.recv(32)
        assert told, "the process that starts commands has died"
        return told

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@functools.cache
def _server(preload: Path | None) -> socket.socket:
    """Where this process asks for commands."""
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=ROOT,
            env=environment({"LD_PRELOAD": str(preload)} if preload else None),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # what ends a test run at a keyboard is not for them
        )

    def end() -> None:
        ours.close()
        server.wait(PATIENCE_S)

    atexit.register(end)
    return ours


# --- in the other process -----------------------------------------------------------------------


def main(control: socket.socket) -> None:
    """Fork a command for each request; returns in none but the commands' processes."""
    _load()
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.data:
                    selector.unregister(key.fileobj)
                    _tell_end(key.fd, *key.data)
                    continue
                _, descriptors, _, _ = socket.recv_fds(control, 1, 5)
                if not descriptors:
                    sys.exit()
                pid = os.fork()
                if not pid:
                    _become(*descriptors)
                    return
                reply = socket.socket(fileno=descriptors[1])
                reply.send(str(pid).encode())
                for each in (descriptors[0], *descriptors[2:]):
                    os.close(each)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, reply))


def _tell_end(descriptor: int, pid: int, reply: socket.socket) -> None:
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    with reply, suppress(OSError):  # nobody may be waiting any more
        reply.send(str(os.waitstatus_to_exitcode(status)).encode())


def _load() -> None:
    packages = [importlib.import_module(name) for name in ("broadcaster", "adapters")]
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(("broadcaster.testing", "broadcaster.__main__")):
                importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork would have no part of the other threads"
    gc.collect()
    gc.freeze()


def _become(request: int, reply: int, *files: int) -> None:
    """Turn this fork into the command that was asked for."""
    with os.fdopen(request, "rb") as file:
        file.seek(0)
        asked = json.load(file)
    for number, descriptor in enumerate(files):
        os.dup2(descriptor, number)
    os.closerange(3, max(*files, request, reply, 256) + 1)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    for path, value in asked["constants"].items():
        _change(path, value)
    sys.argv = ["broadcaster", *asked["args"]]
    sys.path[0] = asked["cwd"]


def _run() -> None:
    """What ``python -m broadcaster`` does, up to freeing every object: that takes longest here."""
    code: object = 1
    try:
        runpy.run_module("broadcaster", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]  # as forks of multiprocessing end
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 0)


def _change(path: str, value: float) -> None:
    home, _, name = path.rpartition(".")
    module = importlib.import_module(home)
    before = getattr(module, name)
    copies = [other for other in list(sys.modules.values()) if _holds(other, name, before)]
    assert copies == [module], f"{path} is imported by name: {copies}"
    setattr(module, name, value)


def _holds(module: ModuleType, name: str, value: object) -> bool:
    return getattr(module, "__dict__", {}).get(name) is value


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
    _run()
