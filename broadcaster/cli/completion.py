"""``completion``: what a shell needs to complete our commands and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("name", metavar="SHELL", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(ctx: click.Context, name: str) -> None:
    """Print what bash, zsh or fish needs to complete commands and the names of your channels.

    \b
    broadcaster completion bash > ~/.local/share/bash-completion/completions/broadcaster
    broadcaster completion fish > ~/.config/fish/completions/broadcaster.fish
    """
    completion = get_completion_class(name)
    assert completion is not None
    script = completion(ctx.find_root().command, {}, "broadcaster", "_BROADCASTER_COMPLETE")
    click.echo(script.source_template % script.source_vars())
