"""Commands whose argument is a text, and what a shell makes of what people type beside it.

A text may begin with a dash, as the items of a list do; ``--media عکس*.jpg`` becomes several words.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import click

from broadcaster.language import say

_OPTION = re.compile(r"--?[A-Za-z]")
_HINT = say(
    'a text that begins with "-" goes behind a --, or is read from a file '
    "(--file FILE) or from standard input (--file -)"
)


class TextCommand(click.Command):
    """Takes ``"- item"`` and ``"-۵ degrees"`` for texts, as no option can look so.

    Files right behind a ``--media F`` are attached as well, and none of them is the text.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, [*self._sorted(ctx, [*self._spread(ctx, args)])])
        except click.NoSuchOption as error:
            if error.possibilities:
                raise  # a mistyped option
            raise click.UsageError(f"{error.format_message()}\n{_HINT}", ctx) from None

    def _spread(self, ctx: click.Context, args: Sequence[str]) -> Iterator[str]:
        """``args``, with the name of its option before each of several files."""
        names = {
            name
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            and option.multiple
            and isinstance(option.type, click.Path)
            for name in option.opts
        }
        rest = iter(args)
        name = ""
        for arg in rest:
            if arg == "--":
                yield from (arg, *rest)
            elif arg in names:
                name = arg
                yield from (arg, *[value for value in [next(rest, None)] if value is not None])
            elif arg.partition("=")[0] in names:
                name = arg.partition("=")[0]
                yield arg
            elif name and not arg.startswith("-") and os.path.isfile(arg):  # noqa: PTH113 (quick)
                yield from (name, arg)
            else:
                name = ""
                yield arg

    def _sorted(self, ctx: click.Context, args: Sequence[str]) -> Iterator[str]:
        """``args``, with all that are no options behind a ``--`` where one of them is a text."""
        options = {
            name: 0 if option.is_flag or option.count else option.nargs
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        found: list[str] = []
        others: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                others.extend(rest)
            elif not arg.startswith("-") or arg == "-" or _is_text(arg, options):
                others.append(arg)
            else:
                found.append(arg)
                # what follows are its values, whatever they look like
                found.extend(islice(rest, options.get(arg, 0)))
        if not any(_is_text(arg, options) for arg in others):
            yield from args
            return
        yield from (*found, "--", *others)


def _is_text(arg: str, options: dict[str, int]) -> bool:
    """Whether ``arg`` begins with a dash and cannot be an option, nor a mistyped one."""
    if not arg.startswith("-") or arg in ("-", "--"):
        return False
    if not _OPTION.match(arg):
        return True
    words = re.split(r"\s", arg, maxsplit=1)
    return len(words) > 1 and not arg.startswith("--") and words[0] not in options
