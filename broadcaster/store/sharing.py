"""Creates files and folders that several users share, such as authors and the daemon.

A folder with the setgid bit (``chmod 2770``) is meant to be shared.  Everything created in it is
made writable for its group, whatever the umask of the creator.
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
    """Create ``path`` and its missing parents.

    :raises OSError: it cannot be created.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    with nofollow.folder(path.parent) as above:
        make_subfolder(path.name, above)


def make_subfolder(name: str, above: int) -> None:
    """Create the folder ``name`` in the folder with the descriptor ``above``, unless it exists."""
    try:
        os.mkdir(name, mode=0o750, dir_fd=above)
    except FileExistsError:
        return
    with nofollow.folder(name, above) as made:
        _share(made, above, _GROUP_FOLDER)


def make_file(path: Path) -> None:
    """Create an empty file, unless the name exists.

    :raises OSError: it cannot be created.
    """
    with suppress(FileExistsError):
        os.close(_made(path, os.O_RDWR))


def open_shared(path: Path, flags: int) -> int:
    """The descriptor of the regular file ``path``, which is created if it is missing.

    :raises OSError: it cannot be created or opened, or is not a regular file, such as a link.
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
    """Make a new file writable for the group of the folder ``above``, if the folder is shared."""
    _share(descriptor, above, _GROUP_FILE)


def _share(descriptor: int, above: int, group: int) -> None:
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if os.fstat(above).st_mode & stat.S_ISGID and mode & group != group:
        os.fchmod(descriptor, mode | group)
