"""``addresses``: where readers find the office's channels, for a web site, a letterhead, a wall."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.app.addresses import address_json, addresses
from broadcaster.cli.options import json_option, names
from broadcaster.cli.output import print_json, print_table
from broadcaster.cli.run import Shell, note
from broadcaster.errors import InputError
from broadcaster.language import say

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("addresses")
@click.option(
    "--to",
    multiple=True,
    metavar="NAME",
    shell_complete=names,
    help="These channels, groups or accounts; default: `addresses` of the config.",
)
@click.option("--html", type=_FILE, metavar="F", help="Write a page with a QR code for each.")
@click.option("--poster", type=_FILE, metavar="F", help="Write an A4 poster with them, as SVG.")
@json_option
@click.pass_obj
def addresses_command(
    shell: Shell, to: tuple[str, ...], html: Path | None, poster: Path | None, as_json: bool
) -> None:
    """The address book: the public pages of your channels, those that are off left out.

    {addresses} in a text stands for the same list, without the channel that is being read, and
    {channel_links} for it in one line.

    \b
    broadcaster addresses
    broadcaster addresses --to all --html addresses.html
    broadcaster addresses --poster نشانی‌ها.svg
    """
    found = addresses(shell.office, to)
    if html or poster:
        from broadcaster.app import address_page  # draws codes, which the list has none of

        for file, draw in ((html, address_page.page), (poster, address_page.poster)):
            if file is not None:
                _write(file, draw(found))
    if as_json:
        print_json([address_json(each) for each in found])
    elif not (html or poster):
        print_table(
            ("channel", "platform", "title", "address"),
            ((each.channel, each.platform_title, each.title, each.words) for each in found),
        )


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, "utf-8")
    except OSError as error:
        raise InputError(
            say(
                "cannot write {file}: {reason}; choose another name",
                file=file,
                reason=say(str(error.strerror)),
            )
        ) from None
    note(say("written: {file}", file=file))
