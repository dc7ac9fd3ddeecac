"""Keeping an office: put a backup back, remove what is old, move to another database.

A restore begins a new epoch: what waits is held and nothing is resent, since nobody knows what went
out after the backup was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.app.backups import DATABASE, FILES, Backup, back_up, bring, read, refuse_root
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.daemon import retention
from broadcaster.errors import InputError, Refused
from broadcaster.files import is_file, is_folder, look
from broadcaster.language import joined, say
from broadcaster.model import Actor, Permission
from broadcaster.store import open_store
from broadcaster.store.copy import Copied, copy
from broadcaster.store.sqlite import restore as sqlite
from broadcaster.store.store import Store
from broadcaster.store.upkeep import Pruned, Restored

__all__ = [
    "Backup",
    "Copied",
    "Pruned",
    "Restored",
    "back_up",
    "begin_anew",
    "both_stores",
    "move",
    "prune",
    "put_back",
    "restore",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What a prune removed, or would remove."""

    rows: Pruned
    files: int | None
    """Attached files; None: nobody has looked."""


def put_back(
    office: Office, source: Path | None, actor: Actor, now: datetime
) -> tuple[Restored, Path | None]:
    """Put ``source`` in the place of the store; None: go on with the store as it stands.

    Returns what became of it, and where what stood there before is kept.

    :raises Refused: a daemon is at work on the store.
    :raises InputError: ``source`` cannot be restored; nothing was changed.
    """
    require(actor, Permission.STORE)
    url = office.settings.store_url
    if source is not None:
        return restore(url, office.media_folder, source, actor, now=now)
    if _file(url) is not None:
        return begin_anew(url, None, actor), None
    with office.store() as store:
        return begin_anew(url, store, actor), None


def restore(
    store_url: str, folder: Path, source: Path, by: Actor | str, *, now: datetime
) -> tuple[Restored, Path | None]:
    """Put a backup, or a bare copy of the database, in the place of the store.

    Returns what became of it, and where what stood there before is kept.

    :raises Refused: a daemon is at work on the store.
    :raises InputError: ``source`` cannot be restored; nothing was changed.
    """
    path = _file(store_url)
    if path is None:
        raise InputError(
            say(
                "a store in PostgreSQL is put back with the server's own tools "
                "(pg_restore); then run: broadcaster restore --in-place"
            )
        )
    refuse_root(path.parent, "restore")
    database = source
    if is_folder(source):
        _, files = read(source)
        database = source / DATABASE
        bring(source / FILES, files, folder)
    elif not is_file(source):
        raise InputError(
            say("there is no backup {source}; name the folder that `backup` made", source=source)
        )
    elif path.exists() and path.samefile(source):
        raise InputError(
            say("{source} is the store itself; say: broadcaster restore --in-place", source=source)
        )
    alone = database is not source  # what `backup` made is one file, with nothing beside it
    stamp = now.strftime("%Y%m%d-%H%M%S")
    return sqlite.restore(path, database, by, stamp=stamp, alone=alone)


def begin_anew(store_url: str, store: Store | None, by: Actor | str) -> Restored:
    """Go on with the store as it stands, put there by hand or by a server's tools: a new epoch.

    ``store``: open, where it is no file.

    :raises Refused: a daemon is at work on it.
    """
    path = _file(store_url)
    if path is not None:
        return sqlite.begin_anew(path, by)
    assert store is not None
    if alive := [each for each in store.daemons() if each.alive]:
        where = joined(
            ", ", (say("pid {pid} on {host}", pid=each.pid, host=each.host) for each in alive)
        )
        raise Refused(say("a daemon works on the store ({where}); stop it first", where=where))
    return store.new_epoch(by, store.health().epoch + 1, store_url)


def _file(store_url: str) -> Path | None:
    """Of a store in a file, its path."""
    scheme, _, rest = store_url.partition(":///")
    return Path(rest) if scheme == "sqlite" else None


def prune(
    office: Office,
    store: Store,
    actor: Actor,
    *,
    posts: timedelta | None = None,
    dry_run: bool = False,
) -> Removed:
    """Remove what has been settled for longer than the config says; ``posts``: another length.

    :raises StoreBusy: the rest stays for the next time.
    """
    require(actor, Permission.STORE)
    kept = retention.retention(office.settings, posts=posts)
    if dry_run:
        return Removed(rows=retention.would_prune(store, kept), files=None)
    rows, files = retention.prune(store, kept, office.media_folder, actor)
    return Removed(rows=rows, files=files)


@contextmanager
def both_stores(
    office: Office, source: str, target: str, password_file: Path | None = None
) -> Iterator[tuple[Store, Store]]:
    """The store to move from, which must be there, and the one to move to, by their addresses.

    :raises InputError: one cannot be opened.
    """
    folder = office.settings.state_dir
    password = password_file or office.settings.store_password_file
    scheme, _, file = source.partition(":///")
    if scheme == "sqlite" and not look(folder / file):
        raise InputError(
            say("there is no store {folder}; nothing was copied", folder=folder / file)
        )
    with (
        closing(_opened(source, folder, password)) as before,
        closing(_opened(target, folder, password)) as after,
    ):
        yield before, after


def _opened(url: str, folder: Path, password: Path | None) -> Store:
    """:raises InputError: it cannot be opened; where a password may be missing, how to give it."""
    try:
        return open_store(url, folder=folder, password_file=password)
    except InputError as error:
        if password is None and url.startswith("postgresql:"):
            raise InputError(
                say(
                    "{reason}; or name the file with its password: --password-file FILE",
                    reason=error,
                )
            ) from None
        raise


def move(office: Office, before: Store, after: Store, actor: Actor) -> Copied:
    """Move everything to an empty store; the old one is sealed then.

    :raises Refused: a daemon works on the old one, or it has moved already.
    :raises InputError: the new one is not empty.
    """
    require(actor, Permission.STORE)
    return copy(before, after, actor, media=office.media_folder)
