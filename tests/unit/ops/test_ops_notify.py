"""What the service manager is told."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.daemon.systemd import ServiceManager


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens as systemd does, and its name."""
    file = str(tmp_path / "notify")
    name = file if request.param == "file" else f"@broadcaster-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(name.replace("@", "\0", 1))
        end.settimeout(5)
        yield end, name


def test_each_word_is_a_datagram(manager: tuple[socket.socket, str]) -> None:
    end, name = manager
    told = ServiceManager({"NOTIFY_SOCKET": name})
    told.ready("7 accounts, 12 channels")
    assert end.recv(1000).decode().splitlines() == ["READY=1", "STATUS=7 accounts, 12 channels"]
    told.reloading()
    assert end.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    told.alive()
    assert end.recv(1000) == b"WATCHDOG=1"
    told.alive(patience=True)
    assert end.recv(1000) == b"WATCHDOG=1", "who sets no time needs no patience"
    told.stopping()
    assert end.recv(1000).startswith(b"STOPPING=1\n")


def test_a_third_of_the_watchdogs_time(manager: tuple[socket.socket, str]) -> None:
    end, name = manager
    wanted = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "180000000"}
    told = ServiceManager(wanted)
    assert told.alive_every_s == 60.0
    told.alive(patience=True)
    assert end.recv(1000) == b"WATCHDOG=1\nEXTEND_TIMEOUT_USEC=180000000"
    assert ServiceManager({**wanted, "WATCHDOG_PID": str(os.getpid())}).alive_every_s == 60.0
    assert ServiceManager({**wanted, "WATCHDOG_PID": "1"}).alive_every_s is None


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    nobody = ServiceManager({})
    assert nobody.alive_every_s is None
    nobody.ready("")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("")
