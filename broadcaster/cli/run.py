"""How a command runs: what it works with, how it says that something is wrong, how it ends."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import click

from broadcaster.cli import startup
from broadcaster.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

    from broadcaster.app import Office
    from broadcaster.cli.times import Times
    from broadcaster.store.port import Store
    from broadcaster.store.reading import PostView

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the signal's number, as shells count."""


class Shell:
    """What a command is given; the office is loaded when a command first needs it."""

    def __init__(self, config: Path | None) -> None:
        self.config = config

    @cached_property
    def office(self) -> Office:
        """:raises InputError: no config, or one with mistakes."""
        from broadcaster.app import Office

        return Office.load(self.config)

    @cached_property
    def times(self) -> Times:
        from broadcaster.cli.times import Times

        return Times(self.office.settings)

    @contextmanager
    def queue(self) -> Iterator[Store]:
        """The store; a halt is said before anything else.

        :raises InputError: the store cannot be opened.
        """
        with self.office.store() as store:
            for gate in store.gates():
                if gate.scope == "all":
                    note(
                        f"HALTED since {self.times.short(gate.at)} by {gate.by}: {gate.reason}\n"
                        "nothing is sent until: broadcaster resume"
                    )
            yield store

    def channels(self, names: Sequence[str], view: PostView) -> tuple[str, ...]:
        """The channels of a post that ``--to`` means; without a name, all of them.

        Channels that the config no longer has can still be named.

        :raises InputError: an unknown name, or one that the post does not go to.
        """
        from broadcaster.errors import InputError

        own = tuple(dict.fromkeys(each.delivery.channel for each in view.deliveries))
        chosen: set[str] = set()
        for name in names:
            meant = {name}
            if name not in own:
                meant = {each.channel.name for each in self.office.settings.resolve((name,))}
            if meant.isdisjoint(own):
                raise InputError(
                    f"post {view.post.id} does not go to {name}; it goes to {', '.join(own)}"
                )
            chosen |= meant
        return tuple(name for name in own if not names or name in chosen)


def person() -> str:
    """Who runs the command, for the audit."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def note(text: str) -> None:
    """A remark for people: on stderr, so that results stay clean."""
    click.echo(visible(text), err=True)


def interactive() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def end(command: Callable[[], object]) -> NoReturn:
    """Run ``command`` and leave with its exit code; no failure shows a traceback.

    With ``BROADCASTER_DEBUG`` set, what was not expected shows one.
    """
    startup.begin()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = _ended(command)
    startup.leave()
    sys.exit(code)


def _ended(command: Callable[[], object]) -> int:
    """Run ``command``; returns the exit code."""
    try:
        code = command()
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.message = visible(error.message)  # type: ignore[misc]
        error.show()
        return error.exit_code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Say what is wrong, and return the exit code."""
    from broadcaster.errors import BroadcasterError, InputError
    from broadcaster.store.port import StoreBusy

    if isinstance(error, BroadcasterError):
        note(f"error: {error}")
        return 2 if isinstance(error, InputError) else 1
    if isinstance(error, StoreBusy):
        note(f"error: {error}")
        return 1
    if os.environ.get("BROADCASTER_DEBUG"):
        import traceback

        from broadcaster import logs

        note(logs.clean("".join(traceback.format_exception(error))).rstrip())
    else:
        note(
            f"error: something went wrong that should not ({type(error).__name__});"
            " run it again with BROADCASTER_DEBUG=1 to see where, and report it"
        )
    return 1
