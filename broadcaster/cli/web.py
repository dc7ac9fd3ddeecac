"""``web``: the console and the HTTP API."""

from __future__ import annotations

import asyncio
import signal

import click

from broadcaster.app.office import Office
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, print_json
from broadcaster.cli.run import Shell, note
from broadcaster.errors import InputError
from broadcaster.language import say


@click.command("web")
@json_option
@click.pass_obj
def web_command(shell: Shell, as_json: bool) -> None:
    """Serve the console and the HTTP API, until SIGTERM or Ctrl-C.

    [web] in the config says where. People sign in there; `broadcaster user add` makes the first
    one. It needs the extra `web`, and neither token nor network.

    \b
    broadcaster web
    """
    asyncio.run(_serve(shell.office, as_json=as_json))


async def _serve(office: Office, *, as_json: bool) -> None:
    try:
        from broadcaster.web.server import serve  # its libraries are an extra
    except ImportError as missing:
        raise InputError(
            say(
                "the web process needs {missing}: pip install 'channel-broadcaster[web]'",
                missing=missing.name,
            )
        ) from None
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)

    def ready(url: str) -> None:
        if as_json:
            print_json({"url": url})
        else:
            echo(url)
            note(say("Ctrl-C stops it"))

    await serve(office, ready, stopped)
