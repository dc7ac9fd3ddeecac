"""``daemon``: the process that sends."""

from __future__ import annotations

import os
from contextlib import redirect_stdout

import click

from broadcaster.cli.run import Shell, note

LEVELS = ("debug", "info", "warning", "error")


@click.command("daemon")
@click.option("--drain", is_flag=True, help="End when nothing is left to do now.")
@click.option(
    "--log-level", type=click.Choice(LEVELS), metavar="L", help="Instead of the config's: debug, …"
)
@click.pass_obj
def daemon_command(shell: Shell, drain: bool, log_level: str | None) -> int:
    """Send what is queued, until SIGTERM or Ctrl-C; what is on the wire then is finished first.

    The log goes to stderr and holds no token. With --drain it ends with 3 where something was not
    delivered, 4 where something is unknown.

    \b
    broadcaster daemon
    broadcaster daemon --drain
    """

    from broadcaster import logs
    from broadcaster.engine import process

    def ready() -> None:
        process.tune()
        note(f"the daemon is running (pid {os.getpid()})")

    with redirect_stdout(logs.Printed()):
        return process.run(shell.office.daemon(drain=drain, ready=ready, level=log_level))
