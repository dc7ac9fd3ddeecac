"""Files that somebody names: opened once, judged by what is open, and never waited for.

A name may lead anywhere: to a folder that may not be entered, a link in a circle, a pipe that
nobody writes to, a device without an end.  Each of these is a mistake with a reason, not a crash.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeAlias

from broadcaster.errors import InputError
from broadcaster.language import say

TEXT_MOST = 1 << 20
"""Bytes of a text file: far more than any messenger takes, and no burden to read."""
LARGEST = 2000 << 20
"""Bytes of a file where nobody knows a platform's limit.

No bot of any messenger is known to send a larger one. :source: Telegram's own Bot API server.
"""
QUICKLY_READ = 256 << 20
"""Bytes of a file that is hashed in about a second."""
LONGEST = 300
"""Letters of a path that are shown."""

Opener: TypeAlias = Callable[[Path], BinaryIO]
"""Opens a regular file for reading, or raises :class:`InputError`."""

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_ENTER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def look(path: Path) -> os.stat_result | None:
    """What ``path`` leads to; None: nothing is there.

    :raises InputError: nobody may look at it, or it is no path.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(
            say("cannot look at {path}: {reason}", path=shown(path), reason=reason(error))
        ) from None


def is_file(path: Path) -> bool:
    """:raises InputError: as :func:`look`."""
    status = look(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def is_folder(path: Path) -> bool:
    """:raises InputError: as :func:`look`."""
    status = look(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def expanded(path: Path) -> Path:
    """``path`` with ``~`` and ``~NAME`` replaced.

    :raises InputError: nobody has that name, or no file could.
    """
    if "\0" in str(path):
        raise InputError(say("{path}: no file can have this name", path=shown(path)))
    try:
        return path.expanduser()
    except RuntimeError:
        raise InputError(
            say("{path}: there is no user {parts} here", path=shown(path), parts=path.parts[0][1:])
        ) from None


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    :raises InputError: it is missing, may not be read, or is something else.
    """
    return _regular(_opened(path), path)


@dataclass(frozen=True, slots=True)
class Bound:
    """How large an attached file may be; one that is far too large is not even read."""

    most: int = LARGEST
    """Bytes."""
    platform: str = ""
    """The one whose limit it is; empty: it is not a platform's."""
    read: int = 0
    """Bytes up to which a larger one is read all the same, since somebody else refuses it."""

    @property
    def reads(self) -> int:
        """Bytes that are read at most."""
        return max(self.most, self.read)

    def for_a_plan(self) -> Bound:
        """A plan says for each channel what it takes, so a file that is read quickly is read."""
        return replace(self, read=QUICKLY_READ) if self.platform else self

    def check(self, path: Path, size: int) -> None:
        """:raises InputError: ``path`` has ``size`` bytes, and that is too much."""
        if size <= self.reads:
            return
        whose = say(" for {platform}", platform=self.platform) if self.platform else ""
        rule = (
            say("no platform of yours takes a larger one; make it smaller")
            if self.platform
            else say("media_bytes in [limits], or what the platforms take")
        )
        raise InputError(
            say(
                "{path} is too large{whose}: it has {size:,} bytes, and a file may "
                "have {most:,} ({rule})",
                path=shown(path),
                whose=whose,
                size=size,
                most=self.most,
                rule=rule,
            )
        )


NO_LARGER = Bound()


def read_text(path: Path) -> bytes:
    """The bytes of a text that a person names; a pipe (``<(…)`` of a shell) is read to its end.

    :raises InputError: it cannot be read, or is longer than :data:`TEXT_MOST`.
    """
    descriptor = _opened(path)
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode) or os.isatty(descriptor):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll()  # until somebody writes, as with any pipe
        os.set_blocking(descriptor, True)
        file: BinaryIO = os.fdopen(descriptor, "rb")
    else:
        file = _regular(descriptor, path)
    with file:
        return read_all(file, shown(path))


def read_all(file: BinaryIO, what: str) -> bytes:
    """All of ``file``, ``what`` it is called.

    :raises InputError: it cannot be read, or is longer than :data:`TEXT_MOST`.
    """
    try:
        content = file.read(TEXT_MOST + 1)
    except OSError as error:
        raise InputError(
            say("cannot read {what}: {reason}", what=what, reason=reason(error))
        ) from None
    if len(content) > TEXT_MOST:
        raise InputError(
            say(
                "{what} is longer than {text_most:,} bytes, so it is no text to post; "
                "check the name",
                what=what,
                text_most=TEXT_MOST,
            )
        )
    return content


def utf8(content: bytes, what: str) -> str:
    """``content`` as text, without a byte order mark.  :raises InputError: it is not UTF-8."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            say(
                "{what} is not UTF-8 text (byte {start}); save it as UTF-8",
                what=what,
                start=error.start,
            )
        ) from None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a daemon may read files on behalf of its config.

    Whoever can put another file in the place of one that the daemon reads can publish what the
    daemon alone may read.  So each folder on the way must belong to one of ``owners`` and be
    writable by nobody else, and no link is followed.
    """

    folder: Path
    """Absolute: where the config lies.  What leads to it is trusted, as the config is."""
    owners: Collection[int]
    """Numbers of users."""

    @classmethod
    def of(cls, folder: Path, *more: Path) -> Ground:
        """Trusts root, whoever runs this, and the owners of ``more``."""
        statuses = (look(path) for path in more)
        return cls(folder, {0, os.geteuid(), *(status.st_uid for status in statuses if status)})

    def open(self, path: Path) -> BinaryIO:
        """Open a regular file for reading.  :raises InputError: it may not be, with the reason."""
        whole = Path(os.path.normpath(path))
        at = start = Path(os.path.commonpath([self.folder, whole]))
        *between, name = whole.relative_to(start).parts or (".",)
        try:
            folder = os.open(start, _ENTER & ~os.O_NOFOLLOW)
            try:
                self._trust(folder, at, last=not between)
                for number, part in enumerate(between, 1):
                    at = at / part
                    inner = os.open(part, _ENTER, dir_fd=folder)
                    os.close(folder)
                    folder = inner
                    self._trust(folder, at, last=number == len(between))
                at = whole
                descriptor = os.open(name, _READ | os.O_NOFOLLOW, dir_fd=folder)
            finally:
                os.close(folder)
        except (OSError, ValueError) as error:
            link = getattr(error, "errno", 0) in (errno.ELOOP, errno.ENOTDIR)
            why = say("a link, or no folder") if link else reason(error)
            raise InputError(
                say("cannot read {path}: {at}: {why}", path=shown(path), at=shown(at), why=why)
            ) from None
        return _regular(descriptor, path)

    def _trust(self, folder: int, at: Path, *, last: bool) -> None:
        status = os.fstat(folder)
        if status.st_uid not in self.owners:
            raise InputError(
                say(
                    "{at} belongs to somebody else (user {st_uid}), who could put any "
                    "file there: let it belong to root or to the daemon's user",
                    at=shown(at),
                    st_uid=status.st_uid,
                )
            )
        # In a folder such as /tmp nobody removes what others made there; what is inside is judged.
        sticky = status.st_mode & stat.S_ISVTX and not last
        if status.st_mode & _OTHERS_WRITE and not sticky:
            raise InputError(
                say(
                    "{at} can be written by others, who could put any file there: run "
                    "chmod go-w {at}",
                    at=shown(at),
                )
            )


def _opened(path: Path) -> int:
    try:
        return os.open(path, _READ)
    except (OSError, ValueError) as error:
        raise InputError(
            say(
                "cannot read {path}: {reason}; check the path",
                path=shown(path),
                reason=reason(error),
            )
        ) from None


def _regular(descriptor: int, path: Path) -> BinaryIO:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise InputError(say("{path} is not a file; give the path of one file", path=shown(path)))


def reason(error: OSError | ValueError) -> str:
    """Why a path cannot be used, in a few words."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return say("no file can have this name")


def shown(path: Path | str) -> str:
    """``path`` for people: on one line, and not without end."""
    text = "".join(
        repr(letter)[1:-1] if letter < " " or "\x7f" <= letter < "\xa0" or _half(letter) else letter
        for letter in str(path)
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 :]}"


def _half(letter: str) -> bool:
    """Half of a letter that was not UTF-8."""
    return "\ud800" <= letter <= "\udfff"
