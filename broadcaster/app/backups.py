"""A backup: a folder that holds the queue, the attached files, and a list of both.

The folder appears under its name only when it is whole.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster import __version__
from broadcaster.errors import InputError
from broadcaster.files import look
from broadcaster.language import joined, say
from broadcaster.model import Digest
from broadcaster.store import media, nofollow
from broadcaster.store.sharing import make_folder
from broadcaster.store.store import Store

LIST, DATABASE, FILES = "backup.json", "broadcaster.db", "media"
FORMAT = 1
LIST_MOST = 64 << 20
"""Bytes of a list that are read: nearly a million files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made, or that was found whole."""

    folder: Path
    made: str
    files: int
    missing: tuple[Digest, ...]
    """Attached files that the queue names and nobody has."""
    spoilt: tuple[str, ...] = ()
    """Attached files that are not what the queue names, with the reason; they are left out."""
    head: str
    """Hash of the audit log's last row."""


def back_up(store: Store, folder: Path, to: Path, *, now: datetime) -> Backup:
    """Copy the queue and the files in ``folder`` to a new folder ``to``, while all goes on.

    :raises InputError: ``to`` exists, or cannot be written; or root asks for the queue of others.
    """
    refuse_root(folder.parent, "backup")
    if look(to) or to.is_symlink():
        raise InputError(say("{to} exists already; choose another name for the backup", to=to))
    try:
        part = Path(tempfile.mkdtemp(dir=to.absolute().parent, prefix=f".{to.name}-"))
        try:
            backup = _fill(store, folder, part, now)
            part.rename(to)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(
            say("cannot write the backup {to}: {reason}", to=to, reason=say(str(error.strerror)))
        ) from None
    return Backup(folder=to, **backup)


def _fill(store: Store, folder: Path, part: Path, now: datetime) -> dict[str, Any]:
    """The queue first: a file that it names is there, since files are kept before they are queued.

    Files stay where they are until they are copied, as long as ``hold`` holds.
    """
    make_folder(folder)
    with media.hold(folder):
        store.backup(part / DATABASE)
        made, head = now.isoformat(timespec="seconds"), store.audit_head()
        copied, missing, spoilt = [], [], []
        (part / FILES).mkdir(mode=0o700)
        for digest, size in sorted(store.files().items()):
            try:
                _copy_file(folder, digest, part / FILES, 0o600, most=size)
            except _Missing:
                missing.append(digest)
            except _Odd as odd:
                spoilt.append(say("{digest}: {odd}", digest=_shown(digest), odd=odd))
            else:
                copied.append(digest)
    with _opened(part / DATABASE) as file:
        database, _ = nofollow.copy(file, None)
    listed = {
        "format": FORMAT,
        "program": __version__,
        "made": made,
        "database": database,
        "files": copied,
        "missing": missing,
        "spoilt": spoilt,
        "audit_head": head,
    }
    path = part / LIST
    path.touch(mode=0o600)
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    for each in (path, part):
        _sync(each)
    return {
        "made": made,
        "files": len(copied),
        "missing": tuple(missing),
        "spoilt": tuple(spoilt),
        "head": head,
    }


def refuse_root(state: Path, command: str) -> None:
    """Root works on no folder that others may write to.

    :raises InputError: it belongs to somebody else; the message says as whom to do it.
    """
    try:
        owner = state.stat().st_uid
    except FileNotFoundError:
        return
    if os.geteuid() == 0 and owner != 0:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"#{owner}"
        raise InputError(
            say(
                "{state} belongs to {name}: do not work on it as root; run sudo -u "
                "{name2} broadcaster {command} …, with a folder that {name} may write "
                "to",
                state=state,
                name=name,
                name2=shlex.quote(name),
                command=command,
            )
        )


class _Missing(Exception):
    """There is no file under a digest."""


class _Odd(Exception):
    """A file is not what its digest says; the text is for people."""


