"""``store copy``: from one database to another."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.app import archive
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, gone, plural, print_json
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.language import say


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
    help="File with the PostgreSQL password, mode 0600; default: that of the config.",
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
    office = shell.office
    with archive.both_stores(office, source, target, password_file) as (before, after):
        done = archive.move(office, before, after, actor())
        did(say("the office has moved to {target}", target=target))
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
            say(
                "moved: {posts}, {deliverys} ({unknown:,} unknown), {files}",
                posts=plural(posts, "post"),
                deliverys=plural(deliveries, "delivery", "deliveries"),
                unknown=unknown,
                files=plural(done.files, say("attached file")),
            )
        )
    if done.missing:
        note(
            say(
                "warning: {files} that posts name is gone: {gone}",
                files=plural(len(done.missing), say("attached file")),
                gone=gone(done.missing, office.media_folder),
            )
        )
    note(
        say(
            'now write url = "{target}" into [store] of every machine, and start the daemon',
            target=target,
        )
    )
