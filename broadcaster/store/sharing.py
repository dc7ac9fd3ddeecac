"""Files that several users work on: whoever posts, and the daemon, are not the same user.

A folder that hands its group down (setgid, as ``chmod 2770`` makes it) is meant to be shared: what
is made in it is made writable for that group, whatever the umask of who makes it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from broadcaster.store import nofollow

_GROUP_FOLDER = stat.S_IRGRP | stat.S_IWGRP | stat.S_IXGRP
_GROUP_FILE = stat.S_IRGRP | stat.S_IWGRP


def make_folder(path: Path) -> None:
    """``path`` and what is missing above it.  :raises OSError: it cannot be made."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with nofollow.folder(path.parent) as above:
        make_subfolder(path.name, above)


def make_subfolder(name: str, above: int) -> None:
    """``name`` in the folder whose descriptor is ``above``, unless it is there."""
    try:
        os.mkdir(name, mode=0o750, dir_fd=above)
    except FileExistsError:
        return
    with nofollow.folder(name, above) as made:
        _share(made, above, _GROUP_FOLDER)


def make_file(path: Path) -> None:
    """An empty file, unless there is something.  :raises OSError: it cannot be made."""
    with suppress(FileExistsError):
        os.close(_made(path, os.O_RDWR))


def open_shared(path: Path, flags: int) -> int:
    """The descriptor of the regular file ``path``, made where there is none.

    :raises OSError: it cannot be made or opened, or it is something else, such as a link.
    """
    try:
        return _made(path, flags)
    except FileExistsError:
        with nofollow.folder(path.parent) as above:
            return nofollow.file(path.name, above, flags=flags)


def _made(path: Path, flags: int) -> int:
    with nofollow.folder(path.parent) as above:
        new = os.open(path.name, flags | nofollow.NEW, 0o640, dir_fd=above)
        try:
            share(new, above)
        except BaseException:
            os.close(new)
            raise
        return new


def share(descriptor: int, above: int) -> None:
    """Let the group of the folder ``above`` write to a new file, where the folder is shared."""
    _share(descriptor, above, _GROUP_FILE)


def _share(descriptor: int, above: int, group: int) -> None:
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if os.fstat(above).st_mode & stat.S_ISGID and mode & group != group:
        os.fchmod(descriptor, mode | group)
