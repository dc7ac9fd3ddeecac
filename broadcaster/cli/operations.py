"""``audit``, ``backup``, ``restore`` and ``prune``: keeping the queue, and answering for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from broadcaster.app import archive, audit
from broadcaster.app.durations import duration
from broadcaster.cli.options import json_option
from broadcaster.cli.output import echo, gone, plural, print_json, print_table
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Micros


@click.command("audit")
@click.option("--post", type=click.IntRange(min=1), metavar="POST", help="Only of this post.")
@click.option(
    "--since", metavar="WHEN", help="Only from this time on: دیروز, 1405/09/02, 2026-11-23 08:00."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, metavar="N"
)
@click.option("--verify", is_flag=True, help="Check that no row was changed, removed or cut off.")
@click.option("--head", metavar="H", help="With --verify: a hash noted earlier, part of the chain.")
@json_option
@click.pass_obj
def audit_command(
    shell: Shell,
    post: int | None,
    since: str | None,
    limit: int,
    verify: bool,
    head: str | None,
    as_json: bool,
) -> int:
    """Show who did what to which post and when, and what was refused; newest first.

    Each row carries the hash of all rows before it. The daemon writes the last one, the head, into
    its log every hour and into the daily summary; --verify --head compares the two. Exit code 1:
    something is wrong.

    \b
    broadcaster audit --post 12
    broadcaster audit --since دیروز
    broadcaster audit --verify --head 3f1c…
    """
    if head and not verify:
        raise InputError(say("--head belongs to --verify; add it"))
    if verify and (post or since):
        raise InputError(say("--verify walks the whole log; leave out --post and --since"))
    with shell.queue() as store:
        if verify:
            proof = audit.verify(store, head)
            return _tell_proof(shell, proof, as_json=as_json)
        rows = audit.rows(store, post=post, since=_since(shell, since), limit=limit)
    if as_json:
        print_json([audit.row_object(shell.office, row) for row in rows])
        return 0
    print_table(
        ("at", "who", "what", "post", "outcome"),
        (
            (
                shell.times.short(row.at),
                row.who,
                audit.typed(row),
                "" if row.post is None else str(row.post),
                say("refused: {refused}", refused=row.refused)
                if row.refused
                else audit.outcome(row),
            )
            for row in rows
        ),
    )
    return 0


def _since(shell: Shell, said: str | None) -> Micros | None:
    if said is None:
        return None
    try:
        return audit.since(shell.office, said, shell.times.now())
    except InputError as error:
        raise InputError(say("--since: {reason}", reason=error)) from None


def _tell_proof(shell: Shell, proof: audit.AuditProof, *, as_json: bool) -> int:
    if as_json:
        print_json(audit.proof_object(shell.office, proof))
    elif proof.flaws:
        for flaw in proof.flaws:
            note(say("error: {flaw}", flaw=flaw))
    else:
        pruned = (
            say(", pruned on {when}", when=shell.times.short(proof.pruned)) if proof.pruned else ""
        )
        echo(say("the log is whole: {rows}{pruned}", rows=plural(proof.rows, "row"), pruned=pruned))
        echo(say("head {head}", head=proof.head) if proof.head else say("it is empty"))
    return 1 if proof.flaws else 0


@click.command("backup")
@click.argument("to", metavar="TO", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup_command(shell: Shell, to: Path, as_json: bool) -> int:
    """Back up queue and attached files into a new folder TO while everything keeps running.

    Only you can read the folder; it appears once it is complete. It holds no token. Exit code 1: an
    attached file is not what was attached; it is named and left out.

    \b
    broadcaster backup /srv/backup/broadcaster-1405-09-03
    """
    with shell.queue() as store:
        backup = archive.back_up(store, shell.office.media_folder, to, now=shell.times.now())
        did(say("the backup {to} is whole", to=to))
    if as_json:
        print_json(
            {
                "backup": str(backup.folder),
                "made": backup.made,
                "files": backup.files,
                "missing": list(backup.missing),
                "spoilt": list(backup.spoilt),
                "audit_head": backup.head or None,
            }
        )
        return 1 if backup.spoilt else 0
    echo(
        say(
            "{folder}: the queue, and {files}",
            folder=backup.folder,
            files=plural(backup.files, say("attached file")),
        )
    )
    if backup.missing:
        note(
            say(
                "warning: {files} that the queue names is gone: {gone}",
                files=plural(len(backup.missing), say("attached file")),
                gone=gone(backup.missing, shell.office.media_folder),
            )
        )
    if backup.head:
        note(say("audit head {head}", head=backup.head))
    for each in backup.spoilt:
        note(say("error: left out: {name}", name=each))
    if backup.spoilt:
        note(
            say(
                "see who wrote to {media_folder}, put the right files there or take "
                "the posts back, then make another backup",
                media_folder=shell.office.media_folder,
            )
        )
        return 1
    return 0


@click.command("restore")
@click.argument("source", metavar="[FROM]", required=False, type=click.Path(path_type=Path))
@click.option("--in-place", is_flag=True, help="Continue with a store that was put there by hand.")
@json_option
@click.pass_obj
def restore_command(shell: Shell, source: Path | None, in_place: bool, as_json: bool) -> None:
    """Replace the queue with a backup; nothing is sent twice.

    Nobody knows what was sent after the backup was made, so everything that waits is held until
    `release`, scheduled posts included. The old queue is kept under another name. Stop the daemon
    first.

    \b
    broadcaster restore /srv/backup/broadcaster-1405-09-03
    broadcaster restore --in-place
    """
    if (source is None) != in_place:
        raise InputError(say("say what to restore: the folder that `backup` made, or --in-place"))
    restored, aside = archive.put_back(shell.office, source, actor(), shell.times.now())
    did("the store is restored")
    if as_json:
        print_json(
            {
                "epoch": restored.epoch,
                "held": restored.held,
                "unknown": restored.unknown,
                "before": str(aside) if aside else None,
            }
        )
        return
    echo(
        say(
            "restored: {deliverys} held, {unknown} unknown, nothing is resent",
            deliverys=plural(restored.held, "delivery", "deliveries"),
            unknown=restored.unknown,
        )
    )
    if aside:
        echo(say("what stood there before: {aside}", aside=aside))
    if restored.held:
        note(
            say(
                "look at what is held (broadcaster list --state held), then send it "
                "(broadcaster release --all) or drop it (broadcaster release --all "
                "--drop)"
            )
        )


@click.command("prune")
@click.option(
    "--older-than", metavar="D", help="Archive posts settled longer ago; default: [retention]."
)
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@json_option
@click.pass_obj
def prune_command(shell: Shell, older_than: str | None, dry_run: bool, as_json: bool) -> None:
    """Archive or remove what has been settled for long, as [retention] in the config says.

    The daemon does so by itself. Texts, receipts and outcomes stay in the archive, for ever or as
    long as its key says. What is held, unknown or still to come is not touched, however old. Pruned
    rows of the audit log leave a checkpoint.

    \b
    broadcaster prune --dry-run
    broadcaster prune --older-than 90d
    """
    posts = _age(older_than)
    with shell.queue() as store:
        removed = archive.prune(shell.office, store, actor(), posts=posts, dry_run=dry_run)
        if not dry_run:
            did(say("what was settled long ago is removed"))
    pruned, files = removed.rows, removed.files
    if as_json:
        print_json(
            {
                "posts": pruned.posts,
                "archived": pruned.archived,
                "deliveries": pruned.deliveries,
                "keys": pruned.keys,
                "audit": pruned.audit,
                "files": files,
            }
        )
        return
    parts = [
        plural(pruned.posts, "post"),
        plural(pruned.keys, "key"),
        say("{rows} of the audit log", rows=plural(pruned.audit, "row")),
    ]
    if files is not None:
        parts.append(plural(files, say("attached file")))
    archived = plural(pruned.archived, "delivery", "deliveries")
    echo(
        say(
            "{more} {archived}",
            more=say("would archive") if dry_run else say("archived"),
            archived=archived,
        )
    )
    echo(
        say(
            "{more} {parts}",
            more=say("would remove") if dry_run else say("removed"),
            parts=joined(", ", parts),
        )
    )


def _age(said: str | None) -> timedelta | None:
    """:raises InputError: no length of time, or none at all."""
    if said is None:
        return None
    try:
        found = duration(said)
    except InputError as error:
        raise InputError(say("--older-than: {reason}", reason=error)) from None
    if not found:
        raise InputError(say("--older-than must be longer than nothing: 90d"))
    return found
