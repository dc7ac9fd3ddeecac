"""The one place that chooses the SQLite library.

``pysqlite3`` carries its own, newer SQLite; the standard library uses whatever the machine has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcaster.errors import InputError

__all__ = ["ENGINE", "NEEDED", "dbapi", "require"]

if TYPE_CHECKING:
    import sqlite3 as dbapi

    NAME = ""
else:
    try:
        from pysqlite3 import dbapi2 as dbapi

        NAME = "pysqlite3"
    except ImportError:
        import sqlite3 as dbapi

        NAME = "sqlite3"

NEEDED = (3, 38, 0)
"""``->>`` came with 3.38, ``update … from`` with 3.33, ``returning`` with 3.35.

:source: https://www.sqlite.org/changes.html
"""

ENGINE = f"SQLite {dbapi.sqlite_version} ({NAME})"


def require() -> None:
    """Refuse a library that cannot run our SQL.

    :raises InputError: it is older than :data:`NEEDED`.
    """
    if dbapi.sqlite_version_info < NEEDED:
        needed = ".".join(map(str, NEEDED))
        raise InputError(
            f"{ENGINE} is too old, {needed} is needed: install the extra `sqlite` "
            "(pip install 'channel-broadcaster[sqlite]')"
        )
