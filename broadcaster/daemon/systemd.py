"""Notifies the service manager: ready, reloading, stopping, alive.

:source: sd_notify(3): lines of ``NAME=value`` in one datagram to the socket in ``$NOTIFY_SOCKET``.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


class ServiceManager:
    """systemd; where the environment names no socket, nothing is sent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        asked = environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
        every = int(environ.get("WATCHDOG_USEC", "0")) / 1e6 if asked else 0.0
        self.alive_every_s: float | None = every / 3 if every and self._address else None
        """How often it expects :meth:`alive`; None: it does not."""

    def ready(self, status: str) -> None:
        self._notify("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The config is being read, until the next :meth:`ready`."""
        self._notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._notify("STOPPING=1", "STATUS=stopping once calls on the wire have ended")

    def alive(self, *, patience: bool = False) -> None:
        """``patience``: allow the stop to take longer, until the next call."""
        lines = ["WATCHDOG=1"]
        if patience and self.alive_every_s:
            lines.append(f"EXTEND_TIMEOUT_USEC={round(self.alive_every_s * 3e6)}")
        self._notify(*lines)

    def _notify(self, *lines: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
            end.setblocking(False)
            try:
                end.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                return  # it has ended, or does not listen
