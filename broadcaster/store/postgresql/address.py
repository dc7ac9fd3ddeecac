"""Where the database is, and how a connection to it behaves when the other side falls silent."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg import Error, ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from broadcaster.config.tokens import secret_file
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.postgresql.guards import guards, weak

CONNECT_S = 5
"""For a connection to come about; several hosts in one address are tried one after the other."""
SILENCE_S = 15
"""Neither side waits longer for one that is gone without a word: far below a lease."""


class Address:
    """A database by its URL, with the password that a file holds.

    :raises InputError: it is no URL of PostgreSQL, or the file cannot be used.
    """

    def __init__(self, url: str, password_file: Path | None = None) -> None:
        try:
            parts = conninfo_to_dict(url)
        except ProgrammingError as error:
            raise InputError(
                say("[store] url is no address of PostgreSQL: {reason}", reason=error)
            ) from None
        parts.pop("password", None)
        self._url = url
        self._password_file = password_file
        place = parts.get("host") or parts.get("hostaddr") or say("this machine")
        if "/" in str(place):
            place = say("this machine")
        port = f":{parts['port']}" if "port" in parts else ""
        user = f"{parts['user']}@" if "user" in parts else ""
        self.shown = f"postgresql://{user}{place}{port}/{parts.get('dbname', '')}"
        """For people: without a password and other parameters."""

    def flaws(self) -> list[str]:
        """What the address says less strictly than it might, for people."""
        return list(weak(conninfo_to_dict(self._url), os.environ))

    def conninfo(self) -> str:
        """What libpq is given; the password's file is read anew, so that it may change."""
        more: dict[str, str | int] = {
            "connect_timeout": CONNECT_S,
            "application_name": "broadcaster",
            "keepalives_idle": SILENCE_S // 3,
            "keepalives_interval": SILENCE_S // 3,
            "keepalives_count": 2,
            "tcp_user_timeout": SILENCE_S * 1000,
        }
        known = conninfo_to_dict(self._url)
        more = {name: value for name, value in more.items() if name not in known}
        more |= guards(known, os.environ, Path.home())
        if self._password_file is not None:
            more["password"] = secret_file(
                self._password_file, say("[store] password_file")
            ).reveal()
        try:
            return make_conninfo(self._url, **more)
        except Error as error:
            raise InputError(
                say("[store] url is no address of PostgreSQL: {reason}", reason=error)
            ) from None
