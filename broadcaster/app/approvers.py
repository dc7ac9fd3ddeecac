"""Whether an office has as many people as its approvals need."""

from __future__ import annotations

import grp
import pwd
import stat
from contextlib import suppress
from pathlib import Path

from broadcaster.app.office import Office
from broadcaster.store.store import Store

_SQLITE = "sqlite:"


def too_few(office: Office, store: Store) -> str:
    """A warning that posts can never get the approvals they need; empty: there are enough people.

    Whoever can write a SQLite file counts, and each active user of the office.  Of a database
    server nobody here can say who reaches it.
    """
    needed = max((each.require_approval for each in office.settings.channels.values()), default=0)
    if not needed or not office.settings.store_url.startswith(_SQLITE):
        return ""
    people = _accounts(office.settings.state_dir)
    users = [user for user in store.people.users() if user.active]
    people -= {user.os_user for user in users if user.os_user}
    people |= {user.name for user in users}
    if len(people) > needed:
        return ""
    return (
        f"require_approval demands {needed} besides the author, and the office has only"
        f" {', '.join(sorted(people)) or 'nobody'}: no post to these channels can go out; add"
        " people (broadcaster user add, or accounts in the group of the state folder)"
    )


def _accounts(folder: Path) -> set[str]:
    """The accounts of this machine that people post from: those of its group, else its owner."""
    try:
        found = folder.stat()
        owner = pwd.getpwuid(found.st_uid).pw_name
    except (OSError, KeyError):
        return set()
    members: set[str] = set()
    if found.st_mode & stat.S_IWGRP:
        members = {each.pw_name for each in pwd.getpwall() if each.pw_gid == found.st_gid}
        with suppress(KeyError):
            members.update(grp.getgrgid(found.st_gid).gr_mem)
    # The account of the daemon posts nothing where people have accounts of their own.
    return members - {owner} or {owner}
