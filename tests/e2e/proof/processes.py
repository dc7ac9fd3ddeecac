"""Our own commands as real processes: started, waited for, frozen and killed by their id."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import warm
from tests.e2e.proof.hasty import hasty

PATIENCE_S = 60.0
"""For anything that must happen: no test waits longer, whatever the machine has to do."""
LOOK_S = 0.01


def until(true: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Look until ``true``, within a bound.  :raises AssertionError: it did not happen."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, f"not within {patience_s:.0f} s: {what}"
        time.sleep(LOOK_S)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


class Child:
    """One of our commands, running; what it says goes to files that outlive it."""

    process: warm.Command | subprocess.Popen[bytes]

    def __init__(
        self,
        name: str,
        args: Sequence[str],
        folder: Path,
        *,
        constants: Mapping[str, float] | None = None,
        within: Sequence[str] = (),
    ) -> None:
        """``constants``: see :mod:`hasty`.  ``within``: a command line that runs another one."""
        self.name = name
        self.out = folder / f"{name}.out"
        self.log = folder / f"{name}.log"
        self._frozen = False
        with self.out.open("ab") as out, self.log.open("ab") as log:
            self._from = self.log.stat().st_size
            self._out_from = self.out.stat().st_size
            if within:
                self.process = subprocess.Popen(
                    [*within, *hasty(dict(constants or {}), *args)],
                    cwd=folder,
                    env=warm.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=log,
                    start_new_session=True,
                )
            else:
                files = (None, out.fileno(), log.fileno())
                self.process = warm.Command(args, cwd=folder, files=files, constants=constants)

    def said(self) -> str:
        """Its log of this life."""
        return self.log.read_bytes()[self._from :].decode("utf-8", "replace")

    def printed(self) -> str:
        return self.out.read_bytes()[self._out_from :].decode("utf-8", "replace")

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait_for(self, words: str, *, times: int = 1) -> None:
        """Until its log holds ``words``.  :raises AssertionError: it ends before, or never does."""

        def there() -> bool:
            if self.said().count(words) >= times:
                return True
            assert self.running, f"{self.name} ended ({self.process.returncode}):\n{self.said()}"
            return False

        until(there, f"{self.name} says {words!r}")

    def kill(self) -> None:
        """SIGKILL: nothing of it runs any more when this returns."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self._frozen = False

    def hang_up(self) -> None:
        """SIGHUP: read the config anew."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """SIGTERM, then its exit code.  :raises AssertionError: it does not end in time."""
        if self.running:
            self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end:\n{self.said()}") from None

    def close(self) -> None:
        """Whatever it is doing, it is gone afterwards."""
        if self.running:
            if self._frozen:
                self.thaw()
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
