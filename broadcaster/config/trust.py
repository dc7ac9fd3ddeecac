"""Whose config and secrets are believed: those of root and of oneself, as ssh does it.

Whoever writes to the config decides which server a token goes to.  So a config, its folder, and the
files and folders of secrets must belong to root or to the user of this process, and nobody else may
write to them.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from broadcaster.config.settings import ConfigError
from broadcaster.errors import InputError
from broadcaster.language import joined, say


@dataclass(frozen=True, slots=True)
class Flaws:
    """Of a config file and its folder, for people."""

    grave: tuple[str, ...] = ()
    """No secret is opened for such a config."""
    mild: tuple[str, ...] = ()


def believed() -> frozenset[int]:
    """Root, and oneself; of root also whoever has become root by sudo."""
    own = os.geteuid()
    caller = os.environ.get("SUDO_UID", "")
    return frozenset({0, own, *([int(caller)] if own == 0 and caller.isdecimal() else [])})


def config_flaws(path: Path) -> Flaws:
    """What is wrong with owners and rights of the config ``path`` and its folder.

    A group that may write is worth a warning: an office may edit its config together.
    """
    grave: list[str] = []
    mild: list[str] = []
    for place in (path.parent, path):
        try:
            status = place.stat()
        except OSError as error:
            return Flaws((say("{place}: {reason}", place=place, reason=say(str(error.strerror))),))
        grave += _foreign(place, status, believed()) + _open_to_all(place, status)
        mild += _open_to_group(place, status)
    return Flaws(tuple(grave), tuple(mild))


def require_config(path: Path) -> None:
    """:raises ConfigError: somebody else may have written it; no secret is opened for it."""
    if grave := config_flaws(path).grave:
        raise ConfigError(
            None, [*grave, say("no token is opened for a config that others may write")]
        )


def require_own(path: Path) -> None:
    """For a config that was found in the folder where somebody happens to be.

    :raises ConfigError: it is somebody else's, or others may write it.
    """
    if grave := config_flaws(path).grave:
        flag = f"--config {shlex.quote(str(path))}"
        raise ConfigError(
            None, [*grave, say("if you mean this config all the same, say so: {flag}", flag=flag)]
        )


def require_secret(path: Path, status: os.stat_result, name: str) -> None:
    """``found``: of the open file ``path``, which only its owner may read.

    Root believes a secret, and a folder of secrets, of another user (the daemon's) where root has
    given it to them: in a folder of root's.

    :raises InputError: somebody else may have put it there; the message says whom to give it to.
    """
    folder = path.parent
    above, around = folder.stat(), folder.parent.stat()
    owners = believed()
    given = os.geteuid() == 0 and around.st_uid == 0 and not _open_to_all(folder.parent, around)
    flaws = [
        *_foreign(folder, above, owners | ({above.st_uid} if given else set())),
        *_open_to_all(folder, above),
        *_open_to_group(folder, above),
        *_foreign(path, status, owners | ({above.st_uid} if given else set())),
    ]
    if flaws:
        raise InputError(say("{name}: {flaws}", name=name, flaws=joined("; ", flaws)))


def _foreign(path: Path, status: os.stat_result, owners: Collection[int]) -> list[str]:
    if status.st_uid in owners:
        return []
    owner, me, quoted = user(status.st_uid), user(os.geteuid()), shlex.quote(str(path))
    told = say(
        "{path} belongs to {owner}, who may write what they like into it", path=path, owner=owner
    )
    return [
        say("{told}; if it is right as it is: chown {me} {quoted}", told=told, me=me, quoted=quoted)
    ]


def _open_to_all(path: Path, status: os.stat_result) -> list[str]:
    guarded = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if guarded or not status.st_mode & stat.S_IWOTH:
        return []
    return [
        say(
            "everybody may write to {path}; run: chmod o-w {path2}",
            path=path,
            path2=shlex.quote(str(path)),
        )
    ]


def _open_to_group(path: Path, status: os.stat_result) -> list[str]:
    guarded = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if guarded or not status.st_mode & stat.S_IWGRP or _is_private(status.st_gid, status.st_uid):
        return []
    return [
        say(
            "its group may write to {path}; run: chmod g-w {path2}",
            path=path,
            path2=shlex.quote(str(path)),
        )
    ]


def _is_private(group: int, owner: int) -> bool:
    """Whether the group is its owner's alone, as where files are writable for it by default."""
    try:
        named, members = grp.getgrgid(group).gr_name, grp.getgrgid(group).gr_mem
    except KeyError:
        return group == owner  # neither has a name: the user of a container
    return named == user(owner) and set(members) <= {named}


def user(number: int) -> str:
    """A user by name, or by number."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
