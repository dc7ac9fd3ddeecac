"""``daemon``: the process that sends."""

from __future__ import annotations

import os

import click

from broadcaster.app import daemon
from broadcaster.cli.run import Shell, note

LEVELS = ("debug", "info", "warning", "error")


@click.command("daemon")
@click.option("--drain", is_flag=True, help="Exit when nothing is left to do now.")
@click.option(
    "--log-level", type=click.Choice(LEVELS), metavar="L", help="Instead of the config's: debug, …"
)
@click.pass_obj
def daemon_command(shell: Shell, drain: bool, log_level: str | None) -> int:
    """Send what is queued until SIGTERM or Ctrl-C; calls in progress are finished first.

    The log goes to stderr and holds no token. Exit codes with --drain: 3 something was not
    delivered, 4 something is unknown.

    \b
    broadcaster daemon
    broadcaster daemon --drain
    """
    return daemon.run(
        shell.office,
        drain=drain,
        level=log_level,
        ready=lambda: note(f"the daemon is running (pid {os.getpid()})"),
    )
