"""The command line: one module per family of commands, imported when its command is called.

This module and what it imports load neither config nor store, so that ``--help`` and a mistyped
command answer at once; the lines that ``--help`` shows stand here and not in the commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from broadcaster import __version__
from broadcaster.cli import speech
from broadcaster.cli.run import Shell, check_arguments, end
from broadcaster.language import say, shown

if TYPE_CHECKING:
    from pathlib import Path

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Set up": {
        "init": ("setup", "Write a first config file."),
        "check": ("setup", "Check config, store and tokens for mistakes."),
        "platforms": ("platforms", "Capabilities, limits and health of each messenger."),
        "prove": ("prove", "Try on the real platform what it is said to do."),
        "addresses": ("addresses", "Where readers find your channels, as a page or poster."),
        "demo": ("demo", "See everything work on this machine."),
    },
    "Post": {
        "post": ("post", "Queue a post for your channels."),
        "move": ("before", "Give a post another time."),
        "cancel": ("before", "Cancel a post before it is sent."),
        "edit": ("after", "Correct a post, even after it was sent."),
        "recall": ("after", "Remove a post from its channels."),
        "pin": ("after", "Pin a post in its channels."),
        "unpin": ("after", "Unpin a post in its channels."),
        "schedule": ("schedule", "Post something at regular times."),
    },
    "Follow": {
        "status": ("status", "Show the daemon, the queue and the accounts."),
        "list": ("show", "List posts, newest first."),
        "show": ("show", "Show one post in full."),
        "watch": ("watch", "Follow a post until it is settled."),
        "report": ("report", "List what was published on a day, with links."),
    },
    "Decide": {
        "approve": ("approval", "Approve somebody else's draft."),
        "return": ("approval", "Return a draft to its author."),
        "reject": ("approval", "Reject a draft."),
        "resolve": ("decide", "Say whether an unknown message was posted."),
        "retry": ("decide", "Send what failed or was missed."),
        "release": ("decide", "Send or drop what is held."),
        "off": ("switches", "Switch a platform or channel off."),
        "on": ("switches", "Switch a platform or channel on again."),
        "halt": ("switches", "Stop sending everything, at once."),
        "resume": ("switches", "Lift a halt."),
    },
    "Keep": {
        "audit": ("operations", "Show who did what, and when."),
        "backup": ("operations", "Back up queue and files while the daemon runs."),
        "restore": ("operations", "Replace the queue with a backup."),
        "prune": ("operations", "Delete what was settled long ago."),
        "store": ("store", "Move the office to another database."),
        "user": ("people", "The people of the console, and their roles."),
        "token": ("people", "Tokens of the HTTP API, for programs."),
    },
    "Run": {
        "web": ("web", "Serve the console and the HTTP API."),
        "daemon": ("daemon", "Send what is queued, until stopped."),
        "sandbox": ("sandbox", "Run a fake of every messenger on this machine."),
        "completion": ("completion", "Set up tab completion for your shell."),
    },
}
"""Heading -> command -> (module, the line in ``--help``)."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, and ends as people expect."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for commands in SECTIONS.values():
            if cmd_name in commands:
                module = import_module(f"{__name__}.{commands[cmd_name][0]}")
                command: click.Command = getattr(module, f"{cmd_name}_command")
                return speech.told(command)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, commands in SECTIONS.items():
            with formatter.section(shown(say(heading))):
                formatter.write_dl(
                    [(name, shown(say(line))) for name, (_, line) in commands.items()]
                )

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        def run() -> Any:
            given = sys.argv[1:] if args is None else args
            speech.begin(given)
            speech.told(self)
            check_arguments(given)
            return super(LazyGroup, self).main(
                args, prog_name, complete_var, standalone_mode=False, **extra
            )

        if not standalone_mode:
            return run()
        return end(run)


class _File(click.Path):
    """A path, whose library is loaded when one is given."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from pathlib import Path  # slow to load; nearly no command names a config

        return Path(os.fsdecode(super().convert(value, param, ctx)))


EXIT_CODES = (
    "Exit codes: 0 done, 1 refused, 2 wrong input, 3 not delivered everywhere, 4 unknown, 5 done,"
    " but a later step failed, such as printing the answer: do not repeat it; 130 interrupted."
)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.option(
    "--config",
    type=_File(),
    metavar="FILE",
    help="The config file; default: $BROADCASTER_CONFIG, ./config/broadcaster.toml, your config"
    " folder, /etc/broadcaster.",
)
@click.version_option(__version__, prog_name="broadcaster")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """One announcement, every channel: Telegram and the messengers of Iran.

    \b
    broadcaster demo                              see it work, nothing is really sent
    broadcaster init                              write a first config file
    broadcaster post "سلام به همه" --dry-run      what would appear where
    broadcaster post --file خبر.md --at "فردا ۸ صبح"
    """
    ctx.obj = Shell(config)
    if os.environ.get("NO_COLOR"):
        ctx.color = False
