"""In which language the command line speaks, and its help in that language."""

from __future__ import annotations

import gettext
import inspect
import os
from collections.abc import Iterator, Sequence

import click

from broadcaster import language
from broadcaster.language import say, shown

_FILE = "broadcaster.toml"
_EXAMPLES = "\b"
"""What click wants before lines that it shall not join; such a paragraph holds commands."""


def begin(args: Sequence[str]) -> None:
    """Speak the language that was asked for.

    click's own words are translated by gettext's functions, which look at ``LANGUAGE``.
    """
    chosen = language.chosen(_config(args))
    language.speak(chosen)
    if chosen != "en":
        os.environ["LANGUAGE"] = chosen
        gettext.bindtextdomain(language.DOMAIN, language.FOLDER)
        gettext.textdomain(language.DOMAIN)


def told(command: click.Command) -> click.Command:
    """``command`` with its help in the current language."""
    if language.current() != "en":
        command.help = _paragraphs(command.help)
        command.epilog = _paragraphs(command.epilog)
        for param in command.params:
            if isinstance(param, click.Option):
                param.help = shown(say(param.help)) if param.help else None
        if isinstance(command, click.Group):
            for below in command.commands.values():
                told(below)
    return command


def texts(command: click.Command) -> Iterator[str]:
    """All that the help of ``command`` and of those below it can show, in English."""
    for text in (command.help, command.epilog):
        yield from map(_one_line, filter(_prose, _split(text)))
    for param in command.params:
        if isinstance(param, click.Option) and param.help:
            yield param.help
    if isinstance(command, click.Group) and not type(command).__name__.startswith("Lazy"):
        for below in command.commands.values():
            yield from texts(below)


def _split(text: str | None) -> list[str]:
    return inspect.cleandoc(text or "").split("\n\n")


def _prose(paragraph: str) -> bool:
    return bool(paragraph) and not paragraph.startswith(_EXAMPLES)


def _one_line(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _paragraphs(text: str | None) -> str | None:
    if text is None:
        return None
    return "\n\n".join(
        shown(say(_one_line(each))) if _prose(each) else each for each in _split(text)
    )


def _config(args: Sequence[str]) -> str | None:
    """The config file that this call will read, as far as that can be seen before it is parsed."""
    for at, argument in enumerate(args):
        if argument == "--config" and at + 1 < len(args):
            return args[at + 1]
        if argument.startswith("--config="):
            return argument.partition("=")[2]
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  # pathlib is slow to load
    places = (
        os.environ.get("BROADCASTER_CONFIG"),
        f"config/{_FILE}",
        f"{home}/broadcaster/{_FILE}",
        f"/etc/broadcaster/{_FILE}",
    )
    return next((place for place in places if place and os.path.isfile(place)), None)  # noqa: PTH113  # likewise
