"""The durable queue: one interface, and an implementation for each database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import InputError

if TYPE_CHECKING:
    from broadcaster.store.store import Store


def open_store(
    url: str,
    *,
    folder: Path | None = None,
    password_file: Path | None = None,
    busy_s: float | None = None,
) -> Store:
    """Open the store at ``url``.

    :param folder: the office's ``state_dir``.  A relative path of a SQLite file begins there, and
        a PostgreSQL store keeps its local files there.
    :param password_file: holds the password of a database server.
    :param busy_s: seconds to wait for another writer; None: the default of the kind of store.
    :raises InputError: an unknown scheme, or a store that cannot be opened.
    """
    scheme, separator, path = url.partition("://")
    patience = {} if busy_s is None else {"busy_s": busy_s}
    if separator and scheme == "sqlite":
        from broadcaster.store.sqlite.store import SqliteStore  # here: only one driver is loaded

        return SqliteStore((folder or Path()) / path.removeprefix("/"), **patience)
    if separator and scheme in {"postgresql", "postgres"}:
        try:
            from broadcaster.store.postgresql.store import PostgresStore  # here: optional
        except ImportError:
            raise InputError(
                "PostgreSQL needs the extra `postgresql`: "
                "pip install 'channel-broadcaster[postgresql]'"
            ) from None
        return PostgresStore(url, password_file=password_file, folder=folder, **patience)
    raise InputError(
        f'the store {scheme}:// is not known; write url = "sqlite:///broadcaster.db" or '
        '"postgresql://user@host/name" in [store]'
    )
