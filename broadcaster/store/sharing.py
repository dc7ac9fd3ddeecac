"""Files that several users work on: whoever posts, and the daemon, are not the same user.

A folder that hands its group down (setgid, as ``chmod 2770`` makes it) is meant to be shared: what
is made in it is made writable for that group, whatever the umask of who makes it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_GROUP_FOLDER = stat.S_IRGRP | stat.S_IWGRP | stat.S_IXGRP
_GROUP_FILE = stat.S_IRGRP | stat.S_IWGRP


def make_folder(path: Path) -> None:
    """``path`` and what is missing above it.  :raises OSError: it cannot be made."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o750, exist_ok=True)
    _share(path, path.parent, _GROUP_FOLDER)


def make_file(path: Path) -> None:
    """An empty file, unless there is one.  :raises OSError: it cannot be made."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640))
    except FileExistsError:
        return
    _share(path, path.parent, _GROUP_FILE)


def _share(path: Path, folder: Path, group: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if folder.stat().st_mode & stat.S_ISGID and mode & group != group:
        path.chmod(mode | group)