def _copy_file(folder: Path, digest: Digest, to: Path, mode: int, *, most: int) -> None:
    """From one folder of files into another, and not a byte that its digest does not stand for.

    ``most``: bytes that are read at most; the right file has no more.

    :raises OSError: it cannot be written.
    """
    with ExitStack() as stack:
        try:
            source = stack.enter_context(media.opened(folder, digest))
        except FileNotFoundError:
            raise _Missing from None
        except OSError as error:
            raise _Odd(error.strerror) from None
        size = _size(source, digest, most)
        above = stack.enter_context(nofollow.folder(to))
        copy = stack.enter_context(media.part(above))
        found, _ = nofollow.copy(source, copy.descriptor, most=size)
        if found != digest:
            raise _Odd(_CHANGED)
        copy.keep(digest, mode)


_CHANGED = say("its content is not what was attached")


def _size(source: int, digest: Digest, most: int) -> int:
    """Of the right file: another one, which may be large and take no room, is not written."""
    found, size = nofollow.copy(source, None, most=most)
    if found != digest:
        raise _Odd(_CHANGED)
    os.lseek(source, 0, os.SEEK_SET)
    return size


def _shown(digest: Digest) -> str:
    return f"{FILES}/{digest[:2]}/{digest}" if nofollow.is_digest(digest) else repr(digest[:80])


def read(folder: Path) -> tuple[Backup, list[Digest]]:
    """The backup in ``folder``, its every file checked, and the digests of those files.

    :raises InputError: it is none, or not whole.
    """
    try:
        with _opened(folder / LIST) as file:
            listed = json.loads(os.read(file, LIST_MOST))
        if listed["format"] != FORMAT:
            raise InputError(
                say(
                    "{folder} was made by version {listed}; restore it with that one",
                    folder=folder,
                    listed=listed["program"],
                )
            )
        with _opened(folder / DATABASE) as file:
            broken = [DATABASE] if nofollow.copy(file, None)[0] != listed["database"] else []
        files = [str(digest) for digest in listed["files"]]
        broken += [_shown(digest) for digest in files if not _is_whole(folder / FILES, digest)]
        backup = Backup(
            folder=folder,
            made=str(listed["made"]),
            files=len(files),
            missing=tuple(map(str, listed["missing"])),
            spoilt=tuple(map(str, listed.get("spoilt", ()))),
            head=str(listed["audit_head"]),
        )
    except OSError as error:
        raise InputError(
            say(
                "{folder} is no backup of ours: {filename}: {reason}",
                folder=folder,
                filename=error.filename,
                reason=say(str(error.strerror)),
            )
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(
            say(
                "{folder} is no backup of ours: its {list} cannot be read", folder=folder, list=LIST
            )
        ) from None
    if broken:
        raise InputError(
            say(
                "the backup {folder} is damaged: {broken}; choose another one",
                folder=folder,
                broken=joined(", ", broken),
            )
        )
    return backup, files


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = nofollow.file(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_whole(files: Path, digest: Digest, most: int | None = None) -> bool:
    try:
        with media.opened(files, digest) as file:
            return nofollow.copy(file, None, most=most)[0] == digest
    except OSError:
        return False


def bring(source: Path, digests: Iterable[Digest], folder: Path) -> None:
    """Copy the listed files that are not there yet, or are something else there."""
    try:
        make_folder(folder)
        with media.hold(folder):
            sizes = {digest: (source / digest[:2] / digest).lstat().st_size for digest in digests}
            wanted = {
                digest: size
                for digest, size in sizes.items()
                if not _is_whole(folder, digest, size)
            }
            _make_sure_of_room(sum(wanted.values()), folder)
            for digest, size in wanted.items():
                _copy_file(source, digest, folder, 0o640, most=size)
    except OSError as error:
        raise InputError(
            say(
                "cannot write {folder}: {reason}; make it writable for you, or free "
                "some space, then restore again",
                folder=folder,
                reason=say(str(error.strerror)),
            )
        ) from None
    except (_Missing, _Odd):
        raise InputError(
            say(
                "the backup {parent} was changed while it was read; choose another one",
                parent=source.parent,
            )
        ) from None


def _make_sure_of_room(needed: int, folder: Path) -> None:
    """A small backup may say that its files are large: nothing is written that has no room."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            say(
                "the attached files need {needed:,} bytes, and {folder} has room for "
                "{free:,}; free some space, then restore again",
                needed=needed,
                folder=folder,
                free=free,
            )
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    with suppress(OSError):  # some file systems cannot sync a folder
        os.fsync(descriptor)
    os.close(descriptor)
