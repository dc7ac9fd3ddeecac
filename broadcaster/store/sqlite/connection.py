"""Connections to the file, transactions, and translation of SQLite's errors for people."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.store import nofollow
from broadcaster.store.queries import SHARED, load
from broadcaster.store.queue.work import Row
from broadcaster.store.sharing import make_file, make_folder
from broadcaster.store.sqlite.driver import dbapi, require
from broadcaster.store.sqlite.write_queue import ASK_S, WriteQueue
from broadcaster.store.store import StoreBusy

SQL = {**load(SHARED), **load(Path(__file__).parent / "sql")}
CACHE_KB = 8_000
"""Kilobytes of the page cache.  A post to a thousand channels changes a page of each channel's
line; SQLite's default of 2 MB cannot keep all of them in memory until the commit."""
BESIDE = ("-wal", "-shm", "-journal", ".mark", ".lock", ".turn")
"""Suffixes of the files beside a store, SQLite's and ours."""
LOG_PAGES, LONG_LOG_PAGES = 8_000, 40_000
"""Pages of 4 KiB in the write-ahead log before a daemon does a checkpoint, and before other
processes do.  A checkpoint takes a while, and a person should not wait for it.  With SQLite's
default of 1,000 pages, every second post to a thousand channels would cause one."""
_DISK = ("busy", "locked", "full", "readonly", "ioerr", "cantopen", "protocol", "nomem", "perm")
"""SQLite's names of errors caused by the disk, locks or the machine, and not by our SQL."""
_NOT_OURS = say(
    "is not a broadcaster store; choose another file in [store] url, or restore a backup"
)


class Damaged(InputError):
    """The file is not an intact database."""


