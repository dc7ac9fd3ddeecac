"""``prove``: what an adapter promises, tried on the real platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from broadcaster.app.prove import PATIENCE_S, Proof, Proposal, Report, propose
from broadcaster.cli.asking import agreed, confirm
from broadcaster.cli.options import json_option, yes_option
from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import INTERRUPTED, Shell, actor, interactive, note


@click.command("prove")
@click.argument("account")
@click.option("--channel", metavar="NAME", help="Another channel of ACCOUNT than the test channel.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A new folder for report and recording; default: one in the state folder.",
)
@click.option("--measure", is_flag=True, help="Find out limits that nobody documents, too.")
@click.option("--force", is_flag=True, help="Even while deliveries of ACCOUNT are in line.")
@click.option(
    "--patience",
    type=click.FloatRange(0, 600),
    default=PATIENCE_S,
    show_default=True,
    metavar="S",
    help="Seconds in which a public page must show what was posted.",
)
@yes_option
@json_option
@click.pass_obj
def prove_command(
    shell: Shell,
    account: str,
    channel: str | None,
    out: Path | None,
    measure: bool,
    force: bool,
    patience: float,
    yes: bool,
    as_json: bool,
) -> int:
    """Try on the real platform what ACCOUNT's adapter promises: in the test channel.

    It posts one of each thing, reads back what can be read, asks you for the rest, removes what
    it can, and writes a report.

    \b
    broadcaster prove bale
    broadcaster prove telegram --channel desk-telegram --out proof-telegram
    """
    with shell.queue() as store, ExitStack() as stack:
        proposal = propose(
            shell.office, store, account, channel, measure=measure, force=force, actor=actor()
        )
        if not yes:
            confirm(
                lambda: _told(proposal), "Go on?", unchanged="nothing was posted", dry_run=False
            )
        proof = Proof(
            shell.office,
            store,
            proposal,
            out=out,
            patience=patience,
            actor=actor(),
            now=datetime.now(UTC),
            told=note,
        )
        stack.callback(proof.close)
        broken_off = not _tried(proof, ask=not yes and interactive())
        report = proof.write()
    if as_json:
        print_json({**report.to_json(), "folder": str(proof.folder)})
    else:
        _show(proof, report)
    if broken_off:
        return INTERRUPTED
    return 1 if report.flaws else 0


def _told(proposal: Proposal) -> Iterator[str]:
    """What would happen."""
    where = proposal.channel.channel
    kind = "the test channel" if proposal.is_test else "NOT the test channel: its readers see them"
    after = "they are removed in the end" if proposal.removes else "no bot can remove them there"
    yield (
        f"{plural(proposal.messages, 'message')} will appear in {where.name} ({where.address} at"
        f" {proposal.platform.name}; {kind})"
    )
    yield f"at most {proposal.more} more, should the platform take what it is to refuse; {after}"


def _tried(proof: Proof, *, ask: bool) -> bool:
    """Whether it came to its end; Ctrl-C ends a step, and what was posted is removed all the same.

    A second Ctrl-C ends the removing; the report says what is left.
    """
    whole = True
    try:
        proof.try_all()
        for question in [*proof.questions()] if ask else ():
            where = f" {question.link}" if question.link else ""
            proof.answer(question.key, agreed(f"{question.text_fa}\n{question.text}{where}"))
    except (KeyboardInterrupt, click.Abort):
        whole = False
        note("broken off; removing what was posted")
    try:
        proof.remove()
    except KeyboardInterrupt:
        whole = False
    return whole


def _show(proof: Proof, report: Report) -> None:
    for line in proof.text(report):
        echo(line)
    echo(f"\nreport: {proof.folder / 'report.html'}")
