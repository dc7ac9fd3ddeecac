"""Files that a text names, and not the person at the shell: only those beside it are taken.

An announcement may come from somebody else, and would otherwise publish whatever file of this
machine it names.
"""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from broadcaster.errors import InputError
from broadcaster.language import say

_FILE_URL = re.compile(r"file:", re.IGNORECASE)
_SHOWN = 200


def named_file(name: str, folder: Path, *, within: bool, by: str) -> Path:
    """The path that ``said`` means, as a path from ``folder`` or as a ``file:`` address.

    Percent signs are read as in addresses where no file has them in its name.  ``within``: links
    followed, it has to lie in ``folder`` or below; ``by``: what names it, for people.

    :raises InputError: it lies elsewhere, or is no path.
    """
    path = folder / name
    if _FILE_URL.match(name):
        path = folder / _from_url(name, by)
    elif "%" in name and not _exists(path):
        decoded = folder / unquote(name)
        path = decoded if _exists(decoded) else path
    if within and not _lies_within(path, folder):
        raise InputError(
            say(
                "{by} names {name}, which lies outside of the folder {absolute}; if "
                "it is to be published, put it there, name it with --media, or say "
                "--allow-files-outside",
                by=by,
                name=name[:_SHOWN],
                absolute=folder.absolute(),
            )
        )
    return path


def _from_url(url: str, by: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    if parts is None or parts.netloc.lower() not in ("", "localhost"):
        raise InputError(
            say("{by} names {url}, which is no file of this machine", by=by, url=url[:_SHOWN])
        )
    return unquote(url.partition(":")[2].removeprefix(f"//{parts.netloc}"))


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 (Path.exists raises for a name that is too long)


def _lies_within(path: Path, folder: Path) -> bool:
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):  # such as a NUL in a name
        return False
