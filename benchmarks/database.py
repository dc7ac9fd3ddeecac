"""A PostgreSQL of the row's own, for as long as it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.measure import Missing


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database.

    :raises Missing: there is no PostgreSQL here.
    """
    try:
        from broadcaster.testing.postgres import Server
    except ImportError:
        raise Missing(
            "psycopg is not installed: pip install 'channel-broadcaster[postgresql]'"
        ) from None
    try:
        server = Server()
    except FileNotFoundError as error:
        raise Missing(str(error)) from None
    with server:
        yield server.url()
