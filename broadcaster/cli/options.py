"""Options and arguments that several commands share, each with one meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from broadcaster.errors import InputError
from broadcaster.language import say

if TYPE_CHECKING:
    from pathlib import Path  # here: `--help` starts without it

    from click.shell_completion import CompletionItem


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """``30``, ``30s``, ``2min``, «۵ دقیقه»."""
    if value is None or value.isdecimal():
        return None if value is None else float(value)
    from broadcaster.app.durations import duration  # its grammar is slow to load

    try:
        return duration(value).total_seconds()
    except InputError as error:
        raise click.BadParameter(str(error)) from None


def _path(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Path | None:
    if value is None:
        return None
    from pathlib import Path  # here: `--help` starts without it

    return Path(value)


def names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes names of channels, groups and accounts; without a usable config, none."""
    from click.shell_completion import CompletionItem  # only a shell asks for it

    from broadcaster.app.office import Office  # likewise

    try:
        settings = Office.load(ctx.find_root().params.get("config")).settings
    except InputError:
        return []
    known = (*settings.channels, *settings.groups, *settings.accounts)
    return [
        CompletionItem(name)
        for name in (*known, "foreign", "domestic", "all")
        if name.startswith(incomplete)
    ]


_POST = click.IntRange(min=1)
_POST.name = say("post number")  # what a mistyped one is said not to be
post_argument = click.argument("post", metavar="POST", type=_POST)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
html_option = click.option(
    "--html",
    type=click.Path(dir_okay=False),
    callback=_path,
    metavar="F",
    help="Write it as a page that shows each channel as its readers see it.",
)
yes_option = click.option("--yes", is_flag=True, help="Ask nothing.")
sure_option = click.option(
    "--yes", is_flag=True, help="Ask nothing; without a terminal, it has to be given."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done; change nothing."
)
outside_option = click.option(
    "--allow-files-outside",
    "allow_outside",
    is_flag=True,
    help="Attach files that the text names even if they lie outside its folder.",
)
only_option = click.option(
    "--to",
    multiple=True,
    metavar="NAME",
    shell_complete=names,
    help="Only in these channels, groups or accounts; repeat it for several.",
)
timeout_option = click.option(
    "--timeout", callback=_seconds, metavar="S", help="Stop waiting after this time: 30, 2min."
)
