"""The durable queue: one port, an implementation per database."""

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
    """The store at ``url``; ``password_file`` holds the password of a database server.

    ``busy_s``: how long to wait for another writer; None: as long as that kind of store needs.

    ``folder`` (``state_dir``): where a relative path of a file begins, and where this machine
    keeps what belongs to a database server's store.

    :raises InputError: an unknown scheme, or a store that cannot be opened.
    """
    scheme, found, rest = url.partition("://")
    patience = {} if busy_s is None else {"busy_s": busy_s}
    if found and scheme == "sqlite":
        from broadcaster.store.sqlite.store import SqliteStore

        return SqliteStore((folder or Path()) / rest.removeprefix("/"), **patience)
    if found and scheme in {"postgresql", "postgres"}:
        try:
            from broadcaster.store.postgresql.store import PostgresStore
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
