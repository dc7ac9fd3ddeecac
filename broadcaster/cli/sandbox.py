"""``sandbox``: every messenger faked on one port of this machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import click

from broadcaster.app import sandbox
from broadcaster.app.sandbox import HOST, PORT
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.run import note
from broadcaster.errors import InputError
from broadcaster.language import say


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option(
    "--listen", "host", metavar="ADDRESS", default=HOST, show_default=True, help="Where it listens."
)
@click.option(
    "--allow-host",
    "allowed",
    multiple=True,
    metavar="NAME[:PORT]",
    help="A name that it is called by beside those of this machine, such as a container's.",
)
@click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append every message that is accepted to this file, as JSON lines.",
)
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="P.NAME=VALUE",
    help="Change how the fake of platform P behaves.",
)
@json_option
def sandbox_command(
    port: int,
    host: str,
    allowed: tuple[str, ...],
    ledger: Path | None,
    switches: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run a fake of every messenger on this machine until Ctrl-C; nothing leaves it.

    The page whose address it prints shows each channel as its readers see it. Port 0 takes any free
    port.

    \b
    broadcaster sandbox
    broadcaster sandbox --port 0 --ledger accepted.jsonl
    """
    sandbox.check_hosts(allowed)
    opening = sandbox.start(
        host=host, port=port, allowed=allowed, ledger=ledger, switches=_parsed(switches)
    )
    asyncio.run(_serve(opening, as_json=as_json))


async def _serve(
    opening: Coroutine[Any, Any, tuple[sandbox.Running, list[str]]], *, as_json: bool
) -> None:
    running, platforms = await opening
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)
    if as_json:
        print_json({"url": running.url, "port": running.port, "platforms": platforms})
    else:
        echo(running.url)
        note(
            say(
                "open it in a browser to see every channel; set base_url of a "
                "platform P to {url}/P\n"
                "Ctrl-C stops it",
                url=running.url,
            )
        )
    try:
        await stopped.wait()
    finally:
        await running.stop()


def _parsed(switches: Sequence[str]) -> dict[str, dict[str, str]]:
    """``P.NAME=VALUE`` by platform and name.  :raises InputError: another form."""
    found: dict[str, dict[str, str]] = {}
    for switch in switches:
        where, equals, value = switch.partition("=")
        platform, dot, name = where.partition(".")
        if not (equals and dot and platform and name):
            raise InputError(say('--switch "{switch}": write PLATFORM.NAME=VALUE', switch=switch))
        found.setdefault(platform, {})[name] = value
    return found
