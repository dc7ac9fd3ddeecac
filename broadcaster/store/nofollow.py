"""Open files in folders that other users may write to: by descriptor, no link followed, no wait.

Whoever may write to a folder may put a link, a pipe or a device under any name in it.  So a name is
looked up below the descriptor of its folder, and what it turned out to be is asked of the open
file.  Every function raises :class:`OSError` with words for people and the path.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broadcaster.language import say
from broadcaster.model import Digest

CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
NEW = _FILE | os.O_CREAT | os.O_EXCL
"""Flags that make a file, and never open what is there."""
_DIGEST = re.compile("[0-9a-f]{64}")
_LINK = say(
    "it is a symbolic link, which is not followed here; see who made it (ls -l), and remove it"
)
_NO_FILE = say("it is no regular file; see who put it there (ls -l), and remove it")
_HARD = say(
    "the file has another name as well (a hard link), so it is not written to; remove this one"
)


class UnreadableFile(OSError):
    """The file that is copied cannot be read; any other error is one of writing."""


def is_digest(value: object) -> bool:
    """Whether it is a SHA-256 in 64 small hexadecimal digits, and so no path."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def trusted() -> frozenset[int]:
    """Users whose links and files this process believes: root, and its own."""
    return frozenset({0, os.geteuid()})


@contextmanager
def folder(name: Path | str, at: int | None = None) -> Iterator[int]:
    """The descriptor of a folder, for this block; ``at``: the descriptor of the one it is in.

    A link is followed only outside of any folder of ours (without ``at``), and if it belongs to
    root or to this user: an office may keep its files on another disk, and nobody else may send us
    there.
    """
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=at)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        descriptor = _through_link(Path(name), at)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _through_link(name: Path, at: int | None) -> int:
    link = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
    try:
        found = os.fstat(link)
        if not stat.S_ISLNK(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(name))
        if at is not None or found.st_uid not in trusted():
            raise OSError(errno.ELOOP, _LINK, str(name))
        to = name.parent / os.readlink("", dir_fd=link)
    finally:
        os.close(link)
    return os.open(to, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def file(name: Path | str, at: int | None = None, *, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file; to write to it, it must have no second name."""
    try:
        descriptor = os.open(name, flags | _FILE, dir_fd=at)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, _LINK, str(name)) from None
        if error.errno == errno.ENXIO:  # a pipe that nobody reads, or a socket
            raise OSError(errno.ENXIO, _NO_FILE, str(name)) from None
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, _NO_FILE, str(name))
        if flags & os.O_ACCMODE != os.O_RDONLY and found.st_nlink != 1:
            raise OSError(errno.EMLINK, _HARD, str(name))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def refuse_link(path: Path) -> None:
    """For what others open by its name: nothing there, or a regular file of that name."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, _LINK, str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, _NO_FILE, str(path))


def copy(source: int, target: int | None, *, most: int | None = None) -> tuple[Digest, int]:
    """SHA-256 and size of what is read from ``source``, written to ``target`` meanwhile.

    It ends after ``most`` bytes and one more, by which the size shows that there were too many.

    :raises UnreadableFile: ``source`` cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    while most is None or size <= most:
        try:
            chunk = os.read(source, CHUNK)
        except OSError as error:
            raise UnreadableFile(*error.args) from None
        if not chunk:
            break
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            write(target, chunk)
    return digest.hexdigest(), size


def write(target: int, content: bytes) -> None:
    """All of it: the system may take less at once."""
    view = memoryview(content)
    while view:
        view = view[os.write(target, view) :]
