"""Translates PostgreSQL's errors, for people at the start and for a running daemon."""

from __future__ import annotations

import psycopg
from psycopg import errors

from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.store import StoreBusy

_CERTIFICATE = say(
    "over a network the server must prove who it is: put its authority's "
    "certificate into ~/.postgresql/root.crt (or name it with "
    "sslrootcert= in [store] url)"
)
_GIVEN_AWAY = say(
    "it asked for the password in a way that gives it away: set the "
    "method scram-sha-256 in its pg_hba.conf and password_encryption, or "
    "see who answers there"
)
_ADVICE = (
    ("certificate", _CERTIFICATE),
    (
        "does not support ssl",
        say("turn on ssl in the server's postgresql.conf; {certificate}", certificate=_CERTIFICATE),
    ),
    ("method requirement", _GIVEN_AWAY),
    ("password", say("check user and password_file in [store]")),
    (
        "authentication",
        say("check user and password_file in [store], and the server's pg_hba.conf"),
    ),
    ("pg_hba.conf", say("let this machine and user in, in the server's pg_hba.conf")),
    ("role", say("create the user there: createuser NAME")),
    ("database", say("create it there: createdb --owner=USER NAME")),
    ("starting up", say("wait a moment and try again")),
    ("too many", say("raise max_connections of the server, or stop what uses them up")),
)
_UNREACHABLE = say("check [store] url, that the server runs, and that this machine reaches it")
_PASSING = (
    "08",  # the connection is gone
    "40",  # a deadlock, or another transaction won
    "53",  # disk full, memory, connections
    "57",  # shut down, cancelled, starting up
    "58",  # input and output
    "25006",  # read-only: a standby, or a disk that is full
    "25P0",  # idle in a transaction for too long: this process stood still
    "55P03",  # a lock was not to be had in time
)
"""Prefixes of SQLSTATEs after which another attempt can succeed.

:source: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""


def cannot_open(where: str, error: psycopg.Error) -> InputError:
    """The error for a connection that cannot be opened."""
    said = _first_line(error)
    advice = next((advice for word, advice in _ADVICE if word in said.lower()), _UNREACHABLE)
    return InputError(
        say(
            "the store {where} cannot be opened: {text}; {advice}",
            where=where,
            text=said,
            advice=advice,
        )
    )


def translated(where: str, error: psycopg.Error) -> Exception | None:
    """:class:`StoreBusy` or :class:`InputError` instead of ``error``; None: it is a bug of ours."""
    code = error.sqlstate or "08"
    if isinstance(error, errors.InsufficientPrivilege):
        return InputError(
            say(
                "the store {where} may not be written by this user: {first_line}",
                where=where,
                first_line=_first_line(error),
            )
        )
    if isinstance(error, errors.DiskFull):
        return StoreBusy(
            say(
                "the store {where}: its disk is full; free some space, nothing is lost", where=where
            )
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return StoreBusy(
            say("the store {where} is read-only now: a standby, or a full disk", where=where)
        )
    if isinstance(error, errors.LockNotAvailable):
        return StoreBusy(
            say(
                "the store {where}: another program is writing to it for too long; try it again",
                where=where,
            )
        )
    if isinstance(error, psycopg.DataError) and "NUL" in str(error):
        return InputError(
            say("the text holds a NUL character, which PostgreSQL cannot keep; remove it")
        )
    outside = isinstance(
        error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError
    )
    if outside and code.startswith(_PASSING):
        return StoreBusy(
            say("the store {where}: {first_line}", where=where, first_line=_first_line(error))
        )
    return None


def _first_line(error: psycopg.Error) -> str:
    """The server's own text, without libpq's prefix and the hints after it."""
    said = str(error).strip()
    if "FATAL:" in said:
        said = said.rsplit("FATAL:", 1)[1]
    said = said.strip().split("\n")[0]
    for prefix in ("connection failed: ", "connection is bad: "):
        said = said.removeprefix(prefix)
    return said.rstrip(".") or type(error).__name__
