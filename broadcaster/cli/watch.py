"""``watch``: follow a post from outside."""

from __future__ import annotations

import click

from broadcaster.app.views import post_json
from broadcaster.cli.options import json_option, post_argument, timeout_option
from broadcaster.cli.output import print_json
from broadcaster.cli.progress import follow
from broadcaster.cli.run import Shell


@click.command("watch")
@post_argument
@timeout_option
@json_option
@click.pass_obj
def watch_command(shell: Shell, post: int, timeout: float | None, as_json: bool) -> int:
    """Follow a post until it is settled.

    Exit codes: 0 delivered everywhere, 3 not everywhere (held, failed, missed, or the timeout was
    reached), 4 unknown somewhere.

    \b
    broadcaster watch 12
    broadcaster watch 12 --timeout 2min
    """
    with shell.queue() as store:
        view, code = follow(shell, store, post, timeout=timeout, quiet=as_json)
    if as_json:
        print_json(post_json(shell.office, view))
    return code
