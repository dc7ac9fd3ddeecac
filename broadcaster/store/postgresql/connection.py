"""A connection that reconnects, its transactions, and the recovery of lost answers."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import Any, NoReturn

import psycopg
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.waiting import wait_async

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Micros
from broadcaster.store.postgresql.address import SILENCE_S, Address
from broadcaster.store.postgresql.failures import cannot_open, translated
from broadcaster.store.postgresql.rows import Row, row_factory
from broadcaster.store.queries import load, shared_for_psycopg
from broadcaster.store.store import StoreAway, StoreBusy, StoreUnsure

log = logging.getLogger(__name__)

SQL = {**shared_for_psycopg(), **load(Path(__file__).parent / "sql")}
NEEDED = 14
"""The oldest server: ``client_connection_check_interval`` came with 14; 13 is no longer supported.

:source: https://www.postgresql.org/support/versioning/
"""
BUSY_S = SILENCE_S + 5.0
"""Seconds to wait for another writer; longer than the server lets a process that stands still in a
transaction keep its locks."""
_SESSION = """
set search_path = broadcaster;
set timezone = 'UTC';
set jit = off;
set plan_cache_mode = force_custom_plan;
set lock_timeout = {lock_ms};
set statement_timeout = '2min';
set idle_in_transaction_session_timeout = '{silence}s';
set client_connection_check_interval = '{silence}s';
set tcp_user_timeout = '{silence}s';
"""


class Beside(StrEnum):
    """The work that may run concurrently with a write transaction, by the locks it begins with.

    Locks on three empty tables, always taken in the order fan_outs_turn, decisions_turn,
    lanes_turn (a tick shares the last two, see functions.sql).  All others queue behind a
    transaction that waits for decisions_turn.  So a transaction that must wait for a fan-out, which
    takes longer than a tick, waits for fan_outs_turn first.
    """

    NOTHING = (
        "begin; lock table fan_outs_turn in exclusive mode;"
        " lock table decisions_turn in exclusive mode"
    )
    """For the general path."""
    TICKS = (
        "begin; lock table fan_outs_turn in exclusive mode;"
        " lock table decisions_turn in row share mode"
    )
    """For a fan-out; waits for another one."""
    TICKS_AND_FAN_OUTS = "begin; lock table decisions_turn in row share mode"
    """For transactions that touch no lane."""


_CLOCK = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint"


class Connection:
    """Always in autocommit; transactions are opened by name.

    The next transaction reopens a lost connection; ``greeted`` is called on every new one.

    :raises InputError: the first connection cannot be opened.
    :raises StoreBusy: a later one cannot.
    """

    def __init__(
        self,
        address: Address,
        *,
        busy_s: float = BUSY_S,
        greeted: Callable[[Connection], None] | None = None,
    ) -> None:
        self.address = address
        self.greeted = greeted
        self._session = _SESSION.format(lock_ms=round(busy_s * 1000), silence=SILENCE_S)
        self._raw = self._connect()

    @property
    def engine(self) -> str:
        version = self._raw.info.parameter_status("server_version") or ""
        return say("PostgreSQL {split}", split=version.split(" ")[0])

    def run(self, query: str, /, **values: object) -> int:
        """Execute and return how many rows changed."""
        return self._execute(query, values).rowcount

    def all(self, query: str, /, **values: object) -> list[Row]:
        return self._execute(query, values).fetchall()

    def table(
        self, query: str, columns: Sequence[str], /, **values: object
    ) -> Sequence[Sequence[Any]]:
        rows = self.all(query, **values)
        if not rows:
            return rows
        chosen = itemgetter(*map(rows[0].places.__getitem__, columns))
        return [chosen(tuple(row)) for row in rows]

    def one(self, query: str, /, **values: object) -> Row | None:
        return self._execute(query, values).fetchone()

    def scalar(self, query: str, /, **values: object) -> Any:
        row = self._execute(query, values).fetchone()
        return None if row is None else row[0]

    def stream(self, query: str, size: int) -> Iterator[list[Row]]:
        """Rows in batches, within a transaction; no more than ``size`` are in memory."""
        with self._raw.cursor(name="rows") as cursor:
            cursor.execute(query.encode())
            while rows := cursor.fetchmany(size):
                yield rows

    def script(self, statements: str) -> None:
        self._raw.execute(statements.encode())

    @contextmanager
    def write(self, now: Micros | None = None, beside: Beside = Beside.NOTHING) -> Iterator[Micros]:
        """A write transaction; gives ``now``, or the database's clock.

        :raises StoreBusy: nothing was recorded, or its text says that this is not known.
        :raises InputError: this user may not write.
        """
        with self._human():
            self._begin(beside)
            with self._rolled_back():
                yield self.clock(now)
                number: str | None = self.scalar("select pg_current_xact_id_if_assigned()::text")
            self._commit(number)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A write transaction on tables that the queue does not use."""
        with self._human():
            self._begin("begin")
            with self._rolled_back():
                yield
            self._raw.execute("commit")

    @contextmanager
    def read(self, now: Micros | None = None) -> Iterator[Micros]:
        """One consistent view of the store."""
        with self._human():
            self._begin("begin isolation level repeatable read read only")
            with self._rolled_back():
                yield self.clock(now)
            self._raw.execute("rollback")

    @contextmanager
    def single(self) -> Iterator[None]:
        """For one statement that is a transaction by itself; it may run beside others.

        :raises StoreBusy: with a connection that was lost, whether it was recorded is not known.
        """
        with self._human():
            if self._raw.closed:
                self._again()
            yield

    async def ask(self, query: str, *values: str | int | None) -> Any:
        """The one value that ``query`` gives as JSON, while the event loop goes on.

        It is a transaction by itself, and takes its values as $1, $2 and so on.

        :raises StoreBusy: with a connection that was lost, whether it was recorded is not known.
        """
        with self._human():
            raw = self._raw.pgconn
            try:
                texts = [None if value is None else str(value).encode() for value in values]
                raw.send_query_params(SQL[query].encode(), texts)
                # without an interval, psycopg would poll in a busy loop
                (result,) = await wait_async(execute(raw), raw.socket, interval=SILENCE_S)
            except BaseException:
                self._raw.close()  # the next caller must not receive this answer
                raise
            if result.status != ExecStatus.TUPLES_OK:
                raise error_from_result(result)
            return json.loads(result.get_value(0, 0) or b"null")

    def clock(self, now: Micros | None) -> Micros:
        if now is not None:
            return now
        found: Micros = self.scalar(_CLOCK)
        return found

    def close(self) -> None:
        self._raw.close()

    def _execute(self, query: str, values: dict[str, object]) -> psycopg.Cursor[Row]:
        return self._raw.execute(SQL.get(query, query).encode(), values or None)

    # --- transactions -------------------------------------------------------------------------

    def _begin(self, words: str) -> None:
        """Begin a transaction; notices a lost connection here, before anything is done."""
        if not self._raw.closed:
            try:
                self._raw.execute(words.encode())
            except psycopg.OperationalError:
                if not self._raw.closed:
                    self._roll_back()
                    raise
            else:
                return
        self._again()
        with self._rolled_back():
            self._raw.execute(words.encode())

    @contextmanager
    def _rolled_back(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(psycopg.Error):
            if not self._raw.closed:
                self._raw.execute("rollback")

    def _commit(self, number: str | None) -> None:
        """Commit; ``number``: the transaction's id, None: it has written nothing."""
        lost = self._raw
        try:
            lost.execute("commit")
        except psycopg.OperationalError as error:
            if not lost.closed:
                raise
            if number is not None and not self._was_committed(number, lost.info.backend_pid):
                self._fail(error, say("the connection was lost, and nothing was recorded"))

    def _was_committed(self, number: str, backend: int) -> bool:
        """Ask the server on a new connection whether a commit without an answer succeeded."""
        end = time.monotonic() + SILENCE_S
        while time.monotonic() < end:
            try:
                if self._raw.closed:
                    self._again()
                status = self.scalar("select pg_xact_status(%(number)s::xid8)", number=number)
            except (psycopg.OperationalError, StoreBusy):
                status = "in progress"
            if status in {"committed", "aborted"}:
                log.warning("the connection was lost at a commit, which was %s", status)
                return bool(status == "committed")
            with suppress(psycopg.Error):
                self.scalar("select pg_terminate_backend(%(pid)s)", pid=backend)
            time.sleep(0.2)
        raise StoreUnsure(
            say(
                "the store {shown}: the connection was lost at the last moment, and "
                "it is not known whether this was recorded; look (`list`, `status`) "
                "before you repeat it",
                shown=self.address.shown,
            )
        )

    # --- connecting ---------------------------------------------------------------------------

    def _connect(self) -> psycopg.Connection[Row]:
        try:
            raw: psycopg.Connection[Row] = psycopg.connect(
                self.address.conninfo(), autocommit=True, row_factory=row_factory
            )
        except psycopg.Error as error:
            raise cannot_open(self.address.shown, error) from None
        try:
            version = raw.info.server_version // 10000
            if version < NEEDED:
                raise InputError(
                    say(
                        "the store {shown} is PostgreSQL {version}, {needed} or newer is "
                        "needed: upgrade the server, or use another one",
                        shown=self.address.shown,
                        version=version,
                        needed=NEEDED,
                    )
                )
            raw.execute(self._session.encode())
        except BaseException:
            raw.close()
            raise
        return raw

    def _again(self) -> None:
        """Reconnect.

        :raises StoreBusy: the server cannot be reached now.
        """
        self._raw.close()
        try:
            self._raw = self._connect()
            if self.greeted is not None:
                self.greeted(self)
        except BaseException as error:
            self._raw.close()  # unusable before `greeted` has succeeded
            if isinstance(error, InputError):
                raise StoreAway(str(error)) from None
            raise
        log.info("the store %s is reached again", self.address.shown)

    def _fail(self, error: psycopg.Error, why: str) -> NoReturn:
        raise StoreBusy(
            say("the store {shown}: {why}", shown=self.address.shown, why=why)
        ) from error

    @contextmanager
    def _human(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if (meant := translated(self.address.shown, error)) is None:
                raise
            raise meant from None
