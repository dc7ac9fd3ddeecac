"""Replaces a store by a copy, or accepts a copy that was put there by hand.

The copy is prepared beside the store, with a new epoch and all waiting deliveries held; then it
replaces the store in one transaction.  The earlier store is kept under another name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from broadcaster.errors import InputError, Refused
from broadcaster.language import say
from broadcaster.model import Actor
from broadcaster.store.queue.work import pack
from broadcaster.store.sharing import make_folder
from broadcaster.store.sqlite.connection import Connection, Damaged
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.store.sqlite.lock import Exclusive
from broadcaster.store.sqlite.migrate import migrate
from broadcaster.store.sqlite.schema import require_ours
from broadcaster.store.sqlite.store import SqliteStore, identity_of, mark_of

if TYPE_CHECKING:
    from broadcaster.store.upkeep import Restored

REPLACED = say(
    "it is being replaced by a backup; if that has been broken off: broadcaster restore FROM"
)
_BESIDE = ("", "-wal", "-shm", ".mark")


def restore(
    path: Path, source: Path, by: Actor | str, *, stamp: str, alone: bool
) -> tuple[Restored, Path | None]:
    """Replace the store at ``path`` by the database ``source``.

    ``alone``: files beside ``source``, such as a write-ahead log, do not belong to it.

    Returns the effect, and the path of the earlier store; ``stamp`` becomes part of that name.

    :raises Refused: a daemon is at work on the store.
    :raises InputError: ``source`` is no store of ours, or a newer one; nothing was changed.
    """
    with _alone(path):
        aside = path.with_name(f"{path.stem}.before-restore-{stamp}{path.suffix}")
        with _workshop(path) as folder:
            prepared = folder / path.name
            _copy(source, prepared, alone=alone)
            live, found = _open(path, aside)
            try:
                restored = _new_epoch(prepared, path, live if found else None, by, str(source))
                if found:
                    with live.write():
                        live.run("restore.seal", why=REPLACED)
                    live.backup(folder / aside.name)
                    (folder / aside.name).rename(aside)
                live.put(prepared)
                mark_of(path).write(identity_of(live))
            finally:
                live.close()
    return restored, aside if aside.exists() else None


def begin_anew(path: Path, by: Actor | str) -> Restored:
    """Accept the file at ``path`` in a new epoch, wherever it came from.

    :raises Refused: a daemon is at work on it.
    """
    if not path.exists():
        raise InputError(
            say("there is no store {path}; name a backup: broadcaster restore FROM", path=path)
        )
    with _alone(path):
        store = SqliteStore(path)
        try:
            store.require_ours()
            noted = mark_of(path).read()
            epoch = max(store.identity.epoch, noted.epoch if noted else 0) + 1
            return store.new_epoch(by, epoch, str(path))
        finally:
            store.close()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    make_folder(path.parent)
    try:
        lock = Exclusive(path)
    except InputError as error:
        raise Refused(str(error)) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _workshop(path: Path) -> Iterator[Path]:
    """A private folder beside the store; removes the remains of earlier restores first."""
    prefix = f".{path.name}.restoring-"
    for left in path.parent.glob(f"{prefix}*"):
        rmtree(left, ignore_errors=True)
    folder = Path(mkdtemp(dir=path.parent, prefix=prefix))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _copy(source: Path, to: Path, *, alone: bool) -> None:
    """Copy the database ``source``.

    :raises InputError: it cannot be read, or is damaged, or not ours.
    """
    try:
        mode = "mode=ro&immutable=1" if alone else "mode=ro"
        raw = dbapi.connect(f"{source.absolute().as_uri()}?{mode}", uri=True)
        try:
            copy = dbapi.connect(to)
            try:
                raw.backup(copy)
                (found,) = copy.execute("pragma quick_check(1)").fetchone()
            finally:
                copy.close()
        finally:
            raw.close()
    except dbapi.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise InputError(
            say(
                "{source} cannot be restored: {found}; choose another backup",
                source=source,
                found=found,
            )
        )
    cx = Connection(to)
    try:
        with cx.read():
            empty = not cx.scalar("select count(*) from sqlite_schema")
        if empty:
            raise InputError(say("{source} is empty; choose another backup", source=source))
        migrate(cx)
        with cx.read():
            require_ours(cx)
    finally:
        cx.close()


def _open(path: Path, aside: Path) -> tuple[Connection, bool]:
    """The store at ``path``, and whether one existed; a damaged one is moved away."""
    found = path.exists()
    try:
        live = Connection(path)
        if found:
            migrate(live)
        return live, found
    except Damaged:
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
        return Connection(path), False


def _new_epoch(
    prepared: Path, path: Path, live: Connection | None, by: Actor | str, source: str
) -> Restored:
    """Begin an epoch higher than any known here, and reserve all ids that were used here."""
    epochs = [0]
    if noted := mark_of(path).read():
        epochs.append(noted.epoch)
    if live is not None:
        epochs.append(identity_of(live).epoch)
        _skip(prepared, live)
    store = SqliteStore(prepared)
    try:
        epochs.append(store.identity.epoch)
        return store.new_epoch(by, max(epochs) + 1, source)
    finally:
        store.close()


def _skip(prepared: Path, live: Connection) -> None:
    rows = pack([dict(row) for row in live.all("restore.sequences")])
    cx = Connection(prepared)
    try:
        with cx.write():
            cx.run("restore.skip", rows=rows)
            cx.run("restore.skip_unused", rows=rows)
    finally:
        cx.close()
