"""``sandbox``: every messenger faked on one port of this machine."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from broadcaster.app import rehearsal, sandbox
from broadcaster.app.sandbox import HOST, PORT
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, print_json, print_table
from broadcaster.cli.run import note
from broadcaster.language import joined, say, shown


class SandboxGroup(click.Group):
    """Serves by itself; its commands are for one that runs."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(shown(say("Incidents"))):
            formatter.write_dl([(name, shown(what)) for name, what in rehearsal.INCIDENTS.items()])


@click.group("sandbox", cls=SandboxGroup, invoke_without_command=True)
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
    help="Change how the fake of platform P behaves; `broadcaster sandbox switches` lists all.",
)
@json_option
@click.pass_context
def sandbox_command(
    ctx: click.Context,
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
    broadcaster sandbox incident filtered telegram
    """
    if ctx.invoked_subcommand:
        return
    sandbox.check_hosts(allowed)
    opening = sandbox.start(
        host=host,
        port=port,
        allowed=allowed,
        ledger=ledger,
        switches=rehearsal.parsed(switches, "--switch"),
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


_url_option = click.option(
    "--url", metavar="URL", default=rehearsal.URL, show_default=True, help="Of the running sandbox."
)


@sandbox_command.command("incident")
@click.argument("name", type=click.Choice([*rehearsal.INCIDENTS]))
@click.argument("platform")
@_url_option
@json_option
def incident_command(name: str, platform: str, url: str, as_json: bool) -> None:
    """Let PLATFORM (or: all) have an incident in a running sandbox; clear ends it.

    \b
    broadcaster sandbox incident filtered telegram
    broadcaster sandbox incident clear all
    """
    now = rehearsal.incident(name, platform, url=url)
    if as_json:
        print_json({"incidents": dict(now)})
        return
    named = [each for each in now if platform in (each, rehearsal.ALL)]
    echo(
        say("{named}: {INCIDENTS}", named=joined(", ", named), INCIDENTS=rehearsal.INCIDENTS[name])
    )


@sandbox_command.command("switches")
@click.argument("platform", required=False)
@json_option
def switches_command(platform: str | None, as_json: bool) -> None:
    """Every switch with its values, and how it stands at the beginning.

    \b
    broadcaster sandbox switches telegram
    """
    _show(rehearsal.known_switches(platform), as_json=as_json)


@sandbox_command.command("switch")
@click.argument("switches", nargs=-1, required=True, metavar="P.NAME=VALUE...")
@_url_option
@json_option
def switch_command(switches: tuple[str, ...], url: str, as_json: bool) -> None:
    """Change how a platform behaves in a running sandbox.

    \b
    broadcaster sandbox switch telegram.edits=ignored
    """
    _show(rehearsal.switch(rehearsal.parsed(switches, "switch"), url=url), as_json=as_json)


def _show(rows: list[rehearsal.SwitchRow], *, as_json: bool) -> None:
    if as_json:
        print_json([dataclasses.asdict(row) for row in rows])
        return
    print_table(
        ("switch", "now", "values", say("what it does")),
        ((f"{row.platform}.{row.name}", row.value, row.values, row.about) for row in rows),
    )
