"""Every messenger faked on one port of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from broadcaster.discovery import find_fakes
from broadcaster.errors import InputError
from broadcaster.kit.doorway import is_host
from broadcaster.language import say
from broadcaster.sandbox import HOST, PORT
from broadcaster.sandbox.server import Running
from broadcaster.sandbox.server import start as serve

__all__ = ["HOST", "PORT", "Running", "check_hosts", "start"]


def check_hosts(allowed: Sequence[str]) -> None:
    """:raises InputError: one is no name of a machine."""
    for each in allowed:
        if not is_host(each):
            raise InputError(
                say('--allow-host "{name}": write a name, with or without :PORT', name=each)
            )


async def start(
    *,
    host: str,
    port: int,
    allowed: Sequence[str] = (),
    ledger: Path | None = None,
    switches: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Running, list[str]]:
    """Serve every platform that has a fake; returns their names, too.  Port 0 takes any free one.

    ``allowed``: names that it is called by beside those of this machine.  ``ledger``: a file to
    which every accepted message is appended.  ``switches``: platform -> name -> value.

    :raises InputError: a host or switch that cannot be, or the port is taken.
    """
    check_hosts(allowed)
    fakes = find_fakes()
    running = await serve(
        fakes, host=host, port=port, ledger=ledger, switches=switches, allowed=allowed
    )
    return running, sorted(fakes)
