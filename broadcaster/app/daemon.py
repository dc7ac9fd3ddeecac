"""The process that sends, as a front door starts it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial

from broadcaster import config, logs
from broadcaster.app.clients import client
from broadcaster.app.office import Office
from broadcaster.daemon.daemon import Daemon
from broadcaster.engine import process


def run(office: Office, *, drain: bool, level: str | None, ready: Callable[[], None]) -> int:
    """Send what is queued until SIGTERM or SIGINT; with ``drain`` until nothing is left to do now.

    Returns the exit code.  ``level``: of the log, in place of the config's; ``ready`` is called
    once the daemon is at work.

    :raises InputError: tokens or store are not to be had.
    """

    def working() -> None:
        process.tune()
        ready()

    with redirect_stdout(logs.Printed()):
        return process.run(_daemon(office, level).run(drain=drain, ready=working))


def _daemon(office: Office, level: str | None) -> Daemon:
    return Daemon(
        office.platforms,
        read=lambda: config.load(office.settings.path, office.platforms),
        client=partial(client, office),
        stores=office.store,
        level=level,
    )
