"""How a command runs: what it works with, how it says that something is wrong, how it ends."""

from __future__ import annotations

import io
import os
import pwd
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from broadcaster.cli import startup
from broadcaster.language import joined, say, shown
from broadcaster.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

    from broadcaster.app.office import Office, Store, Times
    from broadcaster.model import Actor

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the signal's number, as shells count."""
UNTOLD = 5
"""Exit code: what was asked for is done, but a later step failed, such as printing the answer.  A
script that repeated the command would do it twice."""
EXITS: Mapping[str, int] = {
    "refused": 1,
    "forbidden": 1,
    "busy": 1,
    "invalid": 2,
    "not found": 2,
    "conflict": 2,
    "unsure": 4,  # as that of deliveries whose outcome is unknown
}
"""Kind of an error (:class:`broadcaster.errors.ErrorKind`) -> exit code."""

_done: list[str] = []
"""What this command has committed, in words for people."""
_whole: list[bool] = []
"""For each of them: whether all that was asked for is done with it."""


class Shell:
    """What a command is given; the office is loaded when a command first needs it."""

    def __init__(self, config: Path | None) -> None:
        self.config = config

    @cached_property
    def office(self) -> Office:
        """:raises InputError: no config, or one with mistakes."""
        from broadcaster.app.office import Office  # --help needs no config

        return Office.load(self.config)

    @cached_property
    def times(self) -> Times:
        return self.office.times

    @contextmanager
    def queue(self) -> Iterator[Store]:
        """The store; a halt is said before anything else.

        :raises InputError: the store cannot be opened.
        """
        with self.office.store() as store:
            for gate in store.gates():
                if gate.scope == "all":
                    note(
                        say(
                            "HALTED since {when} by {by}: {reason}\n"
                            "nothing is sent until: broadcaster resume",
                            when=self.times.short(gate.at),
                            by=gate.by,
                            reason=gate.reason,
                        )
                    )
            yield store


def person() -> str:
    """Who runs the command, for the audit."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return say("uid {getuid}", getuid=os.getuid())


def actor() -> Actor:
    """Who changes something by this command, as the store notes it."""
    from broadcaster.model import Actor  # --help changes nothing

    return Actor(person())


def note(text: str) -> None:
    """A remark for people: on stderr, so that results stay clean.

    Where it cannot be written (a full disk, a closed terminal) it is lost: it must not make a
    command fail that has done its work.
    """
    try:
        click.echo(visible(shown(text)), err=True)
    except OSError:
        _silence(sys.stderr)


def did(what: str, *, whole: bool = True) -> None:
    """Note what has just been committed, such as "post 12 is queued".

    Whatever fails afterwards is reported together with it; ``whole``: nothing of what was asked for
    is left to do, so that the exit code becomes :data:`UNTOLD`.
    """
    _done.append(what)
    _whole.append(whole)


def interactive() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def end(command: Callable[[], object]) -> NoReturn:
    """Run ``command`` and leave with its exit code; no failure shows a traceback.

    With ``BROADCASTER_DEBUG`` set, what was not expected shows one.
    """
    startup.begin()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: nothing else may get its number
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = _ended(command)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # said already; Python would try again at its end and exit with 120
            _silence(stream)
    startup.leave()
    sys.exit(code)


def check_arguments(args: Sequence[str]) -> None:
    """Python turns bytes that are not UTF-8 into half characters, which no store and no messenger
    takes.  Paths of files that are there may hold them.

    :raises InputError: an argument holds such bytes.
    """
    for number, argument in enumerate(args, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            option, equals, value = argument.partition("=")
            if os.path.lexists(value if equals and option.startswith("-") else argument):
                continue
            from broadcaster.errors import InputError  # --help raises none

            given = os.fsencode(argument).decode("utf-8", "backslashreplace")
            raise InputError(
                say(
                    'argument {number} ("{given}") is not UTF-8: write it in a UTF-8 '
                    "terminal, put a text into a UTF-8 file (--file), or rename the file "
                    "it names",
                    number=number,
                    given=given,
                )
            ) from None


def _ended(command: Callable[[], object]) -> int:
    """Run ``command``; returns the exit code."""
    try:
        code = command()
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.message = visible(shown(error.message))  # type: ignore[misc]
        error.show()
        return _after(error.exit_code)
    except SystemExit as error:  # click's own end where the reader, such as `head`, has gone
        _silence(sys.stdout)
        return _after(error.code if isinstance(error.code, int) else 1)
    except Exception as error:
        return _after(_explain(error))
    return code if isinstance(code, int) else 0


def _after(code: int) -> int:
    """The exit code of a failure: what was done before it is said, and counts."""
    if not _done:
        return code
    note(
        say(
            "{more}: {done}",
            more=say("it is done") if any(_whole) else say("done before that"),
            done=joined("; ", _done),
        )
    )
    return UNTOLD if any(_whole) else code


def _from_output(error: OSError) -> bool:
    """Whether it was raised while an answer was written: by click's ``echo``, or by our flush."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals["__name__"] in ("click.utils", __name__)


def _silence(stream: TextIO) -> None:
    """Let nothing more be written to ``stream``, also not what is still in its buffer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _explain(error: Exception) -> int:
    """Say what is wrong, and return the exit code."""
    from broadcaster.errors import BroadcasterError, Busy, ErrorKind  # --help raises none

    unchanged = "" if _done else say("; nothing was changed")
    if isinstance(error, BroadcasterError):
        busy = isinstance(error, Busy) and error.kind is not ErrorKind.UNSURE
        note(say("error: {reason}{unchanged}", reason=error, unchanged=unchanged if busy else ""))
        return EXITS[error.kind]
    if isinstance(error, OSError) and _from_output(error):
        _silence(sys.stdout)
        note(
            say(
                "error: the answer cannot be written: {reason}{unchanged}",
                reason=say(str(error.strerror)),
                unchanged=unchanged,
            )
        )
        return 1
    if isinstance(error, OSError) and not os.environ.get("BROADCASTER_DEBUG"):
        where = say("{filename}: ", filename=error.filename) if error.filename else ""
        note(
            say(
                "error: {where}{reason}; check the disk and its free space{unchanged}",
                where=where,
                reason=error.strerror or type(error).__name__,
                unchanged=unchanged,
            )
        )
        return 1
    if os.environ.get("BROADCASTER_DEBUG"):
        import traceback  # only to look for a fault of the program

        from broadcaster import logs  # likewise

        note(logs.clean("".join(traceback.format_exception(error))).rstrip())
    else:
        note(
            say(
                "unexpected error ({name}); run it again with BROADCASTER_DEBUG=1 to "
                "see where, and report it",
                name=type(error).__name__,
            )
        )
    return 1