class Connection:
    """One connection, always in autocommit; transactions are opened by name.

    ``readonly``: whether this user may only read the file.
    """

    def __init__(self, path: Path, *, busy_s: float = 5.0) -> None:
        require()
        self.path = path
        self._busy_s = busy_s
        self.readonly = False
        self._tables: dict[str, str] = {}
        self._patient = True
        self._queue = WriteQueue(path)
        try:
            self._raw = self._connect(busy_s)
        except dbapi.DatabaseError as error:
            kind = Damaged if _is(error, "corrupt", "notadb") else InputError
            raise kind(
                say("the store {path} cannot be opened: {why}", path=path, why=_why(error))
            ) from None
        except OSError as error:
            odd = error.filename not in (None, str(path))
            where = say("{filename}: ", filename=error.filename) if odd else ""
            raise InputError(
                say(
                    "the store {path} cannot be opened: {where}{reason}; check state_dir "
                    "in the config, and who owns it",
                    path=path,
                    where=where,
                    reason=say(str(error.strerror)),
                )
            ) from None

    def _connect(self, busy_s: float) -> Any:
        make_folder(self.path.parent)
        self._refuse_links()
        # A user without write permission can still read, as far as SQLite allows it.
        self.readonly = self.path.exists() and not (
            os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)
        )
        if not self.readonly:
            make_file(self.path)  # SQLite gives its -wal and -shm the rights of this file
        raw = self._dial(self._mode(), busy_s)
        try:
            raw.execute("pragma trusted_schema = off")  # the schema in the file was not checked yet
            raw.execute("pragma cell_size_check = on")
            if self.readonly:
                raw.execute("select count(*) from sqlite_schema").fetchone()
            else:
                _wal(raw, busy_s)
                raw.execute("pragma synchronous = full")
                raw.execute(f"pragma cache_size = -{CACHE_KB}")
                raw.execute(f"pragma wal_autocheckpoint = {LONG_LOG_PAGES}").fetchone()
        except dbapi.DatabaseError:
            raw.close()
            raise
        return raw

    def _refuse_links(self) -> None:
        """Refuse links in the place of SQLite's files, since SQLite opens them by name.

        The store itself may be reached through a link of root or of this user.
        """
        for suffix in BESIDE:
            nofollow.refuse_link(self.path.with_name(self.path.name + suffix))
        if self.path.is_symlink() and self.path.lstat().st_uid in nofollow.trusted():
            return
        nofollow.refuse_link(self.path)

    def _mode(self) -> str:
        if not self.readonly:
            return "rw"
        # On a read-only disk SQLite needs no lock, and could not create its files.
        still = os.statvfs(self.path.parent).f_flag & os.ST_RDONLY
        return "ro&immutable=1" if still else "ro"

    def _dial(self, mode: str, busy_s: float) -> Any:
        raw = dbapi.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=busy_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        raw.row_factory = dbapi.Row
        return raw

    def run(self, query: str, /, **values: object) -> int:
        """Execute and return how many rows changed."""
        count: int = self._raw.execute(SQL.get(query, query), values).rowcount
        return count

    def all(self, query: str, /, **values: object) -> list[Row]:
        rows: list[Row] = self._raw.execute(SQL.get(query, query), values).fetchall()
        return rows

    def table(self, query: str, columns: Sequence[str], /, **values: object) -> list[list[Any]]:
        """All rows in one step; SQLite's driver would let another thread run before each row."""
        if query not in self._tables:
            names = joined(", ", (f'"{name}"' for name in columns))
            self._tables[query] = (
                f"select json_group_array(json_array({names})) from ({SQL[query]})"  # noqa: S608
            )
        rows: list[list[Any]] = json.loads(
            self._raw.execute(self._tables[query], values).fetchone()[0]
        )
        return rows

    def one(self, query: str, /, **values: object) -> Row | None:
        return self._raw.execute(SQL.get(query, query), values).fetchone()

    def scalar(self, query: str, /, **values: object) -> Any:
        row = self._raw.execute(SQL.get(query, query), values).fetchone()
        return None if row is None else row[0]

    def stream(self, query: str, size: int) -> Iterator[list[Row]]:
        """Rows in batches, within a transaction; no more than ``size`` are in memory."""
        cursor = self._raw.execute(query)
        while rows := cursor.fetchmany(size):
            yield rows

    def tend(self) -> None:
        """Do a checkpoint early, so that no other process has to."""
        self._raw.execute(f"pragma wal_autocheckpoint = {LOG_PAGES}").fetchone()

    def script(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._raw.execute(statement)

    @contextmanager
    def write(self, *, always: bool = False, wait: bool = True) -> Iterator[None]:
        """A write transaction; one that changed no row is rolled back, so that it wakes nobody.

        ``always``: commit in any case (changes of the schema change no row).  ``wait``: wait for
        other writers, present and queued.

        :raises StoreBusy: nothing was recorded.
        :raises InputError: this user may only read the store.
        """
        if self.readonly:
            raise InputError(say("the store {path} may only be read by this user", path=self.path))
        with self._human():
            self._begin(wait)
            before = self._raw.total_changes
            try:
                yield
                changed = always or self._raw.total_changes != before
                self._raw.execute("commit" if changed else "rollback")
            except BaseException:
                if self._raw.in_transaction:
                    self._raw.execute("rollback")
                raise

    def _begin(self, wait: bool) -> None:
        """Wait for the write lock by trying often.

        SQLite's own waiting tries less and less often, down to ten times a second.  It would nearly
        always miss the few milliseconds between two transactions of a busy daemon.
        """
        end = time.monotonic() + (self._busy_s if wait else 0.0)
        self._wait_inside(False)
        if not self._queue.take(wait=wait):
            raise StoreBusy(
                say("the store {path}: another program wants to write to it", path=self.path)
            )
        try:
            while True:
                try:
                    self._raw.execute("begin immediate")
                except dbapi.OperationalError as error:
                    if not _is(error, "busy", "locked") or time.monotonic() >= end:
                        raise
                    time.sleep(ASK_S)
                else:
                    return
        finally:
            self._queue.leave()

    def _wait_inside(self, patient: bool) -> None:
        """Set whether SQLite itself waits for locks: always, except in :meth:`_begin`."""
        if patient is not self._patient:
            wait_ms = round(self._busy_s * 1000) if patient else 0
            self._raw.execute(f"pragma busy_timeout = {wait_ms}")
            self._patient = patient

    @contextmanager
    def read(self) -> Iterator[None]:
        """One consistent view of the store."""
        with self._human():
            self._wait_inside(True)
            self._raw.execute("begin")
            try:
                yield
            finally:
                if self._raw.in_transaction:
                    self._raw.execute("rollback")

    def backup(self, to: Path) -> None:
        """A copy in one file, for its owner alone, on disk when this returns."""
        os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            target = dbapi.connect(to)
            try:
                self._wait_inside(True)
                self._raw.backup(target)
                target.execute("pragma journal_mode = delete").fetchone()
            finally:
                target.close()
        except dbapi.DatabaseError as error:
            # SQLite does not tell which side failed; a full disk is that of the copy
            if _is(error, "corrupt", "notadb"):
                raise Damaged(
                    say("the store {path} is damaged: {why}", path=self.path, why=_why(error))
                ) from None
            raise StoreBusy(
                say("the copy {to} cannot be made: {why}", to=to, why=_why(error))
            ) from None

    def put(self, source: Path) -> None:
        """Replace the whole content by that of ``source``; other connections see the change."""
        copy = dbapi.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        try:
            with self._human():
                self._wait_inside(True)
                try:
                    copy.backup(self._raw)
                except dbapi.OperationalError as error:  # it may come without SQLite's name of it
                    raise StoreBusy(
                        say(
                            "the store {path} cannot be written: {why}; check its disk",
                            path=self.path,
                            why=_why(error),
                        )
                    ) from None
        finally:
            copy.close()

    def close(self) -> None:
        self._raw.close()
        self._queue.close()

    @contextmanager
    def _human(self) -> Iterator[None]:
        try:
            yield
        except dbapi.IntegrityError:
            raise
        except dbapi.DatabaseError as error:
            if _is(error, "corrupt", "notadb"):
                raise Damaged(
                    say("the store {path} is damaged: {why}", path=self.path, why=_why(error))
                ) from None
            if _is(error, *_DISK):
                raise StoreBusy(
                    say("the store {path}: {why}", path=self.path, why=_why(error))
                ) from None
            raise


def _wal(raw: Any, busy_s: float) -> None:
    """Turn on the write-ahead log; waits here, because SQLite does not wait for this lock."""
    end = time.monotonic() + busy_s
    while True:
        try:
            raw.execute("pragma journal_mode = wal").fetchone()
        except dbapi.OperationalError as error:
            if not _is(error, "busy", "locked") or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _is(error: Exception, *names: str) -> bool:
    """Whether SQLite's own name of the error is one of ``names`` or an extension of it."""
    code: str = getattr(error, "sqlite_errorname", "")
    return code.removeprefix("SQLITE_").lower().split("_")[0] in names


def _why(error: Exception) -> str:
    if _is(error, "notadb"):
        return say("the file {not_ours}", not_ours=_NOT_OURS)
    if _is(error, "corrupt"):
        return say("the file is damaged; restore a backup (broadcaster restore)")
    if _is(error, "full"):
        return say("the disk is full; free some space")
    if _is(error, "readonly"):
        return say("it cannot be written; check the owner and rights of the file and its folder")
    if _is(error, "cantopen"):
        return say("the file or its folder cannot be opened; check state_dir in the config")
    if _is(error, "busy", "locked"):
        return say("another program is writing to it for too long; try again")
    if _is(error, "ioerr"):
        return say(
            "the disk reports an error ({reason}); check it and its free space", reason=error
        )
    if _is(error, "protocol"):
        return say(
            "the disk refuses a lock; check it, and that it is no network disk without locks"
        )
    return str(error)
