"""Another machine of the office: its own config, state and network, and the same database."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.proof.bureau import READY, Bureau
from tests.e2e.proof.processes import Child

_NUMBERS = count(1)


def another(
    office: Bureau,
    name: str,
    *,
    changed: Mapping[str, str] | None = None,
    constants: Mapping[str, float] | None = None,
    within: Network | None = None,
) -> Child:
    """A daemon with a config and a state folder of its own; ``changed``: other text in it."""
    text = office.config.read_text("utf-8")
    for old, new in {
        'state_dir = "../state"': f'state_dir = "../{name}"',
        **(changed or {}),
    }.items():
        assert old in text
        text = text.replace(old, new)
    config = office.config.with_name(f"{name}.toml")
    config.write_text(text, "utf-8")
    words = ("--config", str(config), "daemon", "--log-level", office.plan.level)
    place = () if within is None else ("ip", "netns", "exec", within.name)
    daemon = Child(f"daemon-{name}", words, office.folder, constants=constants, within=place)
    office.daemons.append(daemon)
    daemon.wait_for(READY)
    return daemon


def possible() -> bool:
    """Whether this user of this machine may lay networks."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and Network.may()


class Network:
    """A machine in a network namespace, with one cable for each of ``cables`` to this one."""

    def __init__(self, *cables: str) -> None:
        self._number = next(_NUMBERS)
        self.name = f"bc{os.getpid() % 100_000}n{self._number}"
        self._cables = cables

    @staticmethod
    def may() -> bool:
        name = f"bc{os.getpid() % 100_000}may"
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
        if made.returncode == 0:
            _ip("netns", "del", name)
        return made.returncode == 0

    def host(self, cable: str) -> str:
        """This machine's address at the end of a cable."""
        return self._address(cable, 1)

    def __enter__(self) -> Self:
        _ip("netns", "add", self.name)
        try:
            _ip("-n", self.name, "link", "set", "lo", "up")
            for cable in self._cables:
                here, there = self._ends(cable)
                _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.name)
                _ip("addr", "add", f"{self._address(cable, 1)}/30", "dev", here)
                _ip("link", "set", here, "up")
                _ip("-n", self.name, "addr", "add", f"{self._address(cable, 2)}/30", "dev", there)
                _ip("-n", self.name, "link", "set", there, "up")
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
        _ip("netns", "del", self.name)  # the cables go with it

    def pull(self, cable: str) -> None:
        """Nothing passes any more, and nobody is told."""
        _ip("-n", self.name, "link", "set", self._ends(cable)[1], "down")

    def plug(self, cable: str) -> None:
        _ip("-n", self.name, "link", "set", self._ends(cable)[1], "up")

    def _ends(self, cable: str) -> tuple[str, str]:
        stem = f"{self.name}{self._cables.index(cable)}"
        return f"{stem}h", f"{stem}m"

    def _address(self, cable: str, end: int) -> str:
        """Of the range that is kept for tests of this kind (RFC 2544)."""
        net = os.getpid() % 250
        return f"198.19.{net}.{self._number * 16 % 256 + self._cables.index(cable) * 4 + end}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def folder_of(office: Bureau, name: str) -> Path:
    """Where the daemon ``name`` keeps its files."""
    return office.folder / name
