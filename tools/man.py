"""Writes a man page for each command, from its ``--help``: ``tools/man.py FOLDER``."""

import sys
from pathlib import Path

import click
from click_man.core import write_man_pages

from broadcaster import __version__
from broadcaster.cli import main

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
ctx = click.Context(main, info_name="broadcaster")
# The commands of our group are loaded one by one, when they are called; click-man wants them all.
commands = {name: main.get_command(ctx, name) for name in main.list_commands(ctx)}
group = click.Group(
    "broadcaster",
    commands={name: command for name, command in commands.items() if command},
    params=main.params,
    help=main.help,
    epilog=main.epilog,
)
write_man_pages("broadcaster", group, version=__version__, target_dir=str(folder))
