"""Backup and restore: a folder that holds the queue, the attached files, and a list of both.

The folder appears under its name only when it is whole.  A restore begins a new epoch: what waits
is held and nothing is resent, since nobody knows what went out after the backup was made.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from broadcaster import __version__
from broadcaster.errors import InputError, Refused
from broadcaster.files import is_file, is_folder, look
from broadcaster.model import Digest
from broadcaster.store import media
from broadcaster.store.keeping import Restored
from broadcaster.store.port import Store
from broadcaster.store.sharing import make_folder

LIST, DATABASE, FILES = "backup.json", "broadcaster.db", "media"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made, or that was found whole."""

    folder: Path
    made: str
    files: int
    missing: tuple[Digest, ...]
    """Attached files that the queue names and nobody has."""
    head: str
    """Hash of the audit log's last row."""


def back_up(store: Store, folder: Path, to: Path, *, now: datetime) -> Backup:
    """Copy the queue and the files in ``folder`` to a new folder ``to``, while all goes on.

    :raises InputError: ``to`` exists, or cannot be written.
    """
    if look(to) or to.is_symlink():
        raise InputError(f"{to} exists already; choose another name for the backup")
    try:
        part = Path(tempfile.mkdtemp(dir=to.absolute().parent, prefix=f".{to.name}-"))
        try:
            backup = _fill(store, folder, part, now)
            part.rename(to)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write the backup {to}: {error.strerror}") from None
    return Backup(folder=to, **backup)


def _fill(store: Store, folder: Path, part: Path, now: datetime) -> dict[str, Any]:
    """The queue first: a file that it names is there, since files are kept before they are queued.

    Files stay where they are until they are copied, as long as ``hold`` holds.
    """
    make_folder(folder)
    with media.hold(folder):
        store.backup(part / DATABASE)
        made, head = now.isoformat(timespec="seconds"), store.audit_head()
        copied, missing = [], []
        for digest in sorted(store.files()):
            target = media.blob(part / FILES, digest)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                shutil.copyfile(media.blob(folder, digest), target)
            except FileNotFoundError:
                missing.append(digest)
                continue
            target.chmod(0o600)
            _sync(target)
            copied.append(digest)
    listed = {
        "format": FORMAT,
        "program": __version__,
        "made": made,
        "database": _digest(part / DATABASE),
        "files": copied,
        "missing": missing,
        "audit_head": head,
    }
    path = part / LIST
    path.touch(mode=0o600)
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    for each in (path, part):
        _sync(each)
    return {"made": made, "files": len(copied), "missing": tuple(missing), "head": head}


def open_backup(folder: Path) -> Backup:
    """The backup in ``folder``, its every file checked.

    :raises InputError: it is none, or not whole.
    """
    try:
        listed = json.loads((folder / LIST).read_text("utf-8"))
        if listed["format"] != FORMAT:
            raise InputError(
                f"{folder} was made by version {listed['program']}; restore it with that one"
            )
        broken = [DATABASE] if _digest(folder / DATABASE) != listed["database"] else []
        for digest in listed["files"]:
            path = media.blob(folder / FILES, digest)
            if not path.is_file() or _digest(path) != digest:
                broken.append(f"{FILES}/{digest[:2]}/{digest}")
        backup = Backup(
            folder=folder,
            made=listed["made"],
            files=len(listed["files"]),
            missing=tuple(listed["missing"]),
            head=listed["audit_head"],
        )
    except OSError as error:
        raise InputError(
            f"{folder} is no backup of ours: {error.filename}: {error.strerror}"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{folder} is no backup of ours: its {LIST} cannot be read") from None
    if broken:
        raise InputError(f"the backup {folder} is damaged: {', '.join(broken)}; choose another one")
    return backup


def restore(
    store_url: str, folder: Path, source: Path, by: str, *, now: datetime
) -> tuple[Restored, Path | None]:
    """Put a backup, or a bare copy of the database, in the place of the store.

    Returns what became of it, and where what stood there before is kept.

    :raises Refused: a daemon is at work on the store.
    :raises InputError: ``source`` cannot be restored; nothing was changed.
    """
    path = _file(store_url)
    if path is None:
        raise InputError(
            "a store in PostgreSQL is put back with the server's own tools (pg_restore); then run:"
            " broadcaster restore --in-place"
        )
    from broadcaster.store.sqlite import restore as sqlite

    database = source
    if is_folder(source):
        open_backup(source)
        database = source / DATABASE
        _bring(source / FILES, folder)
    elif not is_file(source):
        raise InputError(f"there is no backup {source}; name the folder that `backup` made")
    elif path.exists() and path.samefile(source):
        raise InputError(f"{source} is the store itself; say: broadcaster restore --in-place")
    return sqlite.restore(path, database, by, stamp=now.strftime("%Y%m%d-%H%M%S"))


def begin_anew(store_url: str, store: Store | None, by: str) -> Restored:
    """Go on with the store as it stands, put there by hand or by a server's tools: a new epoch.

    ``store``: open, where it is no file.

    :raises Refused: a daemon is at work on it.
    """
    path = _file(store_url)
    if path is not None:
        from broadcaster.store.sqlite import restore as sqlite

        return sqlite.begin_anew(path, by)
    assert store is not None
    if alive := [each for each in store.daemons() if each.alive]:
        where = ", ".join(f"pid {each.pid} on {each.host}" for each in alive)
        raise Refused(f"a daemon works on the store ({where}); stop it first")
    return store.new_epoch(by, store.health().epoch + 1, store_url)


def _file(store_url: str) -> Path | None:
    """Of a store in a file, its path."""
    scheme, _, rest = store_url.partition(":///")
    return Path(rest) if scheme == "sqlite" else None


def _bring(files: Path, folder: Path) -> None:
    """Copy attached files that are not there yet."""
    try:
        make_folder(folder)
        with media.hold(folder):
            for each in sorted(files.glob("??/*")):
                target = media.blob(folder, each.name)
                if target.exists():
                    continue
                make_folder(target.parent)
                part = target.with_name(f".new-{each.name}")
                shutil.copyfile(each, part)
                part.chmod(0o640)
                _sync(part)
                part.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror}") from None


def _digest(path: Path) -> Digest:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    with suppress(OSError):  # some file systems cannot sync a folder
        os.fsync(descriptor)
    os.close(descriptor)
