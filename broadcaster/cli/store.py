"""``store copy``: from one database to another."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo
from broadcaster.cli.run import Shell, actor, did, note

if TYPE_CHECKING:
    from broadcaster.store.port import Store


@click.group("store")
def store_command() -> None:
    """Move the office to another database."""


@store_command.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    metavar="F",
    help="With the password of PostgreSQL, mode 0600; default: that of the config.",
)
@json_option
@click.pass_obj
def copy_command(
    shell: Shell, source: str, target: str, password_file: Path | None, as_json: bool
) -> None:
    """Move everything from the store FROM to the empty store TO; nothing is resent.

    FROM and TO are addresses as in [store] url: sqlite:///broadcaster.db (below state_dir) or
    postgresql://user@host/name. Posts, deliveries, receipts, recurring posts, the audit log and
    attached files all go along. Stop the daemon first; FROM is sealed then: it can be read, and
    never be written again, and tells people where the office is now.

    \b
    broadcaster store copy sqlite:///broadcaster.db postgresql://office@db.example/office
    broadcaster store copy postgresql://office@db.example/office sqlite:///back.db
    """
    from broadcaster.cli.output import gone, plural, print_json
    from broadcaster.store.copy import copy

    settings = shell.office.settings
    with ExitStack() as stack:

        def opened(url: str, *, old: bool) -> Store:
            store = _open(shell, url, password_file or settings.store_password_file, old=old)
            stack.callback(store.close)
            return store

        before, after = opened(source, old=True), opened(target, old=False)
        done = copy(before, after, actor(), media=shell.office.media_folder)
        did(f"the office has moved to {target}")
        unknown = len(after.unknowns())
    if as_json:
        print_json(
            {
                "from": source,
                "to": target,
                "rows": dict(done.rows),
                "unknown": unknown,
                "files": done.files,
                "missing": list(done.missing),
            }
        )
    else:
        posts, deliveries = done.rows["posts"], done.rows["deliveries"]
        echo(
            f"moved: {plural(posts, 'post')}, {plural(deliveries, 'delivery', 'deliveries')}"
            f" ({unknown:,} unknown), {plural(done.files, 'attached file')}"
        )
    if done.missing:
        note(
            f"warning: {plural(len(done.missing), 'attached file')} that posts name is gone:"
            f" {gone(done.missing, shell.office.media_folder)}"
        )
    note(f'now write url = "{target}" into [store] of every machine, and start the daemon')


def _open(shell: Shell, url: str, password_file: Path | None, *, old: bool) -> Store:
    """:raises InputError: it cannot be opened, or there is none that could be ``old``."""
    from broadcaster.errors import InputError
    from broadcaster.files import look
    from broadcaster.store import open_store

    folder = shell.office.settings.state_dir
    scheme, _, file = url.partition(":///")
    if old and scheme == "sqlite" and not look(folder / file):
        raise InputError(f"there is no store {folder / file}; nothing was copied")
    return open_store(url, folder=folder, password_file=password_file)
