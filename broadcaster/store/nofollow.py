"""Opens files in folders that other users may write to, without following links or blocking.

A user who may write to a folder can put a link, a pipe or a device there under any name.  So each
name is resolved relative to the descriptor of its folder, and the type is checked on the open file.
Every function raises :class:`OSError` with a text for people and the path.
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
"""Flags that create a file and fail if the name exists."""
_DIGEST = re.compile("[0-9a-f]{64}")
_LINK = say(
    "it is a symbolic link, which is not followed here; see who made it (ls -l), and remove it"
)
_NO_FILE = say("it is no regular file; see who put it there (ls -l), and remove it")
_HARD = say(
    "the file has another name as well (a hard link), so it is not written to; remove this one"
)


class UnreadableFile(OSError):
    """The source of a copy cannot be read; other errors concern its target."""


def is_digest(value: object) -> bool:
    """Whether ``value`` is a SHA-256 in 64 lower-case hexadecimal digits, and so not a path."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def trusted() -> frozenset[int]:
    """The ids of users whose links and files this process trusts: root, and its own."""
    return frozenset({0, os.geteuid()})


@contextmanager
def folder(name: Path | str, at: int | None = None) -> Iterator[int]:
    """The descriptor of a folder, for this block; ``at``: descriptor of its parent folder.

    A link is followed only without ``at``, and only if it belongs to root or to this user.  So an
    office can keep its files on another disk, but another user cannot redirect us.
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
        status = os.fstat(link)
        if not stat.S_ISLNK(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(name))
        if at is not None or status.st_uid not in trusted():
            raise OSError(errno.ELOOP, _LINK, str(name))
        to = name.parent / os.readlink("", dir_fd=link)
    finally:
        os.close(link)
    return os.open(to, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def file(name: Path | str, at: int | None = None, *, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file; a file that is opened for writing must have one name."""
    try:
        descriptor = os.open(name, flags | _FILE, dir_fd=at)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, _LINK, str(name)) from None
        if error.errno == errno.ENXIO:  # a pipe that nobody reads, or a socket
            raise OSError(errno.ENXIO, _NO_FILE, str(name)) from None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, _NO_FILE, str(name))
        if flags & os.O_ACCMODE != os.O_RDONLY and status.st_nlink != 1:
            raise OSError(errno.EMLINK, _HARD, str(name))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def refuse_link(path: Path) -> None:
    """Check that ``path`` is missing or a regular file, before a library opens it by its name.

    :raises OSError: it is a link or another kind of file.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, _LINK, str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, _NO_FILE, str(path))


def copy(source: int, target: int | None, *, most: int | None = None) -> tuple[Digest, int]:
    """Copy ``source`` to ``target``; returns the SHA-256 and the number of bytes.

    Reads at most one byte more than ``most``, so that the caller can tell from the number that the
    source is too long.  ``target`` None: only read.

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
    """Write all of ``content``; one system call may write only a part."""
    view = memoryview(content)
    while view:
        view = view[os.write(target, view) :]
